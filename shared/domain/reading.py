"""One value of one sensor, and what its device thinks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Quality(Enum):
    """The device's own word on its reading; ``bad`` is kept and never scored."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"

    @property
    def code(self) -> int:
        """0 good, 1 uncertain, 2 bad: for columns only."""
        return _CODES[self]


_CODES = {quality: code for code, quality in enumerate(Quality)}


@dataclass(frozen=True, slots=True)
class Reading:
    sensor: str
    measured_at: datetime
    value: float
    """In the canonical unit of the sensor's quantity."""
    quality: Quality = Quality.GOOD
    seq: int | None = None
    """The device's own running number, where it has one."""
