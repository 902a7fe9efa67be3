"""A room that fills with smoke from the top: two zones, one descending layer.

Pure. Heat in kW, lengths in m, mass in kg, temperatures as rise in K. What a fire made is in the
layer or has been carried off with it; nothing else happens to soot and gas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulators.physics.fire import (
    AIR_KG_M3,
    AIR_KJ_KGK,
    AMBIENT_K,
    GRAVITY,
    RADIATIVE,
    Burning,
)
from simulators.physics.fire_smoke import CO2_KG_M3, CO_KG_M3, optical_density
from simulators.physics.gas import Floats

PER_HEAT: Final = AIR_KG_M3 * AIR_KJ_KGK * AMBIENT_K
"""kJ that swell a cubic metre of air by its own volume."""
JET_SHARE: Final = 0.1
"""Smoke mixes at least into the ceiling jet, a tenth of the room's height."""


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
    co2_ppm: Floats
    held: Floats
    """(times, 4): kJ, kg of soot, kg of CO, kg of CO2 in the layer"""
    gone: Floats
    """(times, 4): the same of what has been carried off"""


def fill(times_s: Floats, room: Room, fire: Burning, *, aired_per_h: Floats | None = None) -> Layer:
    """A smoke layer descending in a room with a leak at the floor (ASET's form).

    dz/dt = -[(1-lc) Q/(rho cp T) + 0.21 (g (1-chi) Q/(rho cp T))^(1/3) z^(5/3)] / A;
    the layer keeps (1-lc) Q of the heat, and mixes soot and gas. It never reaches the floor.
    ``aired_per_h`` (times,) takes the place of the room's own air changes.
    """
    loss_h = np.full_like(times_s, room.air_changes_per_h) if aired_per_h is None else aired_per_h
    steps = np.diff(times_s)
    clear = _interface(steps, room, fire.heat_kw, loss_h)
    made = np.stack(
        [room.heat_kept * fire.heat_kw, fire.soot_kg_s, fire.co_kg_s, fire.co2_kg_s], axis=1
    )
    held = np.zeros_like(made)
    gone = np.zeros_like(made)
    keeps = np.exp(-loss_h[:-1] / 3600.0 * steps)
    for i in range(steps.size):
        there = held[i] + made[i] * steps[i]
        held[i + 1] = there * keeps[i]
        gone[i + 1] = gone[i] + there - held[i + 1]
    volume = np.maximum(room.height_m - clear, JET_SHARE * room.height_m) * room.area_m2
    return Layer(
        clear_m=clear,
        excess_k=held[:, 0] / (volume * AIR_KG_M3 * AIR_KJ_KGK),
        density=optical_density(held[:, 1] / volume),
        co_ppm=held[:, 2] / volume / CO_KG_M3 * 1e6,
        co2_ppm=held[:, 3] / volume / CO2_KG_M3 * 1e6,
        held=held,
        gone=gone,
    )


def _interface(steps: Floats, room: Room, heat_kw: Floats, loss_h: Floats) -> Floats:
    heat = np.maximum(heat_kw, 0.0)
    plume = 0.21 * (GRAVITY * (1 - RADIATIVE) * heat / PER_HEAT) ** (1 / 3) / room.area_m2
    swelling = room.heat_kept * heat / PER_HEAT / room.area_m2
    top, bottom = room.height_m, 0.1 * room.height_m
    clear = np.empty_like(heat)
    clear[0] = z = top
    rows = zip(
        steps.tolist(), plume.tolist(), swelling.tolist(), (loss_h / 3600.0).tolist(), strict=False
    )
    for i, (dt, rising, swells, lifted) in enumerate(rows):
        sink = swells + rising * z ** (5 / 3) - (top - z) * lifted
        z = min(max(z - sink * dt, bottom), top)
        clear[i + 1] = z
    return clear
