"""How thick smoke looks, how far one sees through it, and what it does to people.

Pure and vectorised. Optical density D in 1/m (attenuation in dB/m is 10 D), gas in ppm.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.fire import AIR_KG_M3, AIR_KJ_KGK, RADIATIVE
from simulators.physics.gas import Floats

EXTINCTION_M2_KG: Final = 8700.0
"""Specific extinction of flaming smoke (CFAST's default K_m)."""
CO_KG_M3: Final = 1.165
CO2_KG_M3: Final = 1.83
FEET_PER_M: Final = 3.28084


def optical_density(soot_kg_m3: ArrayLike) -> Floats:
    """D in 1/m of smoke with that much soot: K_m m / ln 10 (Bouguer's law in decades)."""
    return np.asarray(EXTINCTION_M2_KG * np.asarray(soot_kg_m3, dtype=np.float64) / np.log(10.0))


def density_per_kelvin(soot_yield: ArrayLike, *, heat_of_combustion_kj_g: float = 20.0) -> Floats:
    """D/dT of a smoke plume, 1/(m K): soot and heat are carried and diluted together.

    K_m rho cp y_s / ((1 - chi_r) dHc ln 10), 0.035 at y_s = 0.1 and 20 kJ/g.
    """
    heat_kj_kg = heat_of_combustion_kj_g * 1000.0
    per_soot = EXTINCTION_M2_KG * AIR_KG_M3 * AIR_KJ_KGK / ((1 - RADIATIVE) * heat_kj_kg)
    return np.asarray(np.asarray(soot_yield, dtype=np.float64) * per_soot / np.log(10.0))


def co_ppm_beside(density: ArrayLike, *, co_over_soot: float) -> Floats:
    """CO that travels with smoke of that density: 227 (y_co/y_s) D."""
    per_density = np.log(10.0) / EXTINCTION_M2_KG / CO_KG_M3 * 1e6
    return np.asarray(per_density * co_over_soot * np.asarray(density, dtype=np.float64))


def obscuration(density: ArrayLike, *, over_m: float = 1.0) -> Floats:
    """Share of light lost over a path: 1 - 10^(-D L)."""
    return np.asarray(1.0 - 10.0 ** (-np.asarray(density, dtype=np.float64) * over_m))


def density_of_obscuration(percent_per_ft: ArrayLike) -> Floats:
    """D in 1/m of a head's sensitivity in %/ft: 1 %/ft is 0.0143 1/m, 0.143 dB/m."""
    share = np.asarray(percent_per_ft, dtype=np.float64) / 100.0
    return np.asarray(-np.log10(1.0 - share) * FEET_PER_M)


def visibility_m(density: ArrayLike, *, lit: bool = False) -> Floats:
    """How far a sign is seen: K / (2.303 D), K 3 for a reflecting and 8 for a lit one."""
    thick = np.maximum(np.asarray(density, dtype=np.float64), 1e-9)
    return np.asarray((8.0 if lit else 3.0) / (np.log(10.0) * thick))


def co_dose(times_s: Floats, co_ppm: ArrayLike, co2_percent: ArrayLike = 0.0) -> Floats:
    """Fractional effective dose of CO: sum CO e^(CO2/5) / 35000 dt, dt in minutes (ISO 13571)."""
    rate = np.asarray(co_ppm, dtype=np.float64) * np.exp(np.asarray(co2_percent) / 5.0) / 35_000.0
    rate = np.broadcast_to(rate, times_s.shape)
    steps = np.diff(times_s) / 60.0 * (rate[1:] + rate[:-1]) / 2.0
    return np.concatenate(([0.0], np.cumsum(steps)))
