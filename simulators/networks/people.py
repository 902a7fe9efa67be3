"""Who answers for a network city: a crew for each zone, a desk for all."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.hazard import Hazard
from shared.domain.person import Address, Duty, Person, Team


def those_responsible(
    city: str, areas: Sequence[str]
) -> tuple[dict[str, Person], dict[str, Team], tuple[Duty, ...]]:
    """People, teams and duties that leave no area and no hazard without somebody to call."""
    people = {
        id_: Person(id_, name, language, (Address("console", id_),))
        for id_, name, language in (
            ("crew-lead", "Li Na", "zh"),
            ("crew-second", "Zhou Jun", "zh"),
            ("desk-day", "Ada Brook", "en"),
            ("desk-night", "Sam Hill", "en"),
        )
    }
    crew = Team("network-crew", "Network crew", "管网抢修队", ("crew-lead", "crew-second"))
    desk = Team("network-desk", "Network desk", "管网调度台", ("desk-day", "desk-night"))
    duties = [Duty(city, None, desk.id)]
    duties += [Duty(area, Hazard.WATER, crew.id) for area in areas if area != city]
    return people, {crew.id: crew, desk.id: desk}, tuple(duties)
