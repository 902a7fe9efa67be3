"""How happenings underground become traces: which assets are one space, and which sensor sees what.

What a happening adds is always in canonical units: % vol, ppm, m.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.city import Trace
from simulators.happenings.common import sensors_at
from simulators.physics.gas import Floats, sensor_response
from simulators.physics.gas_sensors import Principle

FADED: Final = 1e-4
"""Volume fraction of gas below which nothing can be seen any more."""
UNDERGROUND: Final = frozenset({AssetKind.CHAMBER, AssetKind.SEWER_WELL, AssetKind.TUNNEL_SECTION})
EDGE_S: Final = 1e-3
"""How long a switch takes to be thrown."""
_SLOWNESS_S: Final[Mapping[Quantity, float]] = {
    Quantity.CH4: Principle.NDIR.t90_s,
    Quantity.O2: Principle.O2_CELL.t90_s,
    Quantity.CO: Principle.CO_CELL.t90_s,
    Quantity.H2S: Principle.H2S_CELL.t90_s,
    Quantity.CO2: Principle.NDIR.t90_s,
}


def neighbours_in(registry: Registry, asset: str) -> list[str]:
    """Assets of the same kind at the same site, in the order of their ids, itself among them."""
    here = registry.assets[asset]
    return sorted(
        other.id
        for other in registry.assets.values()
        if other.site == here.site and other.kind is here.kind
    )


def seen_at(
    registry: Registry,
    asset: str,
    times: Floats,
    added: Mapping[Quantity, Floats],
    *,
    t90_s: Mapping[Quantity, float] | None = None,
) -> dict[str, Trace]:
    """Traces of an asset's sensors for what is added to its air or water, each with its own lag."""
    slowness = {**_SLOWNESS_S, **(t90_s or {})}
    traces = {}
    for sensor in sensors_at(registry, asset):
        if (truth := added.get(sensor.quantity)) is not None:
            lag_s = slowness.get(sensor.quantity)
            shown = truth if lag_s is None else sensor_response(times, truth, t90_s=lag_s)
            traces[sensor.id] = Trace(times, shown)
    return traces


def standing_still(
    registry: Registry, site: str, *, from_s: float, until_s: float
) -> dict[str, Trace]:
    """Traces of every fan of a site that stands still between two moments."""
    times = np.array([from_s - EDGE_S, from_s, until_s, until_s + EDGE_S])
    stopped = np.array([0.0, -1.0, -1.0, 0.0])
    return {
        sensor.id: Trace(times, stopped)
        for sensor in registry.sensors.values()
        if sensor.quantity is Quantity.RUNNING and registry.assets[sensor.asset].site == site
    }


def airing_s(aired_per_h: float) -> float:
    """Until even a space full of gas is aired, and its sensors know it."""
    return 3600.0 * float(np.log(1.0 / FADED)) / aired_per_h + 150.0
