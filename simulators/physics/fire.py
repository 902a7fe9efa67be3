"""How a fire grows, is held by water, and what it gives off.

Pure and vectorised over times. Heat release in kW, mass in kg, times in s, yields in g per g of
fuel burnt. Heat of combustion is per gram of fuel, kJ/g.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats

AMBIENT_K: Final = 293.15
AIR_KG_M3: Final = 1.2
AIR_KJ_KGK: Final = 1.005
GRAVITY: Final = 9.81
RADIATIVE: Final = 0.35
"""Share of the heat release that leaves as radiation (CFAST's default; 0.05 to 0.4)."""
EARLY_UNTIL_S: Final = 60.0
RIPE_FROM_S: Final = 180.0
"""Measured house fires look clean for their first minute or two of flame."""


class Growth(Enum):
    """The four t-squared fires: kW/s2, from 1055 kW reached after 600, 300, 150 and 75 s."""

    SLOW = 1055.0 / 600.0**2
    MEDIUM = 1055.0 / 300.0**2
    FAST = 1055.0 / 150.0**2
    ULTRA_FAST = 1055.0 / 75.0**2


def growth_named(name: str) -> Growth:
    """The growth of that name: slow, medium, fast or ultra-fast."""
    return Growth[name.upper().replace("-", "_")]


def heat_release(times_s: ArrayLike, growth: Growth, *, most_kw: float = np.inf) -> Floats:
    """Q = alpha t^2 from t = 0, capped."""
    t = np.maximum(np.asarray(times_s, dtype=np.float64), 0.0)
    return np.minimum(growth.value * t**2, most_kw)


def smoulder_g_s(times_s: ArrayLike, *, lasts_s: float, most_g_s: float = 0.1) -> Floats:
    """Mass lost by smouldering: grows linearly to ``most_g_s``, and ends as flames begin."""
    t = np.asarray(times_s, dtype=np.float64)
    grown = most_g_s * t / max(lasts_s, 1.0)
    return np.where((t >= 0.0) & (t < lasts_s), grown, 0.0)


def spray_mm_s(head_mpa: ArrayLike, *, k_factor: float = 80.0, covers_m2: float = 10.0) -> Floats:
    """Spray density of one sprinkler: q = K sqrt(10 P) L/min (P in MPa) over its floor.

    K80 gives 57 L/min at 0.05 MPa and 80 at 0.1, so 0.13 mm/s over 10 m2.
    """
    litres_min = k_factor * np.sqrt(10.0 * np.maximum(np.asarray(head_mpa, dtype=np.float64), 0.0))
    return np.asarray(litres_min / 60.0 / covers_m2)


def held(times_s: Floats, free_kw: Floats, *, from_s: float, spray: float) -> Floats:
    """Heat release under water: Q_act exp(-(t - t_act) / (3 u^-1.8)) from ``from_s`` on (CFAST).

    ``spray`` is the density u in mm/s; a dry head (0) holds nothing.
    """
    if spray <= 0.0 or not np.isfinite(from_s):
        return free_kw
    at_start = np.interp(from_s, times_s, free_kw)
    fading = at_start * np.exp(-np.maximum(times_s - from_s, 0.0) / (3.0 * spray**-1.8))
    return np.where(times_s < from_s, free_kw, np.minimum(free_kw, fading))


@dataclass(frozen=True, slots=True)
class Fuel:
    """What burns, g per g and kJ per g."""

    heat_kj_g: float
    soot: float
    co: float
    co2: float
    early_soot: float = 0.02
    early_co: float = 0.02
    """Effective yields of the first minute of flame. With 0.02 of soot the measured times to
    optical density 0.1 /m are met best; literature yields alone make heads look too good."""


POLYURETHANE: Final = Fuel(heat_kj_g=16.09, soot=0.135, co=0.051, co2=1.5)
"""Furniture of NIST TN 1455, CFAST's inputs; CO2 after Tewarson."""
WOOD: Final = Fuel(
    heat_kj_g=18.1, soot=0.015, co=0.0062, co2=1.27, early_soot=0.015, early_co=0.006
)
SMOULDERING: Final = Fuel(
    heat_kj_g=6.0, soot=0.04, co=0.15, co2=0.8, early_soot=0.04, early_co=0.15
)
"""Little heat and much CO: y_CO 0.1 to 0.25."""


def ripening(early: float, ripe: float, flame_age_s: ArrayLike) -> Floats:
    """A yield that stays early for a minute of flame, and is the literature's after three."""
    age = np.asarray(flame_age_s, dtype=np.float64)
    share = np.clip((age - EARLY_UNTIL_S) / (RIPE_FROM_S - EARLY_UNTIL_S), 0.0, 1.0)
    return np.asarray(early + (ripe - early) * share)


@dataclass(frozen=True)
class Burning:
    """What a fire gives off, each (times,)."""

    heat_kw: Floats
    soot_kg_s: Floats
    co_kg_s: Floats
    co2_kg_s: Floats

    def __add__(self, other: Burning) -> Burning:
        return Burning(
            self.heat_kw + other.heat_kw,
            self.soot_kg_s + other.soot_kg_s,
            self.co_kg_s + other.co_kg_s,
            self.co2_kg_s + other.co2_kg_s,
        )


def burning(flame_age_s: ArrayLike, heat_kw: ArrayLike, fuel: Fuel) -> Burning:
    """What so much heat of that fuel gives off; ``flame_age_s`` says how ripe the flames are."""
    heat = np.asarray(heat_kw, dtype=np.float64)
    kg_s = heat / fuel.heat_kj_g / 1000.0
    return Burning(
        heat,
        kg_s * ripening(fuel.early_soot, fuel.soot, flame_age_s),
        kg_s * ripening(fuel.early_co, fuel.co, flame_age_s),
        kg_s * fuel.co2,
    )
