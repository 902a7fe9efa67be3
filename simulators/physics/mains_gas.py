"""A gas main: what friction takes, and how pressure moves when somebody draws or it leaks.

Gauge pressures in MPa at the edges; flows in m3/h at 0 degC and 101.325 kPa; lengths in m,
diameters in mm. Steady forms are those of GB 50028; the dynamic main is a chain of volumes, solved
implicitly, so that any step is stable and gas is neither made nor lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats
from simulators.physics.gas_leaks import AMBIENT_K, ATMOSPHERE_PA, hole_m3h

T0_K: Final = 273.15
METHANE_KG_M3: Final = 0.717
"""At 0 degC and 101.325 kPa."""
VISCOSITY_M2_S: Final = 14.3e-6
"""Kinematic, of natural gas at those conditions."""
STEEL_MM: Final = 0.2
"""Equivalent roughness that GB 50028 takes for steel pipe."""
_LOW: Final = 6.26e7
_HIGH: Final = 1.27e10
_P0_KPA: Final = ATMOSPHERE_PA / 1000.0
_SWEEPS: Final = 8
_STILL: Final = 1e-3
"""m3/h below which a main is as good as still; keeps friction from dividing by nothing."""


def friction_factor(
    flow_m3h: ArrayLike, diameter_mm: float, roughness_mm: float = STEEL_MM
) -> Floats:
    """Lambda: 64/Re while laminar, else Altshul's 0.11 (K/d + 68/Re)^0.25, as GB 50028."""
    flow = np.maximum(np.abs(np.asarray(flow_m3h, dtype=np.float64)), _STILL)
    reynolds = 4.0 * flow / 3600.0 / (np.pi * diameter_mm / 1000.0 * VISCOSITY_M2_S)
    rough = 0.11 * (roughness_mm / diameter_mm + 68.0 / reynolds) ** 0.25
    return np.where(reynolds < 2100.0, 64.0 / reynolds, rough)


def low_pressure_loss_pa(
    flow_m3h: ArrayLike, *, length_m: float, diameter_mm: float, temperature_k: float = AMBIENT_K
) -> Floats:
    """Loss below 0.01 MPa: dP/l = 6.26e7 lambda Q^2/d^5 rho T/T0 (Pa/m), GB 50028."""
    flow = np.asarray(flow_m3h, dtype=np.float64)
    slope = friction_factor(flow, diameter_mm) * flow**2 / diameter_mm**5
    return np.asarray(_LOW * slope * METHANE_KG_M3 * temperature_k / T0_K * length_m)


def outlet_mpa(
    inlet_mpa: ArrayLike,
    flow_m3h: ArrayLike,
    *,
    length_m: float,
    diameter_mm: float,
    temperature_k: float = AMBIENT_K,
) -> Floats:
    """Gauge pressure at the end of a medium or high pressure main; nan where it cannot carry that.

    (P1^2 - P2^2)/L = 1.27e10 lambda Q^2/d^5 rho (T/T0) Z (kPa^2/km, absolute), GB 50028, Z = 1.
    """
    flow = np.asarray(flow_m3h, dtype=np.float64)
    absolute = np.asarray(inlet_mpa, dtype=np.float64) * 1000.0 + _P0_KPA
    slope = friction_factor(flow, diameter_mm) * flow**2 / diameter_mm**5
    lost = _HIGH * slope * METHANE_KG_M3 * temperature_k / T0_K * length_m / 1000.0
    left = absolute**2 - lost
    return np.asarray(np.sqrt(np.where(left > 0.0, left, np.nan)) - _P0_KPA) / 1000.0


@dataclass(frozen=True)
class GasMain:
    """One main behind a regulator, cut into equal segments."""

    length_m: float
    diameter_mm: float
    set_mpa: float
    """What the regulator holds."""
    capacity_m3h: float
    """What it passes wide open."""
    segments: int = 10
    droop: float = 0.08
    """Wide open, it holds so much less of the set pressure; 5 to 10 % is usual."""
    lock_up: float = 0.20
    """Without flow, so much more."""
    responds_s: float = 3.0
    """First-order, 1 to 5 s."""

    @property
    def segment_m3(self) -> float:
        """Volume of a segment."""
        per_m = np.pi * (self.diameter_mm / 1000.0) ** 2 / 4.0
        return float(per_m * self.length_m / self.segments)

    def opening_at(self, gauge_mpa: ArrayLike) -> Floats:
        """How far the regulator wants to be open, 0 to 1, at an outlet pressure."""
        band = (self.lock_up + self.droop) * self.set_mpa
        top = self.set_mpa * (1.0 + self.lock_up)
        return np.clip((top - np.asarray(gauge_mpa, dtype=np.float64)) / band, 0.0, 1.0)


@dataclass(frozen=True)
class GasPlay:
    """What a main did at each time."""

    pressure_mpa: Floats
    """(times, segments), gauge."""
    inlet_m3h: Floats
    """(times,) through the regulator, since the time before."""
    leak_m3h: Floats
    """(times, segments), since the time before."""


def play(main: GasMain, times_s: Floats, draws_m3h: ArrayLike, holes_mm: ArrayLike) -> GasPlay:
    """A main from rest, with draws and holes of shape (times, segments), or what broadcasts to it.

    Each volume keeps dP/dt = (P0 T/T0 / V)(in - out - leak); between two, Q |Q| grows with
    P1^2 - P2^2 as above. Draws stop where nothing is left to draw.
    """
    shape = (times_s.size, main.segments)
    draws = np.broadcast_to(np.asarray(draws_m3h, dtype=np.float64), shape)
    holes = np.broadcast_to(np.asarray(holes_mm, dtype=np.float64), shape)
    pressure, leak, inlet = np.empty(shape), np.zeros(shape), np.zeros(times_s.size)
    pressure[0] = main.set_mpa * (1.0 + main.lock_up) * 1000.0 + _P0_KPA
    opening = 0.0
    for row in range(1, times_s.size):
        step_s = float(times_s[row] - times_s[row - 1])
        before = pressure[row - 1]
        per_kpa = hole_m3h(holes[row], (before - _P0_KPA) / 1000.0) * T0_K / AMBIENT_K
        per_kpa = per_kpa / np.maximum(before - _P0_KPA, 1e-6)
        served = np.where(before > _P0_KPA, draws[row], 0.0)
        pressure[row], opening = _advance(
            main, before, opening, draws=served, per_kpa=per_kpa, step_s=step_s
        )
        inlet[row] = opening * main.capacity_m3h
        leak[row] = per_kpa * (pressure[row] - _P0_KPA)
    return GasPlay((pressure - _P0_KPA) / 1000.0, inlet, leak)


def _advance(
    main: GasMain,
    before: Floats,
    opening: float,
    *,
    draws: Floats,
    per_kpa: Floats,
    step_s: float,
) -> tuple[Floats, float]:
    """One implicit step: a linear system for the pressures, its friction found in a few sweeps.

    ``per_kpa`` is what leaks per kPa of gauge pressure.
    """
    size = main.segments
    held = main.segment_m3 / (_P0_KPA * AMBIENT_K / T0_K) * 3600.0 / step_s  # m3/h per kPa
    band_kpa = (main.lock_up + main.droop) * main.set_mpa * 1000.0
    top_kpa = main.set_mpa * (1.0 + main.lock_up) * 1000.0 + _P0_KPA
    gain = step_s / main.responds_s
    here, flow = before, np.zeros(size - 1)
    for _ in range(_SWEEPS):
        carries = _conductance(main, here, flow)
        matrix = np.diag(np.full(size, held) + per_kpa)
        inner = np.arange(size - 1)
        matrix[inner, inner] += carries
        matrix[inner + 1, inner + 1] += carries
        matrix[inner, inner + 1] -= carries
        matrix[inner + 1, inner] -= carries
        known = held * before - draws + per_kpa * _P0_KPA
        # opening' = (opening + gain target(P)) / (1 + gain), and target is linear inside its band.
        wanted = main.opening_at((here[0] - _P0_KPA) / 1000.0)
        if 0.0 < wanted < 1.0:
            slope = main.capacity_m3h * gain / (1.0 + gain) / band_kpa
            matrix[0, 0] += slope
            known[0] += main.capacity_m3h * opening / (1.0 + gain) + slope * top_kpa
        else:
            known[0] += main.capacity_m3h * (opening + gain * float(wanted)) / (1.0 + gain)
        here = np.asarray(np.linalg.solve(matrix, known), dtype=np.float64)
        flow = carries * (here[:-1] - here[1:])
    target = (top_kpa - here[0]) / band_kpa if 0.0 < wanted < 1.0 else float(wanted)
    return here, float((opening + gain * target) / (1.0 + gain))


def _conductance(main: GasMain, absolute_kpa: Floats, flow_m3h: Floats) -> Floats:
    """m3/h per kPa between neighbouring segments, at the flow last found."""
    apart_km = main.length_m / main.segments / 1000.0
    busy = np.maximum(np.abs(flow_m3h), 0.01 * main.capacity_m3h)
    lam = friction_factor(busy, main.diameter_mm)
    per_flow = _HIGH * lam * busy / main.diameter_mm**5 * METHANE_KG_M3 * AMBIENT_K / T0_K
    return np.asarray((absolute_kpa[:-1] + absolute_kpa[1:]) / (per_flow * apart_km))
