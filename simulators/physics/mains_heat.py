"""A heat main: how slowly warmth travels, how little it loses, and what a leak looks like.

Temperatures in degC, flows in kg/s, lengths in m, diameters in mm, pressures in MPa, volumes in
m3. Usual primary mains run at 130/70 or 120/60 degC, designed for 1.6 MPa. Water moves as a plug;
temperature is a poor sign of a leak, make-up water the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats
from simulators.physics.water import DISCHARGE

WATER_J_KGK: Final = 4190.0
WATER_KG_M3: Final = 950.0
"""Near 110 degC."""
VISCOSITY_M2_S: Final = 0.28e-6
LOSS_W_M2K: Final = 0.42
"""Of a pre-insulated main in the ground, by its own surface."""
STEEL_MM: Final = 0.5
MAKEUP_USUAL_PER_H: Final = 0.005
"""Of the volume, for evaporation and drips; up to 0.01 is thought normal."""


def speed_m_s(flow_kg_s: ArrayLike, diameter_mm: float) -> Floats:
    """Of the water."""
    area = np.pi * (diameter_mm / 1000.0) ** 2 / 4.0
    return np.asarray(np.asarray(flow_kg_s, dtype=np.float64) / WATER_KG_M3 / area)


def kept(
    flow_kg_s: ArrayLike, *, length_m: float, diameter_mm: float, loss_w_m2k: float = LOSS_W_M2K
) -> Floats:
    """Share of the excess over the ground that arrives: exp(-U pi D L / (m cp))."""
    surface = np.pi * diameter_mm / 1000.0 * length_m
    carried = np.maximum(np.asarray(flow_kg_s, dtype=np.float64), 1e-9) * WATER_J_KGK
    return np.exp(-loss_w_m2k * surface / carried)


def arriving_c(
    times_s: Floats,
    sent_c: ArrayLike,
    flow_kg_s: ArrayLike,
    *,
    length_m: float,
    diameter_mm: float,
    ground_c: float = 10.0,
    loss_w_m2k: float = LOSS_W_M2K,
) -> Floats:
    """What comes out at the end of a main into which ``sent_c`` was put, at each time.

    A plug travels until as much water has followed it as the main holds, however the flow changes
    on the way; before the first plug arrives the main holds water of the first temperature. Loss
    is reckoned with the mean flow of its journey.
    """
    sent = np.broadcast_to(np.asarray(sent_c, dtype=np.float64), times_s.shape)
    flow = np.broadcast_to(np.asarray(flow_kg_s, dtype=np.float64), times_s.shape)
    moved = np.zeros_like(times_s)
    moved[1:] = np.cumsum(np.diff(times_s) * (flow[1:] + flow[:-1]) / 2.0)
    held_kg = np.pi * (diameter_mm / 1000.0) ** 2 / 4.0 * length_m * WATER_KG_M3
    left_s = np.interp(moved - held_kg, moved, times_s, left=np.nan)
    first_s = times_s[0] - (held_kg - moved) / max(float(flow[0]), 1e-9)
    left_s = np.where(np.isnan(left_s), first_s, left_s)
    journey_kg_s = held_kg / np.maximum(times_s - left_s, 1e-9)
    share = kept(journey_kg_s, length_m=length_m, diameter_mm=diameter_mm, loss_w_m2k=loss_w_m2k)
    return np.asarray(ground_c + (np.interp(left_s, times_s, sent) - ground_c) * share)


def pressure_loss_mpa(
    flow_kg_s: ArrayLike, *, length_m: float, diameter_mm: float, roughness_mm: float = STEEL_MM
) -> Floats:
    """Darcy-Weisbach, its friction factor after Swamee and Jain."""
    speed = speed_m_s(flow_kg_s, diameter_mm)
    bore = diameter_mm / 1000.0
    reynolds = np.maximum(np.abs(speed) * bore / VISCOSITY_M2_S, 4000.0)
    rough = roughness_mm / diameter_mm / 3.7
    factor = 0.25 / np.log10(rough + 5.74 / reynolds**0.9) ** 2
    pascal = factor * length_m / bore * WATER_KG_M3 * speed * np.abs(speed) / 2.0
    return np.asarray(pascal * 1e-6)


def hole_kg_s(hole_mm: ArrayLike, gauge_mpa: ArrayLike) -> Floats:
    """Water lost through a round hole, Torricelli; what flashes to steam outside is neglected."""
    area = np.pi * (np.asarray(hole_mm, dtype=np.float64) / 1000.0) ** 2 / 4.0
    pascal = np.maximum(np.asarray(gauge_mpa, dtype=np.float64), 0.0) * 1e6
    return np.asarray(DISCHARGE * area * np.sqrt(2.0 * pascal * WATER_KG_M3))


@dataclass(frozen=True)
class HeatLoop:
    """A closed loop, its pressure held by an expansion tank that make-up pumps refill."""

    volume_m3: float
    held_mpa: float = 0.4
    """Return pressure with the tank at its usual level."""
    tank_m2: float = 20.0
    level_m: float = 3.0
    """Of the tank, as usual."""
    mpa_per_m: float = 0.02
    """Pressure lost with each metre of level: a gas cushion."""
    makeup_max_m3h: float = 100.0
    makeup_per_m: float = 200.0
    """m3/h of make-up for each metre the level is low."""


@dataclass(frozen=True)
class HeatPlay:
    """What a loop's instruments see at each time; all (times,)."""

    makeup_m3h: Floats
    level_m: Floats
    return_mpa: Floats
    leak_m3h: Floats


def lose_water(loop: HeatLoop, times_s: Floats, hole_mm: ArrayLike) -> HeatPlay:
    """A loop that drips as usual and leaks through a hole of a size given at each time.

    The tank's level h follows A dh/dt = make-up - losses; make-up follows the level and is at most
    what the pumps give, so a large leak empties the tank and the pressure goes with it.
    """
    hole = np.broadcast_to(np.asarray(hole_mm, dtype=np.float64), times_s.shape)
    usual = MAKEUP_USUAL_PER_H * loop.volume_m3
    makeup, level, held, leak = (np.empty(times_s.size) for _ in range(4))
    height = loop.level_m - usual / loop.makeup_per_m
    for row in range(times_s.size):
        step_h = (times_s[row] - times_s[row - 1]) / 3600.0 if row else 0.0
        mpa = max(loop.held_mpa - loop.mpa_per_m * (loop.level_m - height), 0.0)
        lost = 3600.0 * float(hole_kg_s(hole[row], mpa)) / WATER_KG_M3
        wanted = loop.makeup_per_m * (loop.level_m - height)
        if wanted <= loop.makeup_max_m3h:
            # Linear, so exact over the step: the level goes to where make-up equals the losses.
            settled = loop.level_m - (usual + lost) / loop.makeup_per_m
            fade = np.exp(-loop.makeup_per_m / loop.tank_m2 * step_h)
            height = settled + (height - settled) * fade
        else:
            height += (loop.makeup_max_m3h - usual - lost) / loop.tank_m2 * step_h
        height = max(height, 0.0)
        given = min(loop.makeup_per_m * (loop.level_m - height), loop.makeup_max_m3h)
        makeup[row], level[row], leak[row] = max(given, 0.0), height, lost
        held[row] = max(loop.held_mpa - loop.mpa_per_m * (loop.level_m - height), 0.0)
    return HeatPlay(makeup, level, held, leak)
