"""Scenarios to be evaluated, each with the city it plays in and what was true in it.

The only file here that knows how scenarios are found and played. What cannot be played is told
apart from what is wrong: a network nobody has is "not run", a name nobody knows is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.evaluation.model import Expected
from services.evaluation.truth import expected_of
from shared.domain.registry import Registry
from simulators.frames import Frame
from simulators.scenario import Scenario, frames_of, list_scenarios, load_scenario

DURATION_S: Final = 1500.0
"""How long a scenario is played that has no end of its own."""
MONDAY: Final = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
HOURS_BETWEEN_SEEDS: Final = 5
"""Five and twenty-four share no factor, so 24 seeds begin at 24 different hours of the day."""
RUN: Final = "evaluation"
UNKNOWN_FAMILY: Final = "-"


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario, ready to be played."""

    name: str
    family: str
    scenario: Scenario
    registry: Registry
    expected: tuple[Expected, ...]
    duration_s: float

    def start(self, seed: int) -> datetime:
        """When a seed begins: another hour of the day for each."""
        return MONDAY + timedelta(hours=HOURS_BETWEEN_SEEDS * seed % 24)

    def frames(self, seed: int) -> Iterator[Frame]:
        """Its messages in order of sending."""
        return frames_of(
            self.scenario,
            self.registry,
            seed=seed,
            start=self.start(seed),
            run=RUN,
            duration_s=self.duration_s,
        )

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that live in it."""
        return self.scenario.sites or tuple(sorted(self.registry.sites))


def names_of_all() -> tuple[str, ...]:
    """Every bundled scenario."""
    return tuple(listed.name for listed in list_scenarios())


def open_case(name: str, city: Registry) -> Case:
    """A scenario by name or path; raises what ``load_scenario`` raises."""
    scenario = load_scenario(name, city)
    return Case(
        name=scenario.name,
        family=str(getattr(scenario, "family", None) or UNKNOWN_FAMILY),
        scenario=scenario,
        registry=city,
        expected=expected_of(scenario, city),
        duration_s=scenario.duration_s or DURATION_S,
    )


def family_of(name: str) -> str:
    """The family of a bundled scenario, also of one that cannot be played here."""
    listed = {one.name: one for one in list_scenarios()}
    return str(getattr(listed.get(name), "family", None) or UNKNOWN_FAMILY)
