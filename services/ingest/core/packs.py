"""Readings that passed, gathered into one pack for each site they belong to.

Everything of one pack shares its site, its run and whether it is history; inside, the readings
keep the order the device gave them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SitePack:
    """One device message, or the part of it that belongs to one site; arrays of equal length."""

    site: str
    run: str
    historical: bool
    sensors: list[str]
    measured_at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    """In canonical units."""
    quality: NDArray[np.uint8]
    seq: NDArray[np.int64]
    """-1 where the device gave none."""


@dataclass(slots=True)
class Gathering:
    """A pack while it grows."""

    site: str
    run: str
    historical: bool
    sensors: list[str] = field(default_factory=list)
    measured_at_us: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)

    def sealed(self) -> SitePack:
        """The pack, done growing."""
        return SitePack(
            site=self.site,
            run=self.run,
            historical=self.historical,
            sensors=self.sensors,
            measured_at_us=np.array(self.measured_at_us, np.int64),
            values=np.array(self.values, np.float64),
            quality=np.array(self.quality, np.uint8),
            seq=np.array(self.seq, np.int64),
        )
