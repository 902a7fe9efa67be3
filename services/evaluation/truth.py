"""What a scenario says there was to notice, in the form it is judged in."""

from __future__ import annotations

import math

from services.evaluation.model import QUIET, Expected
from shared.domain.place import Position
from simulators import scenario as scenarios
from simulators.happenings.common import position_of
from simulators.scenario import Staged


def expected_of(staged: Staged) -> tuple[Expected, ...]:
    """Every truth of the scenario's happenings and faults and what its file says besides."""
    return tuple(
        _one(line, staged) for line in scenarios.expected_of(staged.scenario, staged.registry)
    )


def _one(line: scenarios.Expected, staged: Staged) -> Expected:
    cause, at, lying = _cause_of(line, staged)
    until_s = math.inf if line.until_s is None else line.until_s
    return Expected(
        name=f"{line.source} {cause}".strip(),
        what=QUIET if line.what is None else line.what.value,
        hazard=None if line.what is None else line.what.hazard,
        assets=frozenset(line.assets or ((at,) if at else ())),
        at=at,
        level=line.level,
        level_max=line.level_max,
        from_s=line.from_s,
        until_s=until_s,
        earliest_s=line.from_s if line.earliest_s is None else line.earliest_s,
        latest_s=until_s if line.latest_s is None else line.latest_s,
        position=_own_place(line.position, at, staged),
        sensors=lying,
    )


def _cause_of(line: scenarios.Expected, staged: Staged) -> tuple[str, str, tuple[str, ...]]:
    """What kind of thing in the file says so, the asset it happens at, and who lies."""
    place = line.assets[0] if line.assets else ""
    kind, _, number = line.source.rstrip("]").partition("[")
    if kind == "happenings":
        happening = staged.scenario.happenings[int(number)]
        return _kind_of(happening), happening.asset, ()
    if kind == "faults":
        fault = staged.scenario.faults[int(number)]
        lying = fault.targets(staged.registry)
        at = lying[0].asset if lying else place
        return _kind_of(fault), at, tuple(sensor.id for sensor in lying)
    return "", place, ()


def _kind_of(part: object) -> str:
    return str(getattr(part, "kind", ""))


def _own_place(position: Position | None, at: str, staged: Staged) -> Position | None:
    """Where it is, if that is more exact than the middle of its asset."""
    return None if position == position_of(staged.registry, (at,)) else position
