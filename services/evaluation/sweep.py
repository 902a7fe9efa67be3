"""What would be gained and paid if only alarms of at least some likelihood counted.

Swept is the likelihood the events themselves carry, after the fact: the detector is not run again
with other thresholds. So the curve can only give up alarms, never find what was not called, and
its right end is the detector as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.evaluation.model import Run
from shared.domain.hazard import Hazard

DAYS_PER_YEAR = 365.0


class Point(NamedTuple):
    likelihood: float
    """At least this likely."""
    recall: float
    false_per_sensor_year: float


def sweep(runs: Sequence[Run], configuration: str) -> tuple[Point, ...]:
    """From the strictest bar to none; empty where there was nothing to find or to listen to."""
    mine = [run for run in runs if run.configuration == configuration]
    hazards = {hazard.value for hazard in Hazard}
    truths = [one for run in mine for one in run.judged if one.what in hazards]
    sensor_years = sum(run.sensor_days for run in mine) / DAYS_PER_YEAR
    if not truths or sensor_years <= 0:
        return ()
    found = [one.likelihood for one in truths if one.verdict.caught and one.likelihood is not None]
    false = [one.likelihood for run in mine for one in run.false]
    bars = sorted({1.0, 0.0, *found, *false}, reverse=True)
    return tuple(
        Point(
            bar,
            sum(claim >= bar for claim in found) / len(truths),
            sum(claim >= bar for claim in false) / sensor_years,
        )
        for bar in bars
    )
