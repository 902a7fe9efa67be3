"""Sensors that lie: every usual failure, composable on any channel, from one seed."""

from __future__ import annotations

from typing import Final

from simulators.faults.common import Fault
from simulators.faults.messages import Backlog, Dropout, Duplicate, Late, WrongClock
from simulators.faults.surroundings import Barometer, BumpTest, Flushing, HumidityFilm
from simulators.faults.values import (
    Bias,
    Coarse,
    Drift,
    GainLoss,
    Noise,
    Rail,
    Spike,
    Stuck,
    UnitSlip,
)

KINDS: Final[tuple[type[Fault], ...]] = (
    Stuck,
    Rail,
    Bias,
    Drift,
    GainLoss,
    Spike,
    Noise,
    Dropout,
    Late,
    Backlog,
    Duplicate,
    WrongClock,
    Coarse,
    UnitSlip,
    BumpTest,
    Flushing,
    HumidityFilm,
    Barometer,
)
