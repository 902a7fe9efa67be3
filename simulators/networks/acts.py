"""What can be done to a network: holes, draws, links shut, settings changed, the source let down.

An act is a frozen value over scenario seconds; a set of them is played at once, so a leak and a
burst in one zone see each other's pressure. Places are names: of a node or pipe for a hole, of a
node for a draw, of a link for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from simulators.physics.water import DISCHARGE, GRAVITY

LPS: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Hole:
    """A leak or a burst: opens at once or by degrees, stays, is repaired at once."""

    at: str
    hole_mm: float
    """Diameter of a round hole of the full area."""
    from_s: float
    until_s: float
    grows_s: float = 0.0
    """From nothing to the full area, linear in area; 0 opens at once."""
    discharge: float = DISCHARGE
    slit_mm2_per_m: float = 0.0
    """Area gained with each metre of head once fully open, as slits in plastic do (FAVAD)."""

    def area_share(self, time_s: float) -> float:
        """How much of the area is open, 0 to 1."""
        if not self.from_s <= time_s < self.until_s:
            return 0.0
        if self.grows_s <= 0.0:
            return 1.0
        return min((time_s - self.from_s) / self.grows_s, 1.0)

    def coefficient(self, time_s: float, head_m: float = 0.0) -> float:
        """C of q = C sqrt(h), L/s and metres, at a moment and, for a slit, a head.

        Torricelli with FAVAD's second term folded in: q = Cd sqrt(2g) (A0 h^0.5 + m h^1.5) is
        C(h) sqrt(h) with C(h) = Cd sqrt(2g) (A0 + m h), because EPANET has one exponent for all.
        """
        share = self.area_share(time_s)
        round_mm2 = np.pi * self.hole_mm**2 / 4.0
        area_m2 = share * (round_mm2 + self.slit_mm2_per_m * max(head_m, 0.0)) * 1e-6
        return float(LPS * self.discharge * area_m2 * np.sqrt(2.0 * GRAVITY))


@dataclass(frozen=True, slots=True)
class Draw:
    """Water taken on top of people's demand: a hydrant that flushes, a fire engine."""

    at: str
    flow_ls: float
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Shut:
    """A valve closed, a pipe cut off, a pump that trips; it comes back as it was."""

    link: str
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Setting:
    """A pump's relative speed or a valve's setting (file's units) for a while."""

    link: str
    setting: float
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class SourceFall:
    """The head behind a zone's inlet falls: the pumps that made it have tripped."""

    fall_m: float
    from_s: float
    until_s: float


Act: TypeAlias = Hole | Draw | Shut | Setting | SourceFall


def is_on(act: Act, time_s: float) -> bool:
    """Acts begin at ``from_s`` and are over at ``until_s``."""
    return act.from_s <= time_s < act.until_s
