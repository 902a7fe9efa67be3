"""A made-up city of any size, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shared.domain.place import Link
from shared.domain.registry import Registry
from simulators.generator.areas import areas, city_name
from simulators.generator.crews import crews
from simulators.generator.pieces import SitePieces
from simulators.generator.plan import Plan, plan
from simulators.generator.ties import ties

TIMEZONE: Final = "Asia/Shanghai"


def generate(seed: int, sensors: int) -> Registry:
    """A city of exactly so many sensors, complete and consistent.

    A smaller city of the same seed is its beginning, up to the smaller one's last site. Raises
    BadInput for a size or seed that cannot be.
    """
    planned = plan(seed, sensors)
    pieces = list(sites(planned))
    crew = list(crews(planned))
    return Registry(
        name=city_name(seed)[0],
        timezone=TIMEZONE,
        areas={area.id: area for area in areas(planned)},
        sites={one.id: one.site() for one in pieces},
        assets={asset.id: asset for one in pieces for asset in one.assets()},
        sensors={sensor.id: sensor for one in pieces for sensor in one.sensors()},
        links=tuple(links(planned)),
        people={person.id: person for one in crew for person in one.people},
        teams={one.team.id: one.team for one in crew},
        duties=tuple(duty for one in crew for duty in one.duties),
    )


def sites(plan: Plan) -> Iterator[SitePieces]:
    """Every site of a plan in order."""
    for site in range(plan.sites):
        yield SitePieces(plan.seed, site, plan.template(site))


def links(plan: Plan) -> Iterator[Link]:
    """Inside sites and between them, community by community."""
    for community in range(plan.communities):
        pieces = [
            SitePieces(plan.seed, site, plan.template(site)) for site in plan.sites_of(community)
        ]
        for one in pieces:
            yield from one.links()
        yield from ties(pieces)
