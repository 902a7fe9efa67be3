"""How gas gathers in a closed underground space, and how a sensor sees it.

Pure and vectorised; fractions are volume fractions (0.01 = 1 %vol), volumes m3, flows m3/h, times
s unless a name says otherwise. Stepping is exact for the box and explicit upwind for the tunnel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

O2_IN_AIR: Final = 0.209
"""Volume fraction of oxygen in dry air."""
HENRY_H2S: Final = 0.41
"""Dimensionless Henry constant of H2S at 25 degC (gas over liquid, by volume)."""
T90_OVER_TAU: Final = float(np.log(10.0))
"""A first-order sensor shows 90 % of a step after ln 10 time constants."""


def box_rate_per_h(volume_m3: float, leak_m3h: ArrayLike, air_changes_per_h: ArrayLike) -> Floats:
    """How fast a well-mixed box forgets, 1/h: ventilation plus dilution by the leak itself."""
    return np.asarray(air_changes_per_h) + np.asarray(leak_m3h) / volume_m3


def box_steady(volume_m3: float, leak_m3h: ArrayLike, air_changes_per_h: ArrayLike) -> Floats:
    """Fraction a box settles at: S / (S + ACH V); NaN for no leak and no air.

    The stationary point of dC/dt = S/V - (ACH + S/V) C, the well-mixed mass balance.
    """
    leak = np.asarray(leak_m3h, dtype=np.float64)
    through = leak + np.asarray(air_changes_per_h) * volume_m3
    return np.divide(leak, through, out=np.full_like(through, np.nan), where=through > 0)


def box(
    times_s: ArrayLike,
    *,
    volume_m3: float,
    leak_m3h: ArrayLike,
    air_changes_per_h: ArrayLike,
    start: float = 0.0,
) -> Floats:
    """Fraction over time in a well-mixed box, shape of ``times_s``.

    ``leak_m3h`` and ``air_changes_per_h`` are scalars or one value per time, held from that time
    to the next; each such stretch is solved exactly, so the step may be as long as the rates are
    constant.
    """
    times = np.asarray(times_s, dtype=np.float64)
    leak = np.broadcast_to(np.asarray(leak_m3h, dtype=np.float64), times.shape)
    air = np.broadcast_to(np.asarray(air_changes_per_h, dtype=np.float64), times.shape)
    rate = box_rate_per_h(volume_m3, leak, air)
    source = leak / volume_m3
    fractions = np.empty_like(times)
    here = start
    for i in range(times.size):
        fractions[i] = here
        if i + 1 < times.size:
            hours = (times[i + 1] - times[i]) / 3600.0
            if rate[i] > 0:
                settled = source[i] / rate[i]
                here = settled + (here - settled) * np.exp(-rate[i] * hours)
    return fractions


def oxygen_beside(fraction: ArrayLike) -> Floats:
    """O2 fraction where ``fraction`` of the air is another gas: displacement, 0.209 (1 - C)."""
    return O2_IN_AIR * (1.0 - np.asarray(fraction, dtype=np.float64))


def sensor_response(times_s: Floats, truth: Floats, *, t90_s: float) -> Floats:
    """What a first-order sensor shows of ``truth``: y' = (x - y) / tau, tau = T90 / ln 10.

    Exact for an input that is linear between the given times; starts settled on the first value.
    ``truth`` has shape (times,) or (times, sensors).
    """
    tau = t90_s / T90_OVER_TAU
    shown = np.empty_like(truth)
    shown[0] = truth[0]
    for i in range(1, times_s.size):
        step = times_s[i] - times_s[i - 1]
        slope = (truth[i] - truth[i - 1]) / step
        fade = np.exp(-step / tau)
        shown[i] = truth[i] - slope * tau + (shown[i - 1] - truth[i - 1] + slope * tau) * fade
    return shown


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A straight gallery cut into equal cells, air blown in at cell 0."""

    length_m: float
    section_m2: float
    cells: int

    @property
    def cell_m(self) -> float:
        return self.length_m / self.cells

    @property
    def volume_m3(self) -> float:
        return self.length_m * self.section_m2

    def air_speed_m_s(self, air_changes_per_h: float) -> float:
        """Mean speed of air that is changed so often an hour."""
        return air_changes_per_h * self.length_m / 3600.0


def tunnel(
    times_s: Floats,
    *,
    shape: Tunnel,
    leak_cell: int,
    leak_m3h: ArrayLike,
    air_changes_per_h: ArrayLike,
) -> Floats:
    """Fraction in every cell over time, shape (times, cells), from clean air.

    Finite volumes, first-order upwind advection and dispersion D = 0.5 + 0.1 u m2/s:
    dC/dt + d(uC)/dx = d/dx(D dC/dx) + s, with u raised downstream of the leak by the leaked
    volume. Both rates are held from each time to the next; steps are cut to the stable length
    dt <= 1 / (u/dx + 2 D/dx2). Clean air enters at cell 0, the last cell opens to the outside.
    """
    leak = np.broadcast_to(np.asarray(leak_m3h, dtype=np.float64), times_s.shape)
    air = np.broadcast_to(np.asarray(air_changes_per_h, dtype=np.float64), times_s.shape)
    fractions = np.zeros((times_s.size, shape.cells))
    here = np.zeros(shape.cells)
    for i in range(times_s.size - 1):
        speed = np.full(shape.cells + 1, shape.air_speed_m_s(float(air[i])))
        speed[leak_cell + 1 :] += leak[i] / 3600.0 / shape.section_m2
        stretch = times_s[i + 1] - times_s[i]
        here = _advance(
            here, stretch, speed=speed, shape=shape, leak_cell=leak_cell, leak_m3h=float(leak[i])
        )
        fractions[i + 1] = here
    return fractions


def _advance(
    here: Floats,
    stretch_s: float,
    *,
    speed: Floats,
    shape: Tunnel,
    leak_cell: int,
    leak_m3h: float,
) -> Floats:
    dx = shape.cell_m
    dispersion = 0.5 + 0.1 * speed
    stable_s = 1.0 / (speed.max() / dx + 2.0 * dispersion.max() / dx**2)
    steps = max(1, int(np.ceil(stretch_s / stable_s)))
    dt = stretch_s / steps
    per_step = leak_m3h / 3600.0 / (shape.section_m2 * dx) * dt
    for _ in range(steps):
        upwind = np.concatenate(([0.0], here))  # what each face carries comes from its left
        flux = speed * upwind
        flux[1:-1] -= dispersion[1:-1] * np.diff(here) / dx
        here = here - np.diff(flux) * dt / dx
        here[leak_cell] += per_step
    return here


def sewer_h2s_ppm(
    *,
    transfer_per_h: ArrayLike,
    sulphide_mg_l: ArrayLike,
    ph: float,
    liquid_over_gas: float,
    air_changes_per_h: ArrayLike,
) -> Floats:
    """H2S above sewage at rest, ppm at 25 degC.

    C = KLa f DS Vl / (ACH Vg + KLa Vl / H): release from the liquid against ventilation and
    back-pressure, with f = 1 / (1 + 10^(pH - 7.05)) the undissociated share and 1 mg/m3 =
    0.72 ppm.
    """
    share = 1.0 / (1.0 + 10.0 ** (ph - 7.05))
    transfer = np.asarray(transfer_per_h, dtype=np.float64) * liquid_over_gas
    sulphide_mg_m3 = np.asarray(sulphide_mg_l, dtype=np.float64) * 1000.0
    mg_m3 = transfer * share * sulphide_mg_m3
    return np.asarray(0.72 * mg_m3 / (np.asarray(air_changes_per_h) + transfer / HENRY_H2S))


def pumping_pulse(
    times_s: ArrayLike, *, every_s: ArrayLike = 1800.0, fade_s: float = 240.0
) -> Floats:
    """What a pump upstream stirs up: 1 when it starts, fading until it starts again.

    Gas above sewage and its level peak with every pumping event and decay between them.
    """
    since = np.mod(np.asarray(times_s, dtype=np.float64), every_s)
    return np.asarray(np.exp(-since / fade_s))
