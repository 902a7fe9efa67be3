"""One sensor's novelty, one reading at a time, in plain Python."""

from __future__ import annotations

import bisect
import math
import statistics
from dataclasses import dataclass, field

import numpy as np

from services.detector.core.univariate import kernel, memory, views


def single(number: float) -> float:
    """As the bank keeps it."""
    return float(np.float32(number))


@dataclass
class NaiveView:
    known: list[float] = field(default_factory=list)
    grain: float = 0.0
    usual: float = 0.0
    seen: int = 0

    def see(self, look: float | None, finest: float) -> float | None:
        """Novelty in usual ones, None without an opinion."""
        if look is None:
            return None
        look = single(look)
        nearest = min((abs(look - one) for one in self.known), default=math.inf)
        blur = max(self.grain / 2, finest)
        novelty = max(0.0, nearest - blur)
        if novelty > 0.0:
            self._remember(look)
        said = None
        if self.seen >= kernel.FILL:
            if self.seen >= kernel.FILL + kernel.WARMUP:
                said = 0.0
                if novelty > 0.0:
                    said = novelty / self.usual if self.usual > 0.0 else kernel.FIRST_EVER
                    said = kernel.LOUD * math.log1p(said / kernel.LOUD)
            weight = max(1 / (self.seen - kernel.FILL + 1), 1 / kernel.MEMORY)
            most = kernel.BELIEVED * self.usual if self.usual > 0.0 else math.inf
            power = self.usual**2 + weight * (min(novelty, most) ** 2 - self.usual**2)
            self.usual = single(math.sqrt(power))
        self.seen += 1
        return said

    def _remember(self, look: float) -> None:
        bisect.insort(self.known, look)
        if len(self.known) > memory.KNOWN:
            gaps = [
                single(self.known[place + 1] - self.known[place - 1])
                for place in range(1, len(self.known) - 1)
            ]
            self.grain = max(self.grain, min(gaps))
            del self.known[1 + gaps.index(min(gaps))]


@dataclass
class NaiveNovelty:
    views: list[NaiveView] = field(default_factory=lambda: [NaiveView() for _ in memory.VIEWS])
    recent: list[float] = field(default_factory=list)
    day: dict[int, float] = field(default_factory=dict)
    week: dict[tuple[bool, int], float] = field(default_factory=dict)
    first_at: int = 0
    peak: float = -1.0
    since: int = 0

    def see(self, at: int, value: float, floor: float = 0.0) -> tuple[float, float]:
        """Score and surprise of one more reading, which is then learned."""
        finest = single(max(abs(value) * kernel.FINEST_SHARE, floor))
        knows = self.views[0].seen >= kernel.FILL + kernel.WARMUP
        looks = self._look(at, single(value))
        said = [view.see(look, finest) or 0.0 for view, look in zip(self.views, looks, strict=True)]
        if not knows:
            return math.nan, math.nan
        surprise = sum(map(math.sqrt, said)) / len(said)
        self.since += 1
        heard = surprise * kernel.ECHO
        if surprise > self.peak or self.since > kernel.NEWS:
            self.peak, self.since, heard = surprise, 0, surprise
        return heard / (heard + kernel.HALFWAY), surprise

    def _look(self, at: int, value: float) -> list[float | None]:
        if not self.recent:
            self.recent, self.first_at = [value] * memory.RECENT, at
            step = None
        else:
            step = abs(value - self.recent[-1])
        self.recent = [*self.recent[1:], value]
        hour = at // views.HOUR_US % 24
        weekend = (at // views.DAY_US + 3) % 7 >= 5
        day = _against(self.day, hour, value)
        week = _against(self.week, (weekend, hour), value)
        lasting = self.recent[-views.LASTING :]
        return [
            value,
            step,
            day,
            week if at - self.first_at >= views.WEEK_US else None,
            min(lasting),
            max(lasting),
            statistics.fmean(self.recent),
            statistics.pstdev(self.recent),
        ]


def _against(profile, slot, value: float) -> float | None:
    usual = profile.get(slot)
    if usual is None:
        profile[slot] = value
        return None
    profile[slot] = single(usual + views.HABIT_WEIGHT * (value - usual))
    return value - usual
