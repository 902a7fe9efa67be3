"""Whom an incident of each level calls, in what order and how patiently.

A policy is complete: every level has a ladder of at least one step and a reminder, so there is no
level at which an unanswered incident could fall silent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from shared.domain.level import Level
from shared.domain.place import AreaKind
from shared.errors import BadSettings

PATIENCE_S_MIN: Final = 1.0
STEPS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Step:
    areas: tuple[AreaKind, ...]
    """The owners at these heights of the area tree are called together."""
    patience: timedelta
    """How long they have before the ladder climbs."""
    whole_team: bool = False
    """Call every member at once, not only the first who can be reached."""


@dataclass(frozen=True, slots=True)
class Ladder:
    steps: tuple[Step, ...]
    repeat: timedelta
    """How often the top step is called again until somebody answers."""


@dataclass(frozen=True, slots=True)
class Policy:
    ladders: Mapping[Level, Ladder]

    def ladder(self, level: Level) -> Ladder:
        return self.ladders[level]

    @property
    def version(self) -> str:
        """Twelve hex digits of its content; written beside every decision made under it."""
        return hashlib.sha256(repr(sorted(_spelled(self))).encode()).hexdigest()[:12]


def _spelled(policy: Policy) -> list[tuple[str, str]]:
    return [(level.value, repr(ladder)) for level, ladder in policy.ladders.items()]


def _step(*areas: AreaKind, minutes: float, whole_team: bool = False) -> Step:
    return Step(areas, timedelta(minutes=minutes), whole_team)


DEFAULT: Final = Policy(
    {
        Level.BLUE: Ladder(
            (_step(AreaKind.COMMUNITY, minutes=60),),
            repeat=timedelta(hours=4),
        ),
        Level.YELLOW: Ladder(
            (_step(AreaKind.COMMUNITY, minutes=15), _step(AreaKind.STREET, minutes=15)),
            repeat=timedelta(minutes=30),
        ),
        Level.ORANGE: Ladder(
            (
                _step(AreaKind.COMMUNITY, AreaKind.STREET, minutes=5),
                _step(AreaKind.DISTRICT, minutes=5),
                _step(AreaKind.CITY, minutes=10),
            ),
            repeat=timedelta(minutes=10),
        ),
        Level.RED: Ladder(
            (
                _step(
                    AreaKind.COMMUNITY,
                    AreaKind.STREET,
                    AreaKind.DISTRICT,
                    minutes=3,
                    whole_team=True,
                ),
                _step(AreaKind.CITY, minutes=3, whole_team=True),
            ),
            repeat=timedelta(minutes=5),
        ),
    }
)
"""Red calls three heights at once: the half hour within which a duty office must have heard of a
grave event (as municipal plans ask) leaves no time to climb."""


def parse(document: object, *, source: str) -> Policy:
    """The policy in a parsed YAML document; BadSettings names every fault at once.

    ``levels: {red: {steps: [{areas: [community], patience_s: 180, whole_team: true}], repeat_s}}``
    """
    faults: list[str] = []
    levels = document.get("levels") if isinstance(document, Mapping) else None
    if not isinstance(levels, Mapping):
        raise BadSettings(source, ("levels: give a mapping of blue, yellow, orange and red",))
    known = {level.value for level in Level}
    faults += [f"levels.{name}: no such level" for name in levels if name not in known]
    ladders: dict[Level, Ladder] = {}
    for level in Level:
        where = f"levels.{level.value}"
        if level.value not in levels:
            faults.append(f"{where}: missing; every level needs a ladder")
        elif (ladder := _ladder(levels[level.value], where, faults)) is not None:
            ladders[level] = ladder
    if faults:
        raise BadSettings(source, tuple(faults))
    return Policy(ladders)


def _ladder(given: Any, where: str, faults: list[str]) -> Ladder | None:
    if not isinstance(given, Mapping) or not isinstance(given.get("steps"), list):
        faults.append(f"{where}: give steps (a list) and repeat_s")
        return None
    faults += [f"{where}.{key}: unknown key" for key in given if key not in {"steps", "repeat_s"}]
    if not 1 <= len(given["steps"]) <= STEPS_MAX:
        faults.append(f"{where}.steps: give 1 to {STEPS_MAX} steps, got {len(given['steps'])}")
    before = len(faults)
    steps = [
        _parsed_step(step, f"{where}.steps[{n}]", faults) for n, step in enumerate(given["steps"])
    ]
    repeat = _duration(given.get("repeat_s"), f"{where}.repeat_s", faults)
    if len(faults) > before:
        return None
    return Ladder(tuple(step for step in steps if step is not None), repeat)


def _parsed_step(given: Any, where: str, faults: list[str]) -> Step | None:
    if not isinstance(given, Mapping):
        faults.append(f"{where}: give areas and patience_s")
        return None
    allowed = {"areas", "patience_s", "whole_team"}
    faults += [f"{where}.{key}: unknown key" for key in given if key not in allowed]
    areas = given.get("areas")
    kinds = {kind.value for kind in AreaKind}
    if not isinstance(areas, list) or not areas or not all(area in kinds for area in areas):
        faults.append(f"{where}.areas: give one or more of {', '.join(sorted(kinds))}")
        return None
    whole_team = given.get("whole_team", False)
    if not isinstance(whole_team, bool):
        faults.append(f"{where}.whole_team: true or false, got {whole_team!r}")
        return None
    patience = _duration(given.get("patience_s"), f"{where}.patience_s", faults)
    return Step(tuple(AreaKind(area) for area in areas), patience, whole_team)


def _duration(given: Any, where: str, faults: list[str]) -> timedelta:
    if isinstance(given, bool) or not isinstance(given, int | float) or given < PATIENCE_S_MIN:
        faults.append(f"{where}: give seconds, at least {PATIENCE_S_MIN:g}; got {given!r}")
        return timedelta(seconds=PATIENCE_S_MIN)
    return timedelta(seconds=float(given))
