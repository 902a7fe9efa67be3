"""Pressure zones of a registry as solvable networks.

The tree comes from the registry's pipe links, walked from the inlet (the node that measures
flow); a node no link reaches hangs on the inlet. Mains are sized for a usual speed of water.
What the registry does not say (demand, ground level) comes from the asset's id, so a zone is the
same for every seed and every run.
"""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shared.domain.place import Asset, AssetKind, LinkKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.physics import water

SPEED_M_S: Final = 0.8
"""Of water in a main at mean demand: pipes are bought for that."""
ROUGHNESS: Final = 110.0
"""Hazen-Williams C of iron in service."""
LENGTH_M: Final = 400.0
"""Between two nodes where the registry gives no length."""
DIAMETER_MIN_MM: Final = 400.0
"""Of a main; thinner pipes are nobody's node."""
WORST_HEAD_M: Final = 27.0
"""At the worst node in the busiest hour: the source is pumped so high, well above 0.20 MPa."""
TRUNK_LOSS_M: Final = 0.5
"""Lost at mean demand before the inlet."""


@dataclass(frozen=True)
class ZoneModel:
    nodes: tuple[str, ...]
    """Asset ids in the order of ``zone``'s arrays; the inlet first."""
    zone: water.Zone

    def index(self, asset: str) -> int:
        """Where an asset stands; ValueError if it is no node of this zone."""
        return self.nodes.index(asset)

    def demand(self, hours: water.Floats) -> water.Floats:
        """Demand at local hours of the week, shape (times, nodes), L/s."""
        return np.asarray(water.demand_factor(hours)[:, None] * self.zone.demand_ls)


def share_of(text: str) -> float:
    """A fixed number in [0, 1) for a name: variety without chance."""
    return (zlib.crc32(text.encode()) % 10_007) / 10_007


def zone_model(registry: Registry, site: str) -> ZoneModel | None:
    """The network of a site; None for a site without pipe nodes."""
    nodes = [
        asset
        for asset in registry.assets.values()
        if asset.site == site and asset.kind is AssetKind.PIPE_NODE
    ]
    if not nodes:
        return None
    order, parent, length = _tree(registry, sorted(nodes, key=lambda asset: asset.id))
    demand = np.array([0.0 if i == 0 else 4.0 + 5.0 * share_of(n) for i, n in enumerate(order)])
    if len(order) == 1:
        demand[0] = 20.0
    elevation = np.array([3.0 * share_of(f"{node}/ground") for node in order])
    resistance = _resistance(parent, length, demand)
    busiest = demand[None, :] * water.demand_factor(np.arange(168.0)).max()
    unpumped = water.Zone(parent, resistance, demand, elevation, source_head_m=0.0)
    source_head_m = WORST_HEAD_M - float(water.solve(unpumped, busiest).pressure_m.min())
    return ZoneModel(tuple(order), replace(unpumped, source_head_m=source_head_m))


def _resistance(
    parent: np.ndarray[tuple[int], np.dtype[np.int64]],
    length: list[float],
    demand: water.Floats,
) -> water.Floats:
    flow = demand.copy()
    for node in range(parent.size - 1, 0, -1):
        flow[parent[node]] += flow[node]
    usual_mm = 1000.0 * np.sqrt(4.0 * flow / 1000.0 / (np.pi * SPEED_M_S))
    diameter_mm = np.maximum(usual_mm, DIAMETER_MIN_MM)
    resistance = water.hazen_williams(length, diameter_mm, ROUGHNESS)
    resistance[0] = TRUNK_LOSS_M / flow[0] ** 1.852
    return resistance


def _tree(
    registry: Registry, nodes: list[Asset]
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]], list[float]]:
    """Ids from the inlet outwards, each one's parent, and the length of the main between."""
    names = {node.id for node in nodes}
    inlet = _inlet(registry, nodes)
    beside: dict[str, list[tuple[str, float]]] = {name: [] for name in names}
    for link in registry.links:
        if link.kind is LinkKind.PIPE and link.a in names and link.b in names:
            length = link.length_m or LENGTH_M
            beside[link.a].append((link.b, length))
            beside[link.b].append((link.a, length))
    order, parent, lengths = [inlet], [-1], [LENGTH_M]
    waiting = deque([0])
    while waiting:
        here = waiting.popleft()
        for name, length in sorted(beside[order[here]]):
            if name not in order:
                order.append(name)
                parent.append(here)
                lengths.append(length)
                waiting.append(len(order) - 1)
    for node in nodes:
        if node.id not in order:
            order.append(node.id)
            parent.append(0)
            lengths.append(LENGTH_M)
    return order, np.array(parent, dtype=np.int64), lengths


def _inlet(registry: Registry, nodes: list[Asset]) -> str:
    metered = {
        sensor.asset for sensor in registry.sensors.values() if sensor.quantity is Quantity.FLOW
    }
    candidates = [node.id for node in nodes if node.id in metered or node.id.endswith("-inlet")]
    return candidates[0] if candidates else nodes[0].id
