"""A channel is what one sensor sends; a lie changes a stretch of it, in place.

Values are canonical until the device shows them. A lie may change what is measured, what time the
device believes it is, and what becomes of its messages: never sent, sent late, sent twice. It is
called with one stretch after another, in order and without gaps, and may remember.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from shared.domain.sensor import Sensor

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Channel:
    """What does not change about a channel, for whoever lies on it."""

    sensor: Sensor
    interval_s: float
    """Between two readings, as it is played."""
    noise: float
    """Standard deviation of an honest reading, canonical."""
    low: float
    """Lowest value the device can show, canonical."""
    high: float
    start_unix_s: float
    """Unix time of scenario second 0."""
    hours: Callable[[Floats], Floats]
    """Local hours since Monday 00:00 at scenario seconds."""


@dataclass(slots=True)
class Stretch:
    """Readings of one channel, one entry each; the arrays after ``values`` start harmless."""

    times_s: Floats
    """When it is really measured, scenario seconds, rising."""
    values: Floats
    """What the device is about to show, canonical; nan for a broken number."""
    sent: Flags = field(init=False)
    late_s: Floats = field(init=False)
    """Between measuring and sending."""
    again_s: Floats = field(init=False)
    """Between the first and a second sending; nan for none."""
    clock_s: Floats = field(init=False)
    """What the device's clock is ahead."""

    def __post_init__(self) -> None:
        count = self.times_s.size
        self.sent = np.ones(count, np.bool_)
        self.late_s = np.zeros(count)
        self.again_s = np.full(count, np.nan)
        self.clock_s = np.zeros(count)

    def during(self, from_s: float, until_s: float | None) -> Flags:
        """Which readings are measured from one moment until before another."""
        active = self.times_s >= from_s
        return active if until_s is None else active & (self.times_s < until_s)


Lie: TypeAlias = Callable[[Stretch], None]
