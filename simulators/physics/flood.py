"""Water in pits, wells and galleries: what comes in, what pumps lift, what rises.

Pure. Levels m above the floor, areas m2, flows m3/s, rain mm/h, times s. Water is conserved: what
came in is either standing, pumped or spilled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import Floats


@dataclass(frozen=True, slots=True)
class Pit:
    """A pit with a pump that a float switch starts and stops."""

    area_m2: float
    pump_m3s: float = 0.0
    starts_m: float = 0.5
    stops_m: float = 0.2
    rim_m: float = np.inf
    """Above this it spills."""


@dataclass(frozen=True)
class Standing:
    """What a pit did over time, each (times,)."""

    level_m: Floats
    running: Floats
    """1 while the pump runs."""
    pumped_m3: Floats
    spilled_m3: Floats


def runoff_m3s(rain_mm_h: ArrayLike, *, area_m2: float, coefficient: float = 0.8) -> Floats:
    """Rational method: Q = C i A; C 0.7 to 0.95 on paved ground."""
    rain_m_s = np.asarray(rain_mm_h, dtype=np.float64) / 1000.0 / 3600.0
    return np.asarray(coefficient * rain_m_s * area_m2)


def weir_m3s(head_m: ArrayLike, *, width_m: float) -> Floats:
    """Flow over a sill: Q = 1.7 b h^1.5 (broad-crested weir)."""
    head = np.maximum(np.asarray(head_m, dtype=np.float64), 0.0)
    return np.asarray(1.7 * width_m * head**1.5)


def stands(
    times_s: Floats,
    pit: Pit,
    inflow_m3s: ArrayLike,
    *,
    start_m: float = 0.0,
    powered: ArrayLike = True,
) -> Standing:
    """Level of a pit: dh/dt = (q_in - q_pump) / A, the saw-tooth of a float switch.

    ``inflow_m3s`` and ``powered`` are scalars or one value per time, held to the next. The
    pump is switched at the given times only, so these should be a fraction of its cycle.
    """
    inflow = np.broadcast_to(np.asarray(inflow_m3s, dtype=np.float64), times_s.shape)
    power = np.broadcast_to(np.asarray(powered, dtype=np.bool_), times_s.shape)
    level, running = np.zeros_like(times_s), np.zeros_like(times_s)
    pumped, spilled = np.zeros_like(times_s), np.zeros_like(times_s)
    height, runs = start_m, False
    for i in range(times_s.size):
        runs = bool(power[i]) and (height >= pit.starts_m or (runs and height > pit.stops_m))
        level[i], running[i] = height, float(runs)
        if i + 1 == times_s.size:
            break
        stretch = times_s[i + 1] - times_s[i]
        standing = height * pit.area_m2 + inflow[i] * stretch
        lifted = min(pit.pump_m3s * stretch, standing) if runs else 0.0
        over = max(0.0, standing - lifted - pit.rim_m * pit.area_m2)
        height = (standing - lifted - over) / pit.area_m2
        pumped[i + 1], spilled[i + 1] = pumped[i] + lifted, spilled[i] + over
    return Standing(level, running, pumped, spilled)


def along_gallery(
    times_s: Floats,
    inflow_m3s: Floats,
    *,
    section_m2: float,
    sections: int,
    enters: int,
    spreads_s: float = 120.0,
) -> Floats:
    """Level of each section of a level gallery, (times, sections).

    ``section_m2`` is the floor of one section. Neighbours level out with the time constant
    ``spreads_s``, both directions alike; the ends are closed, so all water that came in stands.
    """
    level = np.zeros((times_s.size, sections))
    here = np.zeros(sections)
    for i in range(times_s.size - 1):
        stretch = times_s[i + 1] - times_s[i]
        cuts = max(1, int(np.ceil(4.0 * stretch / spreads_s)))
        for _ in range(cuts):
            flow = np.diff(here) * (stretch / cuts) / spreads_s
            here = here.copy()
            here[:-1] += flow
            here[1:] -= flow
            here[enters] += inflow_m3s[i] * stretch / cuts / section_m2
        level[i + 1] = here
    return level
