"""How much gas comes out of a hole in a pipe, and how much of it soil lets through.

Pure and vectorised. Pressures are gauge pressures in MPa, holes in mm, flows in m3/h of methane
at 20 degC and 101.325 kPa.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats

ATMOSPHERE_PA: Final = 101_325.0
AMBIENT_K: Final = 293.15
GAMMA: Final = 1.31
"""Ratio of the heat capacities of methane."""
GAS_J_KGK: Final = 8.314462 / 0.01604
"""Specific gas constant of methane."""
DISCHARGE: Final = 0.85
CHOKED: Final = (2.0 / (GAMMA + 1.0)) ** (GAMMA / (GAMMA - 1.0))
"""Outlet over inlet pressure below which the jet is as fast as sound: 0.544."""


class Tier(Enum):
    """Upper gauge pressure of the tiers of GB 50028, MPa."""

    LOW = 0.01
    MEDIUM_B = 0.2
    MEDIUM_A = 0.4
    SUB_HIGH_B = 0.8
    SUB_HIGH_A = 1.6
    HIGH_B = 2.5
    HIGH_A = 4.0


def hole_m3h(hole_mm: ArrayLike, gauge_mpa: ArrayLike) -> Floats:
    """Free flow of methane through a round hole.

    Choked: m = Cd A sqrt(gamma p rho) (2/(gamma+1))^((gamma+1)/(2(gamma-1))); else the isentropic
    orifice m = Cd A sqrt(2 gamma/(gamma-1) p rho (r^(2/gamma) - r^((gamma+1)/gamma))), r the
    outlet over the inlet pressure. Cd 0.85.
    """
    hole = np.asarray(hole_mm, dtype=np.float64)
    inside = np.maximum(np.asarray(gauge_mpa, dtype=np.float64), 0.0) * 1e6 + ATMOSPHERE_PA
    density = inside / (GAS_J_KGK * AMBIENT_K)
    ratio = np.maximum(ATMOSPHERE_PA / inside, CHOKED)  # at the choke nothing downstream matters
    swelling = ratio ** (2.0 / GAMMA) - ratio ** ((GAMMA + 1.0) / GAMMA)
    flux = np.sqrt(2.0 * GAMMA / (GAMMA - 1.0) * inside * density * np.maximum(swelling, 0.0))
    kg_s = DISCHARGE * np.pi * (hole / 1000.0) ** 2 / 4.0 * flux
    return np.asarray(kg_s * 3600.0 * GAS_J_KGK * AMBIENT_K / ATMOSPHERE_PA)


def through_soil(
    times_s: ArrayLike, free_m3h: ArrayLike, *, share: float = 0.3, delay_s: float = 7200.0
) -> Floats:
    """What of a buried leak comes up: ``share`` of the free flow, first-order after ``delay_s``.

    Shares of 0.1 to 0.5 and delays of 0.5 to 6 h are an estimate, not a measurement.
    """
    times = np.asarray(times_s, dtype=np.float64)
    free = np.broadcast_to(np.asarray(free_m3h, dtype=np.float64), times.shape)
    up = np.zeros_like(times)
    for i in range(1, times.size):
        fade = np.exp(-(times[i] - times[i - 1]) / delay_s)
        up[i] = share * free[i - 1] + (up[i - 1] - share * free[i - 1]) * fade
    return up
