"""One sensor's limits, one reading at a time: slow, plain, and read against the law."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

import numpy as np

from services.detector.core.limit import Limit, Sense

PARTS = 8


@dataclass
class NaiveLimits:
    limits: tuple[Limit, ...]
    crossed: set[int] = field(default_factory=set)
    since: dict[int, int] = field(default_factory=dict)
    last: list[float] = field(default_factory=list)
    smooth: list[tuple[int, float]] = field(default_factory=list)

    @property
    def grade(self) -> int:
        return max((1 + self.limits[slot].level.rank for slot in self.crossed), default=0)

    def see(self, at_us: int, value: float) -> None:
        self.last = [*self.last, value][-3:]
        if len(self.last) == 3:
            self.smooth.append((at_us, median(self.last)))
        was, beyond = set(self.crossed), set()
        for slot, limit in enumerate(self.limits):
            shown = self._shown(limit, at_us, value)
            if shown is None:
                self.since.pop(slot, None)
                continue
            is_beyond, is_back = self._sides(limit, shown)
            if is_beyond:
                beyond.add(slot)
            if is_back if slot in was else is_beyond:
                begun = self.since.setdefault(slot, at_us)
                patience_s = limit.off_after_s if slot in was else limit.on_after_s
                if at_us - begun >= round(patience_s * 1e6):
                    self.crossed ^= {slot}
                    del self.since[slot]
            else:
                self.since.pop(slot, None)
        for slot in beyond - self.crossed:
            if any(self._carries(self.limits[other], self.limits[slot]) for other in self.crossed):
                self.crossed.add(slot)
                self.since.pop(slot, None)

    def _shown(self, limit: Limit, at_us: int, value: float) -> float | None:
        if not limit.sense.is_rate:
            return value
        if len(self.last) < 3:
            return None
        part_us = round(limit.window_s * 1e6) // PARTS
        now = at_us // part_us
        sign = 1.0 if limit.sense is Sense.RISE else -1.0
        window = [
            float(np.float32(sign * smooth))
            for at, smooth in self.smooth
            if at // part_us >= now - PARTS
        ]
        return sign * self.smooth[-1][1] - min(window)

    @staticmethod
    def _sides(limit: Limit, shown: float) -> tuple[bool, bool]:
        if limit.sense is Sense.BELOW:
            return shown < limit.raises_at, shown > limit.clears_at
        return shown >= limit.raises_at, shown < limit.clears_at

    @staticmethod
    def _carries(worse: Limit, lesser: Limit) -> bool:
        same = (worse.sense, worse.window_s) == (lesser.sense, lesser.window_s)
        return same and worse.level > lesser.level
