"""What stands between smoke or heat and the head that reports it.

Pure. Each head is a first-order follower whose rate depends on the air that moves past it; steps
are solved exactly for what is held during them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from simulators.physics.gas import Floats

STILL_AIR_M_S: Final = 0.1
"""Air speed at a head that the ceiling jet does not reach (CFAST)."""
HESKESTAD_M: Final = 1.8
"""Typical entry length of a smoke head."""


def followed(times_s: Floats, target: Floats, rate_per_s: Floats) -> Floats:
    """dy/dt = r (x - y), settled on the first value; every array is (times,)."""
    gone = 1.0 - np.exp(-rate_per_s[1:] * np.diff(times_s))
    inside = np.empty_like(target)
    inside[0] = here = float(target[0])
    for i, (share, aim) in enumerate(zip(gone.tolist(), target[1:].tolist(), strict=True)):
        here += (aim - here) * share
        inside[i + 1] = here
    return inside


def heat_element_k(times_s: Floats, gas_k: Floats, speed_m_s: Floats, *, rti: float) -> Floats:
    """Rise of a heat element: dT/dt = sqrt(v)/RTI (T_gas - T), RTI in (m s)^0.5.

    Quick sprinklers have up to 50, standard ones 80 and more.
    """
    return followed(times_s, gas_k, np.sqrt(np.maximum(speed_m_s, STILL_AIR_M_S)) / rti)


def entry_lag(
    times_s: Floats, outside: Floats, speed_m_s: Floats, *, length_m: float = HESKESTAD_M
) -> Floats:
    """What is inside a smoke head: dY/dt = (Y_out - Y) u / L (Heskestad; L = 1.8 m typical)."""
    return followed(times_s, outside, np.maximum(speed_m_s, STILL_AIR_M_S) / length_m)


@dataclass(frozen=True, slots=True)
class Chamber:
    """How smoke gets past the screen and fills the chamber: t = alpha u^beta."""

    entry: float
    entry_power: float
    fill: float
    fill_power: float


class Head(Enum):
    """Cleary's two-parameter heads: ionisation I1, I2 and photoelectric P1, P2."""

    I1 = Chamber(2.5, -0.7, 0.8, -0.9)
    I2 = Chamber(1.8, -1.1, 1.0, -0.8)
    P1 = Chamber(1.8, -1.0, 1.0, -0.8)
    P2 = Chamber(1.8, -0.8, 0.8, -0.8)


def cleary_lag(times_s: Floats, outside: Floats, speed_m_s: Floats, *, head: Head) -> Floats:
    """What is inside a smoke head: dY/dt = (Y_out(t - t_e) - Y) / t_c (Cleary)."""
    speed = np.maximum(speed_m_s, STILL_AIR_M_S)
    made = head.value
    late = times_s - made.entry * speed**made.entry_power
    arriving = np.interp(late, times_s, outside, left=float(outside[0]))
    return followed(times_s, arriving, 1.0 / (made.fill * speed**made.fill_power))


def neighbour(
    times_s: Floats, beside: Floats, *, delay_s: float, share: float, mixing_s: float
) -> Floats:
    """What of a room's smoke, gas or warmth shows next door: later, thinner and smeared.

    A crack of constant exchange into a well-mixed room: first-order with ``mixing_s`` towards
    ``share`` of the source, ``delay_s`` after it.
    """
    arriving = share * np.interp(times_s - delay_s, times_s, beside, left=float(beside[0]))
    return followed(times_s, arriving, np.full_like(times_s, 1.0 / mixing_s))
