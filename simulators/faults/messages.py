"""Faults of the way from the sensor to us: lost, late, twice, or with a wrong time on it."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from simulators.channels import Channel, Flags, Floats, Lie, Stretch
from simulators.faults.common import Fault


class Dropout(Fault):
    """Readings that are never sent: gaps of chance, a battery near its end, or silence."""

    kind: Literal["dropout"]
    pattern: Literal["bursts", "battery", "silent"] = "bursts"
    share: float = Field(default=0.02, gt=0, lt=1)
    """Of the time in gaps (bursts); 1 to 3 % a day is usual."""
    mean_s: float = Field(default=600.0, gt=0)
    """Of a gap (bursts); 2 to 30 min is usual."""

    together = True

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        gaps = _Gaps(self.from_s, self.mean_s, self.mean_s * (1.0 - self.share) / self.share, rng)

        def drop(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            if self.pattern == "silent":
                gone = active
            elif self.pattern == "bursts":
                gone = active & gaps.cover(stretch.times_s)
            else:
                worn = self._worn(stretch.times_s)
                daylight = np.maximum(
                    np.cos(2 * np.pi * (channel.hours(stretch.times_s) - 13) / 24), 0
                )
                gone = active & (rng.random(active.size) < worn * (0.3 * worn + 0.7 * daylight))
            stretch.sent &= ~gone

        return drop

    def _worn(self, times_s: Floats) -> Floats:
        """How far the battery is gone, 0 to 1; a week where nothing ends it."""
        lasts_s = 7 * 86_400.0 if self.until_s is None else self.until_s - self.from_s
        return np.clip((times_s - self.from_s) / lasts_s, 0.0, 1.0)


class _Gaps:
    """Gaps and the stretches between them, both of exponential length."""

    def __init__(
        self, from_s: float, gap_s: float, between_s: float, rng: np.random.Generator
    ) -> None:
        self._edges = [from_s]
        self._lengths = (between_s, gap_s)
        self._rng = rng

    def cover(self, times_s: Floats) -> Flags:
        """Which moments lie in a gap."""
        while times_s.size and self._edges[-1] <= times_s[-1]:
            mean = self._lengths[(len(self._edges) - 1) % 2]
            self._edges.append(self._edges[-1] + float(self._rng.exponential(mean)))
        return np.asarray(np.searchsorted(self._edges, times_s, side="right") % 2 == 0)


class Late(Fault):
    """Some messages come late, a few very late, so that they come out of order."""

    kind: Literal["late"]
    share: float = Field(default=0.03, gt=0, le=1)
    """0 to 5 % is usual."""
    least_s: float = Field(default=5.0, gt=0)
    most_s: float = Field(default=21_600.0, gt=0)
    tail: float = Field(default=0.8, gt=0)
    """Of the Pareto distribution between the two; smaller is heavier."""

    together = True

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def delay(stretch: Stretch) -> None:
            drawn = rng.random((stretch.times_s.size, 2))
            chosen = stretch.during(self.from_s, self.until_s) & (drawn[:, 0] < self.share)
            late_s = np.minimum(
                self.least_s * (1.0 - drawn[:, 1]) ** (-1.0 / self.tail), self.most_s
            )
            stretch.late_s = stretch.late_s + np.where(chosen, late_s, 0.0)

        return delay


class Backlog(Fault):
    """The network is away; the gateway keeps everything and sends it all when it is back."""

    kind: Literal["backlog"]
    until_s: float

    together = True

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def keep(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            kept_s = np.where(active, self.until_s - stretch.times_s, 0.0)
            stretch.late_s = np.maximum(stretch.late_s, kept_s)

        return keep


class Duplicate(Fault):
    """Some messages are sent twice, as MQTT with QoS 1 may do."""

    kind: Literal["duplicate"]
    share: float = Field(default=0.01, gt=0, le=1)
    """0.1 to 2 % is usual."""
    after_s: float = Field(default=2.0, ge=0)

    together = True

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def repeat(stretch: Stretch) -> None:
            drawn = rng.random(stretch.times_s.size)
            chosen = stretch.during(self.from_s, self.until_s) & (drawn < self.share)
            stretch.again_s = np.where(chosen, self.after_s, stretch.again_s)

        return repeat


class WrongClock(Fault):
    """The device believes another time: off, running fast, in another zone, or just born."""

    kind: Literal["clock"]
    ahead_s: float = 0.0
    """5 to 300 s is usual; 28800 is a time zone, 3600 is summer time."""
    ppm: float = 0.0
    """How fast it gains; 20 to 100 is usual, 8.6 s a day at 100."""
    epoch: bool = False
    """It counts from 1970 since it was switched on at ``from_s``."""

    together = True

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def mistake(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            since_s = stretch.times_s - self.from_s
            ahead_s = self.ahead_s + 1e-6 * self.ppm * since_s
            if self.epoch:
                ahead_s = ahead_s - channel.start_unix_s - self.from_s
            stretch.clock_s = stretch.clock_s + np.where(active, ahead_s, 0.0)

        return mistake
