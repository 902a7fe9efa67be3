"""Smoke and heat that climb a shaft, leak into lobbies, and a facade that burns upward.

Pure and vectorised over floors. Heights in m, pressures in Pa, times in s, temperatures in degC
where the air outside and inside is meant. Each floor of a shaft is a stirred box that hands what
it holds to the floor above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.fire import AIR_KG_M3
from simulators.physics.gas import Floats

ZERO_C: Final = 273.15
STACK_PA_K_M: Final = 3460.0
"""g times the density of air times its temperature."""
FRONT_M_S: Final = 3.5
"""Speed of a smoke front in a shaft, 3 to 4 m/s: 100 m in half a minute."""
CRACK: Final = 0.7
"""Discharge coefficient of cracks and doors."""


def stack_pa(above_neutral_m: ArrayLike, *, outside_c: float, inside_c: float) -> Floats:
    """Over-pressure of a shaft against the outside: 3460 (1/To - 1/Ti) h.

    ``above_neutral_m`` counts from the neutral plane; below it, and in summer, it is negative.
    """
    cold, warm = outside_c + ZERO_C, inside_c + ZERO_C
    lift = STACK_PA_K_M * (1.0 / cold - 1.0 / warm)
    return np.asarray(lift * np.asarray(above_neutral_m, dtype=np.float64))


def crack_m3_s(pressure_pa: ArrayLike, *, area_m2: float) -> Floats:
    """Flow out through a crack: C A sqrt(2 dP / rho); nothing comes out against the pressure."""
    drop = np.maximum(np.asarray(pressure_pa, dtype=np.float64), 0.0)
    return np.asarray(CRACK * area_m2 * np.sqrt(2.0 * drop / AIR_KG_M3))


def climbs(
    times_s: Floats,
    inlet: Floats,
    *,
    floors: int,
    floor_m: float,
    speed_m_s: float = FRONT_M_S,
    fades_s: float = np.inf,
) -> Floats:
    """What each floor of a shaft holds, (times, floors), of what enters at its lowest.

    dC_i/dt = (u/h)(C_(i-1) - C_i) - C_i/tau: the front moves at u and is smeared by one floor per
    floor, and what fades to walls or lobbies falls with height by 1/(1 + h/(u tau)) a floor.
    Times may be spaced as they like; within a step the inlet is held.
    """
    pace = speed_m_s / floor_m
    loss = 0.0 if np.isinf(fades_s) else 1.0 / fades_s
    held = np.zeros((times_s.size, floors))
    here = np.zeros(floors)
    below = np.zeros(floors)
    for i in range(times_s.size - 1):
        stretch = float(times_s[i + 1] - times_s[i])
        cuts = max(1, int(np.ceil(stretch * (pace + loss) / 0.5)))
        dt = stretch / cuts
        if inlet[i] != 0.0 or here.any():
            for _ in range(cuts):
                below[0], below[1:] = inlet[i], here[:-1]
                here = here + (pace * (below - here) - loss * here) * dt
        held[i + 1] = here
    return held


def leaks_into(
    times_s: Floats,
    shaft: Floats,
    *,
    flow_m3_s: Floats,
    volume_m3: float,
    clears_per_h: float = 1.0,
) -> Floats:
    """What lobbies hold, (times, floors): dC/dt = q/V (C_shaft - C) - n C.

    ``flow_m3_s`` (floors,) is what the crack of each lobby's door lets in.
    """
    rate = flow_m3_s / volume_m3
    whole = rate + clears_per_h / 3600.0
    settled = np.divide(rate, whole, out=np.zeros_like(rate), where=whole > 0)
    held = np.zeros_like(shaft)
    for i in range(times_s.size - 1):
        keeps = np.exp(-whole * (times_s[i + 1] - times_s[i]))
        aim = settled * shaft[i]
        held[i + 1] = aim + (held[i] - aim) * keeps
    return held


@dataclass(frozen=True, slots=True)
class Facade:
    """How fast a burning facade climbs, and how soon it breaks into rooms."""

    storeys_per_min: float = 1.1
    """Grenfell: 20 storeys of cladding in 18 minutes. Changsha's was of the same order."""
    dwells_s: float = 0.0
    """Before it climbs: rubbish, a kitchen, a balcony."""
    breaks_in_s: float = 240.0
    """From flames outside a window to smoke behind it."""

    def passes_s(self, storeys_above: ArrayLike) -> Floats:
        """When flames pass so many storeys above the start, in seconds after ignition."""
        above = np.asarray(storeys_above, dtype=np.float64)
        return np.asarray(self.dwells_s + 60.0 * above / self.storeys_per_min)

    def inside_s(self, storeys_above: ArrayLike) -> Floats:
        """When smoke comes in there."""
        return self.passes_s(storeys_above) + self.breaks_in_s


GRENFELL: Final = Facade(storeys_per_min=20.0 / 18.0, dwells_s=900.0, breaks_in_s=240.0)
CHANGSHA: Final = Facade(storeys_per_min=1.0, dwells_s=780.0, breaks_in_s=900.0)
"""Thirteen minutes on a terrace before anybody saw it; almost all stayed outside."""
