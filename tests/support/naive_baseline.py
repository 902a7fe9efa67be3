"""One sensor's baseline, one reading at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from services.detector.core import baseline as law


@dataclass
class NaiveBaseline:
    floor: float
    share: float
    speaks: bool
    seen: int = 0
    level: float = 0.0
    spread: float = 0.0
    hot: int = 0
    cool: int = 0
    held: int = 0
    surprised: bool = False

    def see(self, value: float, *, in_alarm: bool = False) -> float:
        """The score of one more reading, which is then learned."""
        knows = self.seen >= law.WARMUP
        scale = max(law.SIGMA_PER_DEVIATION * self.spread, self.floor, self.share * abs(self.level))
        off = value - self.level
        distance = abs(off) / scale
        is_hot = knows and distance > law.SURPRISING
        is_calm = knows and distance < law.CALM
        learns = not is_hot and not (knows and self.surprised) and not in_alarm
        self.hot = min(self.hot + 1, law.IN_A_ROW) if is_hot else 0
        self.cool = min(self.cool + 1, law.IN_A_ROW) if is_calm else 0
        if self.speaks and self.hot >= law.IN_A_ROW:
            self.surprised = True
        if self.cool >= law.IN_A_ROW:
            self.surprised = False
        self.held = self.held + 1 if self.surprised or is_hot else 0
        if self.held >= law.HOLD:
            self.seen, self.spread, self.held = 0, 0.0, 0
        if learns:
            step = off
            if self.seen >= law.UNCLIPPED:
                step = max(-law.CLIP * scale, min(law.CLIP * scale, off))
            weight = max(1.0 / (self.seen + 1.0), 1.0 / law.MEMORY)
            self.level += weight * step
            if self.seen > 0:
                self.spread += weight * (abs(step) - self.spread)
            self.seen += 1
        return distance / (distance + law.HALFWAY) if knows else math.nan
