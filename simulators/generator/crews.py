"""Who is called in a generated city: roles, never persons, so that no red route ends at nobody.

Each street has a team per family of hazards, each community its wardens, each district a desk,
and the city its operations centre, which answers for everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shared.domain.hazard import Hazard
from shared.domain.person import Address, Duty, Person, Team
from simulators.generator.areas import (
    city_id,
    city_name,
    community_id,
    community_name,
    district_id,
    district_name,
    street_id,
    street_name,
)
from simulators.generator.plan import Plan
from simulators.generator.words import Name


@dataclass(frozen=True, slots=True)
class Crew:
    team: Team
    people: tuple[Person, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Family:
    key: str
    en: str
    zh: str
    foreman: str
    hazards: tuple[Hazard, ...]


FAMILIES: Final = (
    Family("water", "Water", "水务", "抢修班长", (Hazard.WATER, Hazard.MACHINE)),
    Family("fire", "Fire", "消防", "中队长", (Hazard.FIRE, Hazard.FIRE_WATER)),
    Family("gas", "Gas and tunnels", "燃气管廊", "抢修班长", (Hazard.GAS, Hazard.FLOOD)),
)


def crews(plan: Plan) -> Iterator[Crew]:
    """Every team with its people and duties, the nearest to the street first."""
    seed = plan.seed
    for street in range(plan.streets):
        for family in FAMILIES:
            yield _street_crew(family, street_id(street), street_name(seed, street))
    for community in range(plan.communities):
        yield _wardens(community_id(community), community_name(seed, community))
    for district in range(plan.districts):
        en, zh = district_name(seed, district)
        area = district_id(district)
        yield _desk("desk", area, (f"District duty desk, {en}", f"{zh}区应急值班室"))
    en, zh = city_name(seed)
    yield _desk("centre", city_id(seed), (f"City operations centre, {en}", f"{zh}市应急指挥中心"))


def _street_crew(family: Family, area: str, name: Name) -> Crew:
    people = (
        _role(f"{family.key}-desk-{area}", f"{family.en} desk, {name[0]}", "en"),
        _role(f"{family.key}-crew-{area}", f"{name[1]}{family.zh}{family.foreman}", "zh"),
    )
    team = Team(
        f"{family.key}-{area}",
        f"{family.en} team, {name[0]}",
        f"{name[1]}{family.zh}值班组",
        tuple(one.id for one in people),
    )
    return Crew(team, people, tuple(Duty(area, hazard, team.id) for hazard in family.hazards))


def _wardens(area: str, name: Name) -> Crew:
    warden = _role(f"warden-{area}", f"{name[1]}社区网格值班员", "zh")
    team = Team(f"wardens-{area}", f"Wardens, {name[0]}", f"{name[1]}社区网格组", (warden.id,))
    return Crew(team, (warden,), (Duty(area, None, team.id),))


def _desk(key: str, area: str, name: Name) -> Crew:
    people = (
        _role(f"{key}-{area}", name[0], "en"),
        _role(f"lead-{area}", f"{name[1]}值班长", "zh"),
    )
    team = Team(f"{key}-{area}", name[0], name[1], tuple(one.id for one in people))
    return Crew(team, people, (Duty(area, None, team.id),))


def _role(key: str, name: str, language: str) -> Person:
    return Person(key, name, language, (Address("console", key),))
