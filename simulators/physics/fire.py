"""How a fire in a high-rise floor grows, and what heat, smoke and CO heads see of it.

Pure and vectorised over times. Heat release in kW, lengths in m, temperatures as rise in K,
smoke as optical density D in 1/m (attenuation in dB/m is 10 D), gas in ppm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

AMBIENT_K: Final = 293.15
AIR_KG_M3: Final = 1.2
AIR_KJ_KGK: Final = 1.005
GRAVITY: Final = 9.81
CO_KG_M3: Final = 1.165
RADIATIVE: Final = 0.35
"""Share of the heat release that leaves as radiation (CFAST's default)."""
EXTINCTION_M2_KG: Final = 8700.0
"""Specific extinction of flaming smoke (CFAST's default K_m)."""
STILL_AIR_M_S: Final = 0.1
"""Air speed at a head that the ceiling jet does not reach (CFAST)."""


class Growth(Enum):
    """The four t-squared fires: kW/s2, from 1055 kW reached after 600, 300, 150 and 75 s."""

    SLOW = 1055.0 / 600.0**2
    MEDIUM = 1055.0 / 300.0**2
    FAST = 1055.0 / 150.0**2
    ULTRA_FAST = 1055.0 / 75.0**2


def heat_release(times_s: ArrayLike, growth: Growth, *, most_kw: float = np.inf) -> Floats:
    """Q = alpha t^2 from t = 0, capped."""
    t = np.maximum(np.asarray(times_s, dtype=np.float64), 0.0)
    return np.minimum(growth.value * t**2, most_kw)


def jet_excess_k(heat_kw: ArrayLike, *, height_m: float, radius_m: float) -> Floats:
    """Temperature rise of Alpert's ceiling jet.

    16.9 Q^(2/3)/H^(5/3) within r/H = 0.18, 5.38 (Q/r)^(2/3)/H beyond.
    """
    heat = np.maximum(np.asarray(heat_kw, dtype=np.float64), 0.0)
    if radius_m / height_m <= 0.18:
        return np.asarray(16.9 * heat ** (2 / 3) / height_m ** (5 / 3))
    return np.asarray(5.38 * (heat / radius_m) ** (2 / 3) / height_m)


def jet_speed_m_s(heat_kw: ArrayLike, *, height_m: float, radius_m: float) -> Floats:
    """Speed of Alpert's ceiling jet.

    0.96 (Q/H)^(1/3) within r/H = 0.15, 0.195 Q^(1/3) H^(1/2) / r^(5/6) beyond.
    """
    heat = np.maximum(np.asarray(heat_kw, dtype=np.float64), 0.0)
    if radius_m / height_m <= 0.15:
        return np.asarray(0.96 * (heat / height_m) ** (1 / 3))
    return np.asarray(0.195 * heat ** (1 / 3) * height_m**0.5 / radius_m ** (5 / 6))


def heat_element_k(times_s: Floats, gas_k: Floats, speed_m_s: Floats, *, rti: float) -> Floats:
    """Rise of a heat element: dT/dt = sqrt(v)/RTI (T_gas - T), RTI in (m s)^0.5."""
    rate = np.sqrt(np.maximum(speed_m_s, STILL_AIR_M_S)) / rti
    return _lagged(times_s, gas_k, rate)


def entry_lag(times_s: Floats, outside: Floats, speed_m_s: Floats, *, length_m: float) -> Floats:
    """What is inside a smoke head: dY/dt = (Y_out - Y) u / L (Heskestad; L = 1.8 m typical)."""
    return _lagged(times_s, outside, np.maximum(speed_m_s, STILL_AIR_M_S) / length_m)


def _lagged(times_s: Floats, target: Floats, rate_per_s: Floats) -> Floats:
    inside = np.empty_like(target)
    inside[0] = target[0]
    for i in range(1, times_s.size):
        gone = 1.0 - np.exp(-rate_per_s[i] * (times_s[i] - times_s[i - 1]))
        inside[i] = inside[i - 1] + (target[i] - inside[i - 1]) * gone
    return inside


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


@dataclass(frozen=True, slots=True)
class Room:
    area_m2: float
    height_m: float
    heat_kept: float = 0.3
    """Share of the heat that stays in the smoke layer: 1 - lambda_c, lambda_c 0.6 to 0.9."""
    air_changes_per_h: float = 6.0
    """What carries smoke off, by leakage and ventilation."""


@dataclass(frozen=True)
class Layer:
    """The upper layer of a room over time; each array is (times,)."""

    clear_m: Floats
    """Height of the air below the layer."""
    excess_k: Floats
    density: Floats
    """Optical density in 1/m."""
    co_ppm: Floats


def fill(
    times_s: Floats, room: Room, *, heat_kw: Floats, soot_kg_s: Floats, co_kg_s: Floats
) -> Layer:
    """A smoke layer descending in a room with a leak at the floor (two zones, ASET's form).

    dz/dt = -[(1-lc) Q/(rho cp T) + 0.21 (g (1-chi) Q/(rho cp T))^(1/3) z^(5/3)] / A;
    the layer keeps (1-lc) Q of the heat, and mixes soot and CO. A layer is at least a tenth of the
    room's height thick (the ceiling jet), and never reaches the floor.
    """
    per_heat = AIR_KG_M3 * AIR_KJ_KGK * AMBIENT_K
    clear_max, clear_min = 0.9 * room.height_m, 0.1 * room.height_m
    clear = np.empty_like(times_s)
    stored = np.zeros((times_s.size, 3))  # kJ, kg of soot, kg of CO in the layer
    clear[0] = clear_max
    loss_per_s = room.air_changes_per_h / 3600.0
    for i in range(1, times_s.size):
        dt = times_s[i] - times_s[i - 1]
        z, heat = clear[i - 1], max(heat_kw[i - 1], 0.0)
        plume = 0.21 * (GRAVITY * (1 - RADIATIVE) * heat / per_heat) ** (1 / 3) * z ** (5 / 3)
        sink = (room.heat_kept * heat / per_heat + plume) / room.area_m2
        lift = (clear_max - z) * loss_per_s
        clear[i] = min(max(z + (lift - sink) * dt, clear_min), clear_max)
        source = np.array([room.heat_kept * heat, soot_kg_s[i - 1], co_kg_s[i - 1]])
        stored[i] = (stored[i - 1] + source * dt) * np.exp(-loss_per_s * dt)
    volume = (room.height_m - clear) * room.area_m2
    return Layer(
        clear_m=clear,
        excess_k=stored[:, 0] / (volume * AIR_KG_M3 * AIR_KJ_KGK),
        density=optical_density(stored[:, 1] / volume),
        co_ppm=stored[:, 2] / volume / CO_KG_M3 * 1e6,
    )


def neighbour(
    times_s: Floats, beside: Floats, *, delay_s: float, share: float, mixing_s: float
) -> Floats:
    """What of a room's smoke, gas or warmth shows next door: later, thinner and smeared.

    A crack of constant exchange into a well-mixed room: first-order with ``mixing_s`` towards
    ``share`` of the source, ``delay_s`` after it.
    """
    arriving = share * np.interp(times_s - delay_s, times_s, beside, left=float(beside[0]))
    return _lagged(times_s, arriving, np.full_like(times_s, 1.0 / mixing_s))
