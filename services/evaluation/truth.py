"""What a scenario says there was to notice, in the form it is judged in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from services.evaluation.model import Expected
from shared.domain.registry import Registry
from simulators.happenings.common import Truth
from simulators.scenario import Scenario


def expected_of(scenario: Scenario, registry: Registry) -> tuple[Expected, ...]:
    """Every truth of the scenario's happenings and faults, in the order of the file."""
    return tuple(_expected(scenario, registry))


def _expected(scenario: Scenario, registry: Registry) -> Iterator[Expected]:
    for number, happening in enumerate(scenario.happenings):
        if happening.truth is not None:
            yield _one(
                f"happenings[{number}] {happening.kind}",
                happening,
                happening.truth,
                (happening.asset,),
            )
    for number, fault in enumerate(getattr(scenario, "faults", ())):
        if fault.truth is not None:
            assets = tuple(dict.fromkeys(sensor.asset for sensor in fault.targets(registry)))
            yield _one(f"faults[{number}] {fault.kind}", fault, fault.truth, assets)


def _one(name: str, cause: Any, truth: Truth, at: tuple[str, ...]) -> Expected:
    until_s = cause.until_s if cause.until_s is not None else math.inf
    return Expected(
        name=name,
        what=truth.what.value,
        hazard=truth.hazard,
        assets=frozenset(truth.assets or at),
        at=at[0],
        level=truth.level,
        level_max=truth.level_max,
        from_s=cause.from_s,
        until_s=until_s,
        earliest_s=truth.earliest_s,
        latest_s=truth.latest_s,
    )
