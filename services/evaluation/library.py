"""Scenarios to be evaluated, each with the city it plays in and what was true in it.

The only file here that knows how scenarios are found and played. A seed decides the noise, and in
scenarios that leave something open also the place and the size of what happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.evaluation.model import Expected
from services.evaluation.truth import expected_of
from shared.domain.registry import Registry
from simulators.frames import Frame
from simulators.scenario import Staged, frames_of, list_scenarios, stage

DURATION_S: Final = 1500.0
"""How long a scenario is played that has no end of its own."""
RUN: Final = "evaluation"
NO_FAMILY: Final = "-"


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario under one seed, ready to be played."""

    name: str
    family: str
    staged: Staged
    expected: tuple[Expected, ...]
    seed: int

    @property
    def registry(self) -> Registry:
        return self.staged.registry

    @property
    def start(self) -> datetime:
        return self.staged.scenario.start

    @property
    def duration_s(self) -> float:
        return self.staged.scenario.duration_s or DURATION_S

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that live in it."""
        return self.staged.scenario.sites or tuple(sorted(self.registry.sites))

    @property
    def has_lies(self) -> bool:
        """Some of its sensors do not show what is."""
        return bool(self.staged.scenario.faults)

    def frames(self, *, honest: bool = False) -> Iterator[Frame]:
        """Its messages in order of sending; ``honest`` as they were if no sensor lied."""
        scenario = self.staged.scenario
        return frames_of(
            scenario.model_copy(update={"faults": ()}) if honest else scenario,
            self.registry,
            seed=self.seed,
            start=self.start,
            run=RUN,
            duration_s=self.duration_s,
        )


def names_of_all() -> tuple[str, ...]:
    """Every bundled scenario."""
    return tuple(listed.name for listed in list_scenarios())


def open_case(name: str, city: Registry, seed: int) -> Case:
    """A scenario by name, id or path; ``city`` is where it plays if it names no city of its own.

    Raises BadInput where there is no such scenario or its city cannot be had, and BadScenario with
    every fault of the file.
    """
    staged = stage(name, city, seed=seed)
    scenario = staged.scenario
    return Case(
        name=scenario.name,
        family=scenario.family.value if scenario.family else NO_FAMILY,
        staged=staged,
        expected=expected_of(staged),
        seed=seed,
    )


def bundled(name: str) -> tuple[str, str] | None:
    """Name and family of a bundled scenario asked for by name or id; None for none."""
    for one in list_scenarios():
        if name in {one.name, one.path.stem} or (one.id and name.upper() == one.id):
            return one.name, one.family or NO_FAMILY
    return None
