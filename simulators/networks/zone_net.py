"""A pressure zone as the registry draws it: nodes, mains, demand, source.

The mains are the registry's pipe links; a tree of them, walked from the inlet (the node that
measures flow), says how big each must be for a usual speed of water, and a node no link reaches
hangs on the inlet. What the registry does not say (demand, ground level) comes from the asset's
id, so a zone is the same for every seed and every run.
"""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.domain.place import Asset, AssetKind, LinkKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.physics import water

Ints = NDArray[np.int64]

SPEED_M_S: Final = 0.8
"""Of water in a main at mean demand: pipes are bought for that."""
ROUGHNESS: Final = 110.0
"""Hazen-Williams C of iron in service."""
LENGTH_M: Final = 400.0
"""Between two nodes where the registry gives no length."""
DIAMETER_MIN_MM: Final = 400.0
"""Of a main; thinner pipes are nobody's node."""
RING_MM: Final = 100.0
"""Of a main that closes a loop: it shares the load and carries none alone."""
WORST_HEAD_M: Final = 27.0
"""At the worst node in the busiest hour: the source is pumped so high, well above 0.20 MPa."""
PIPE_JOINT: Final = "--"
"""Between the two assets a main joins, in its name."""
TRUNK_LOSS_M: Final = 0.5
"""Lost at mean demand before the inlet."""


@dataclass(frozen=True, slots=True)
class Main:
    """A pipe between two nodes, by their place in the zone's arrays."""

    name: str
    a: int
    b: int
    length_m: float
    diameter_mm: float


@dataclass(frozen=True)
class ZoneNet:
    site: str
    nodes: tuple[str, ...]
    """Asset ids in the order of ``zone``'s arrays; the inlet first."""
    zone: water.Zone
    """The tree that feeds them."""
    mains: tuple[Main, ...]
    """Those of the tree and those that close loops."""

    def node(self, name: str) -> int:
        """BadInput names a node the zone lacks."""
        if name not in self.nodes:
            raise BadInput(f"no node {name!r} in zone {self.site}")
        return self.nodes.index(name)

    def main(self, name: str) -> Main:
        """A main by name, its ends in either order; BadInput names one the zone lacks."""
        turned = PIPE_JOINT.join(reversed(name.split(PIPE_JOINT)))
        for main in self.mains:
            if main.name in {name, turned}:
                return main
        raise BadInput(f"no main {name!r} in zone {self.site}; it has: {self._names()}")

    def _names(self) -> str:
        return ", ".join(main.name for main in self.mains)


def share_of(text: str) -> float:
    """A fixed number in [0, 1) for a name: variety without chance."""
    return (zlib.crc32(text.encode()) % 10_007) / 10_007


def zone_net(registry: Registry, site: str) -> ZoneNet | None:
    """Nodes, mains, demand and source of a site; None for a site without pipe nodes."""
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
    diameter, flow = _sizes(parent, demand)
    resistance = water.hazen_williams(length, diameter, ROUGHNESS)
    resistance[0] = TRUNK_LOSS_M / flow[0] ** 1.852
    busiest = demand[None, :] * water.demand_factor(np.arange(168.0)).max()
    unpumped = water.Zone(parent, resistance, demand, elevation, source_head_m=0.0)
    source_head_m = WORST_HEAD_M - float(water.solve(unpumped, busiest).pressure_m.min())
    zone = replace(unpumped, source_head_m=source_head_m)
    return ZoneNet(site, tuple(order), zone, _mains(registry, order, parent, length, diameter))


def _sizes(parent: Ints, demand: water.Floats) -> tuple[water.Floats, water.Floats]:
    """Diameter (mm) of the main that feeds each node, and its flow at mean demand (L/s)."""
    flow = demand.copy()
    for node in range(parent.size - 1, 0, -1):
        flow[parent[node]] += flow[node]
    usual_mm = 1000.0 * np.sqrt(4.0 * flow / 1000.0 / (np.pi * SPEED_M_S))
    return np.maximum(usual_mm, DIAMETER_MIN_MM), flow


def _mains(
    registry: Registry, order: list[str], parent: Ints, length: list[float], diameter: water.Floats
) -> tuple[Main, ...]:
    """The tree's mains, each sized for what it feeds, then those that close loops."""
    mains = {}
    for child in range(1, len(order)):
        up = int(parent[child])
        name = PIPE_JOINT.join([order[up], order[child]])
        mains[frozenset((up, child))] = Main(
            name, up, child, float(length[child]), float(diameter[child])
        )
    where = {name: number for number, name in enumerate(order)}
    for link in registry.links:
        if link.kind is LinkKind.PIPE and link.a in where and link.b in where:
            a, b = where[link.a], where[link.b]
            name = PIPE_JOINT.join([link.a, link.b])
            ring = Main(name, a, b, link.length_m or LENGTH_M, RING_MM)
            mains.setdefault(frozenset((a, b)), ring)
    return tuple(mains.values())


def _tree(registry: Registry, nodes: list[Asset]) -> tuple[list[str], Ints, list[float]]:
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
