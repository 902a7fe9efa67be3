"""A pressure zone: one inlet, a tree of mains, a demand at each node, and what a burst does.

Pure and vectorised. Heads and elevations in metres of water, flows in L/s, lengths in m,
diameters in mm. A tree keeps the zone solvable in one sweep: the flow in a main is the demand
below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GRAVITY: Final = 9.80665
MPA_PER_M: Final = 0.00980665
"""Pressure of one metre of water."""
DISCHARGE: Final = 0.75
"""Cd of an orifice in a pipe wall (WNTR's default for leaks)."""

_WEEKLY: Final = ((-0.14, 0.05), (0.06, 0.02), (-0.02, 0.01))
# Cosine and sine of the first harmonics of a week, after the Fourier form of LeakDB: small, for
# a weekday is much like another.
_DAILY: Final = ((-0.30, -0.19), (-0.17, -0.31), (0.02, 0.02), (0.00, 0.10))
# The same of a day: low at 03:00, peaks near 08:00 and 19:00.


def demand_factor(hours: ArrayLike) -> Floats:
    """Demand over its mean at local hours since Monday 00:00; about 0.35 at night, 1.5 at peak.

    The weekly component Cw of LeakDB's d = base (Cw + 1)(Cy + 1)(Cr + 1): a Fourier series.
    """
    hour = np.asarray(hours, dtype=np.float64)
    factor = np.ones_like(hour)
    for order, (cosine, sine) in enumerate(_DAILY, start=1):
        angle = 2.0 * np.pi * order * hour / 24.0
        factor = factor + cosine * np.cos(angle) + sine * np.sin(angle)
    for order, (cosine, sine) in enumerate(_WEEKLY, start=1):
        angle = 2.0 * np.pi * order * hour / 168.0
        factor = factor + 0.25 * (cosine * np.cos(angle) + sine * np.sin(angle))
    return factor


def hazen_williams(length_m: ArrayLike, diameter_mm: ArrayLike, roughness: ArrayLike) -> Floats:
    """Resistance r of a main so that head loss = r q^1.852 (m, L/s).

    Hazen-Williams in SI, h = 10.67 L q^1.852 / (C^1.852 d^4.871) with q in m3/s and d in m.
    """
    diameter = np.asarray(diameter_mm, dtype=np.float64) / 1000.0
    metric = 10.67 * np.asarray(length_m) / (np.asarray(roughness) ** 1.852 * diameter**4.871)
    return np.asarray(metric * 1e-3**1.852, dtype=np.float64)


def emitter_coefficient(hole_mm: ArrayLike, discharge: float = DISCHARGE) -> Floats:
    """C of q = C sqrt(h) (L/s, m) for a round hole: Cd A sqrt(2 g), Torricelli."""
    area = np.pi * (np.asarray(hole_mm, dtype=np.float64) / 1000.0) ** 2 / 4.0
    return np.asarray(1000.0 * discharge * area * np.sqrt(2.0 * GRAVITY))


@dataclass(frozen=True)
class Zone:
    """A tree of nodes; node 0 is the inlet. Every array has one entry per node."""

    parent: NDArray[np.int64]
    """The node upstream; parents come before children; -1 at the inlet."""
    resistance: Floats
    """Of the main from the parent; at the inlet, of the trunk main that feeds the zone."""
    demand_ls: Floats
    """Mean demand."""
    elevation_m: Floats
    source_head_m: float
    """Head behind the trunk main, above the elevations' datum."""

    def below(self) -> Floats:
        """Matrix (nodes, nodes): row i is 1 for every node fed through main i, itself included."""
        size = self.parent.size
        reach = np.eye(size)
        for node in range(size - 1, 0, -1):
            reach[self.parent[node]] += reach[node]
        return reach


@dataclass(frozen=True)
class Flow:
    """The state of a zone at each time."""

    pressure_m: Floats
    """(times, nodes)"""
    inlet_ls: Floats
    """(times,)"""
    burst_ls: Floats
    """(times,)"""


def solve(
    zone: Zone,
    demand: Floats,
    *,
    burst_node: int = 0,
    emitter: ArrayLike = 0.0,
    source_fall_m: ArrayLike = 0.0,
) -> Flow:
    """Pressures and flows for demands of shape (times, nodes) L/s and an emitter per time.

    ``source_fall_m`` is what the source lacks of its head, per time.

    The burst flow q solves q = C sqrt(max(h(q), 0)); h falls as q grows, so bisection finds
    the one root, for every time at once. Demand does not fall with pressure here, which makes a
    burst look slightly worse than in a pressure-driven model.
    """
    reach = zone.below()
    base = demand @ reach.T
    burst_path = reach[:, burst_node]
    opening = np.broadcast_to(np.asarray(emitter, dtype=np.float64), base.shape[:1])
    fall = np.broadcast_to(np.asarray(source_fall_m, dtype=np.float64), base.shape[:1])[:, None]

    def pressure(q: Floats) -> Floats:
        flow = base + q[:, None] * burst_path
        loss = zone.resistance * np.abs(flow) ** 1.852
        return np.asarray(zone.source_head_m - fall - loss @ reach - zone.elevation_m)

    low = np.zeros(base.shape[0])
    high = opening * np.sqrt(max(zone.source_head_m - zone.elevation_m[burst_node], 0.0))
    for _ in range(40 if opening.any() else 0):
        middle = (low + high) / 2.0
        head = np.maximum(pressure(middle)[:, burst_node], 0.0)
        more = opening * np.sqrt(head) > middle
        low = np.where(more, middle, low)
        high = np.where(more, high, middle)
    burst = (low + high) / 2.0
    return Flow(pressure(burst), base[:, 0] + burst, burst)
