"""Gas along a straight gallery: air blown in at one end carries and smears what leaks.

Pure. Fractions are volume fractions, lengths m, flows m3/h, times s. Finite volumes: what leaves
one cell enters the next, so gas that leaked is either still there or has left by the open end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats

STILL_DISPERSION_M2_S: Final = 0.5
DISPERSION_PER_SPEED_M: Final = 0.1
"""D = 0.5 + 0.1 u m2/s for a section of some 6 m2 mixed over its height; an estimate."""


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

    def cell_at(self, along_m: float) -> int:
        """The cell that holds the point so far from the fan."""
        return min(self.cells - 1, max(0, int(along_m / self.cell_m)))


@dataclass(frozen=True)
class Along:
    """Gas in a gallery over time."""

    fractions: Floats
    """(times, cells)"""
    vented_m3: Floats
    """(times,) of gas that has left by the open end so far"""

    def held_m3(self, shape: Tunnel) -> Floats:
        """(times,) of gas that is in the gallery."""
        return np.asarray(self.fractions.sum(axis=1) * shape.cell_m * shape.section_m2)


def fans(
    times_s: ArrayLike,
    *,
    running_per_h: float,
    leakage_per_h: float = 0.3,
    fails_s: float = np.inf,
    mended_s: float = np.inf,
    accident_s: float = np.inf,
    accident_per_h: float = 12.0,
) -> Floats:
    """Air changes an hour of a gallery over time, shape of ``times_s``.

    Running at the normal rate (6 /h in a gas compartment), at the accident rate (12 /h) from
    ``accident_s`` on (GB 50838), and at what leaks through doors and shafts while failed.
    """
    times = np.asarray(times_s, dtype=np.float64)
    air = np.where(times >= accident_s, accident_per_h, running_per_h)
    return np.where((times >= fails_s) & (times < mended_s), leakage_per_h, air)


def tunnel(
    times_s: Floats,
    *,
    shape: Tunnel,
    leak_cell: int,
    leak_m3h: ArrayLike,
    air_changes_per_h: ArrayLike,
) -> Along:
    """Fraction in every cell over time, from clean air.

    First-order upwind advection and dispersion, dC/dt + d(uC)/dx = d/dx(D dC/dx) + s, with u
    raised downstream of the leak by the leaked volume. Both rates are scalars or one value per
    time, held from that time to the next; steps are cut to the stable length
    dt <= 1 / (u/dx + 2 D/dx2). Clean air enters at cell 0, the last cell opens to the outside.
    """
    leak = np.broadcast_to(np.asarray(leak_m3h, dtype=np.float64), times_s.shape)
    air = np.broadcast_to(np.asarray(air_changes_per_h, dtype=np.float64), times_s.shape)
    fractions = np.zeros((times_s.size, shape.cells))
    vented = np.zeros(times_s.size)
    here = np.zeros(shape.cells)
    for i in range(times_s.size - 1):
        speed = np.full(shape.cells + 1, shape.air_speed_m_s(float(air[i])))
        speed[leak_cell + 1 :] += leak[i] / 3600.0 / shape.section_m2
        stretch = times_s[i + 1] - times_s[i]
        if leak[i] > 0.0 or here.any():
            per_s = np.zeros(shape.cells)
            per_s[leak_cell] = leak[i] / 3600.0 / (shape.section_m2 * shape.cell_m)
            here, out_m = _advance(here, stretch, speed=speed, dx=shape.cell_m, per_s=per_s)
            vented[i + 1] = vented[i] + out_m * shape.section_m2
        fractions[i + 1] = here
    return Along(fractions, vented)


def _advance(
    here: Floats, stretch_s: float, *, speed: Floats, dx: float, per_s: Floats
) -> tuple[Floats, float]:
    """The cells after a stretch, and how many metres of pure gas left by the last face."""
    dispersion = STILL_DISPERSION_M2_S + DISPERSION_PER_SPEED_M * speed
    stable_s = 1.0 / (speed.max() / dx + 2.0 * dispersion.max() / dx**2)
    steps = max(1, int(np.ceil(stretch_s / stable_s)))
    dt = stretch_s / steps
    out_m = 0.0
    flux = np.zeros_like(speed)
    spread = dispersion[1:-1] / dx
    for _ in range(steps):
        flux[1:] = speed[1:] * here  # upwind: what each face carries comes from its left
        flux[1:-1] -= spread * np.diff(here)
        out_m += flux[-1] * dt
        here = here + (per_s - np.diff(flux) / dx) * dt
    return here, out_m
