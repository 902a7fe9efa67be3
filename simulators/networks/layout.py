"""What stands in a network: nodes, links, where they are, and what people draw. Plain values.

Metres, millimetres, L/s. Nothing here needs EPANET, so a layout can be made by hand in a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadInput

Floats = NDArray[np.float64]


class NodeKind(StrEnum):
    JUNCTION = "junction"
    TANK = "tank"
    RESERVOIR = "reservoir"


class LinkKind(StrEnum):
    PIPE = "pipe"
    PUMP = "pump"
    VALVE = "valve"


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    kind: NodeKind
    elevation_m: float
    """Of the ground; of a reservoir, its head."""
    x: float
    y: float
    """In the file's own map units."""


@dataclass(frozen=True, slots=True)
class NetLink:
    name: str
    kind: LinkKind
    a: str
    b: str
    length_m: float = 0.0
    diameter_mm: float = 0.0
    closed: bool = False
    """At the start."""


@dataclass(frozen=True)
class Draws:
    """Demand by junction and pattern: what a junction wants is ``bases @ multipliers``."""

    junctions: tuple[str, ...]
    bases_ls: Floats
    """(junctions, patterns)"""
    patterns: tuple[Floats, ...]
    """Multipliers, each repeated for ever."""
    step_s: float
    """How long one multiplier holds."""

    def at(self, time_s: float) -> Floats:
        """Demand of each junction at a second since the patterns' start, L/s."""
        step = int(time_s // self.step_s)
        now = np.array([pattern[step % pattern.size] for pattern in self.patterns])
        return np.asarray(self.bases_ls @ now, dtype=np.float64)

    def mean_ls(self) -> Floats:
        """Mean demand of each junction over its patterns, L/s."""
        means = np.array([pattern.mean() for pattern in self.patterns])
        return np.asarray(self.bases_ls @ means, dtype=np.float64)


@dataclass(frozen=True)
class Layout:
    name: str
    nodes: Mapping[str, Node]
    links: Mapping[str, NetLink]
    draws: Draws

    def node(self, name: str) -> Node:
        """BadInput names a node the network lacks."""
        if name not in self.nodes:
            raise BadInput(f"no node {name!r} in network {self.name}")
        return self.nodes[name]

    def link(self, name: str) -> NetLink:
        """BadInput names a link the network lacks."""
        if name not in self.links:
            raise BadInput(f"no pipe, pump or valve {name!r} in network {self.name}")
        return self.links[name]

    def junctions(self) -> tuple[Node, ...]:
        """In the file's order."""
        return tuple(node for node in self.nodes.values() if node.kind is NodeKind.JUNCTION)

    def pipes(self) -> tuple[NetLink, ...]:
        """In the file's order."""
        return tuple(link for link in self.links.values() if link.kind is LinkKind.PIPE)

    def zones(self) -> tuple[frozenset[str], ...]:
        """Nodes that water joins without a pump, a valve or a closed pipe; largest first.

        Reservoirs stand outside: what they feed is no reason to be judged together.
        """
        inside = [name for name, node in self.nodes.items() if node.kind is not NodeKind.RESERVOIR]
        beside: dict[str, list[str]] = {name: [] for name in inside}
        for link in self.pipes():
            if not link.closed and link.a in beside and link.b in beside:
                beside[link.a].append(link.b)
                beside[link.b].append(link.a)
        zones = []
        left = dict.fromkeys(inside)
        while left:
            start = next(iter(left))
            zone, waiting = {start}, [start]
            while waiting:
                for near in beside[waiting.pop()]:
                    if near not in zone:
                        zone.add(near)
                        waiting.append(near)
            for name in zone:
                del left[name]
            zones.append(frozenset(zone))
        order = {name: number for number, name in enumerate(inside)}
        zones.sort(key=lambda zone: (-len(zone), min(order[name] for name in zone)))
        return tuple(zones)
