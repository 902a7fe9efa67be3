"""Which sensors a network city has: pressure where asked or spread out, flow at the inlets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.domain.quantity import Quantity
from shared.domain.sensor import Sensor
from simulators.networks.layout import Layout, LinkKind, NetLink, NodeKind
from simulators.networks.model import Probe
from simulators.networks.places import Names

JUNCTIONS_PER_SENSOR: Final = 24
"""As L-TOWN has it: 33 sensors at 782 junctions."""
SENSORS_MIN: Final = 6
SENSORS_MAX: Final = 33
_PRESSURE_MPA: Final = (-0.1, 2.5)
_FLOW_LS: Final = (-5000.0, 5000.0)


@dataclass(frozen=True)
class Probed:
    sensors: tuple[Sensor, ...]
    probes: dict[str, Probe]


def probes_of(
    layout: Layout,
    names: Names,
    *,
    sensors: Sequence[str],
    flows: Sequence[str],
    interval_s: float,
) -> Probed:
    """Sensors and what they measure; ids are the junction's asset and ``-pressure``, ``-flow``."""
    found: list[Sensor] = []
    probes: dict[str, Probe] = {}
    for node in dict.fromkeys(sensors) or spread(layout):
        asset = names.node[node]
        sensor = f"{asset}-pressure"
        low, high = _PRESSURE_MPA
        found.append(Sensor(sensor, asset, Quantity.WATER_PRESSURE, "MPa", interval_s, low, high))
        probes[sensor] = Probe(node=node)
    for node, links in _metered(layout, flows).items():
        asset = names.node[node]
        sensor = f"{asset}-flow"
        low, high = _FLOW_LS
        found.append(Sensor(sensor, asset, Quantity.FLOW, "L/s", interval_s, low, high))
        probes[sensor] = Probe(links=tuple(links))
    return Probed(tuple(found), probes)


def spread(layout: Layout) -> list[str]:
    """Junctions far from each other: each next one is the farthest from all before it.

    Where people draw water, if there are enough such: beside a pump or a tank pressure says little.
    """
    draws = dict(zip(layout.draws.junctions, layout.draws.mean_ls().tolist(), strict=True))
    junctions = layout.junctions()
    served = tuple(node for node in junctions if draws[node.name] > 0.0)
    junctions = served if len(served) >= SENSORS_MIN else junctions
    wanted = round(len(junctions) / JUNCTIONS_PER_SENSOR)
    count = min(max(wanted, SENSORS_MIN), SENSORS_MAX, len(junctions))
    at = np.array([[node.x, node.y] for node in junctions])
    first = int(np.argmin(((at - at.mean(axis=0)) ** 2).sum(axis=1)))
    chosen = [first]
    nearest = ((at - at[first]) ** 2).sum(axis=1)
    while len(chosen) < count:
        nearest[chosen] = -1.0  # nodes drawn on one spot must not be chosen twice
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, ((at - at[chosen[-1]]) ** 2).sum(axis=1))
    return sorted(junctions[number].name for number in chosen)


def _metered(layout: Layout, flows: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
    """Junction -> links whose flow is measured there, into the zone positive."""
    home = {name: number for number, zone in enumerate(layout.zones()) for name in zone}
    metered: dict[str, list[tuple[str, float]]] = {}
    wanted = [layout.links[name] for name in flows] or _inlets(layout, home)
    for link in wanted:
        a, b = layout.nodes[link.a], layout.nodes[link.b]
        into_b = b.kind is NodeKind.JUNCTION
        if not into_b and a.kind is not NodeKind.JUNCTION:
            continue
        node, sign = (b.name, 1.0) if into_b else (a.name, -1.0)
        metered.setdefault(node, []).append((link.name, sign))
    return metered


def _inlets(layout: Layout, home: dict[str, int]) -> list[NetLink]:
    """Links by which water comes into a zone: from a reservoir, a pump, another zone."""

    def enters(link: NetLink) -> bool:
        if NodeKind.RESERVOIR in {layout.nodes[end].kind for end in (link.a, link.b)}:
            return True
        is_shut = link.closed and link.kind is LinkKind.PIPE
        return not is_shut and home.get(link.a) != home.get(link.b)

    return [link for link in layout.links.values() if enters(link)]
