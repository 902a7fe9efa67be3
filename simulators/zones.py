"""Pressure zones of a registry, solved: what their sensors truly see, and what acts change.

With the extra ``sim`` EPANET solves the whole net, loops included; without it the tree of mains
alone is solved in closed form, and a shut main leaves everything below it dry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.networks.acts import Act, Hole
from simulators.networks.toolkit import can_solve
from simulators.networks.zone_net import ZoneNet, share_of, zone_net
from simulators.networks.zone_solvers import EpanetZone, Solved, Solver, TreeZone
from simulators.physics import water

__all__ = [
    "Network",
    "Waterworks",
    "ZoneModel",
    "moments",
    "network_at",
    "share_of",
    "zone_model",
]

FACTOR_MAX: Final = 2.5
"""Demand over its mean is never more."""
FACTOR_STEPS: Final = 101
INLET: Final = -1
"""In place of a node: the flow into the zone."""


@dataclass(frozen=True)
class Network:
    pressure_mpa: water.Floats
    """(times, nodes)"""
    inlet_ls: water.Floats
    """(times,)"""

    def column(self, node: int) -> water.Floats:
        """Pressure of a node, or for ``INLET`` the inlet's flow, canonical."""
        return self.inlet_ls if node == INLET else self.pressure_mpa[:, node]


class Waterworks(Protocol):
    """What answers for the water sensors of a site: a zone, or a whole network of EPANET's."""

    @property
    def sensors(self) -> frozenset[str]:
        """The sensors it answers for."""

    @property
    def settles_s(self) -> float:
        """How long after an act it can still be seen."""

    def place(self, asset: str) -> str:
        """The name an asset has in acts."""

    def normal(self, sensor: str) -> Callable[[water.Floats, water.Floats], water.Floats]:
        """The sensor's true value on an ordinary day: f(scenario seconds, local hours)."""

    def changes(
        self, acts: Sequence[Act], *, until_s: float, hours: Callable[[water.Floats], water.Floats]
    ) -> tuple[water.Floats, dict[str, water.Floats]]:
        """What acts played together add to each sensor, canonical, and at which moments."""


@dataclass(frozen=True)
class ZoneModel:
    net: ZoneNet
    solver: Solver
    probes: Mapping[str, int]
    """Sensor -> its node, or ``INLET``."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Asset ids in the order of ``zone``'s arrays; the inlet first."""
        return self.net.nodes

    @property
    def zone(self) -> water.Zone:
        return self.net.zone

    @property
    def sensors(self) -> frozenset[str]:
        """The sensors it answers for."""
        return frozenset(self.probes)

    @property
    def settles_s(self) -> float:
        """It stores no water: when an act is over, it is over."""
        return 0.0

    def index(self, asset: str) -> int:
        """Where an asset stands; ValueError if it is no node of this zone."""
        return self.nodes.index(asset)

    def place(self, asset: str) -> str:
        """The name of an asset in acts: its own."""
        return asset

    def demand(self, hours: water.Floats) -> water.Floats:
        """Demand at local hours of the week, shape (times, nodes), L/s."""
        return np.asarray(water.demand_factor(hours)[:, None] * self.zone.demand_ls)

    def at(
        self,
        hours: water.Floats,
        *,
        times_s: water.Floats | None = None,
        acts: Sequence[Act] = (),
    ) -> Network:
        """Pressures and inlet flow at local hours; acts need the scenario seconds they go by.

        BadInput names a place the zone lacks.
        """
        seconds = np.zeros(hours.size) if times_s is None else times_s
        return _network(self.solver.solve(self.demand(hours), seconds, acts))

    def normal(self, sensor: str) -> Callable[[water.Floats, water.Floats], water.Floats]:
        """What the sensor truly sees on an ordinary day: f(scenario seconds, local hours)."""
        node = self.probes[sensor]

        def of(_: water.Floats, hours: water.Floats) -> water.Floats:
            grid, solved = self._ordinary
            return np.interp(water.demand_factor(hours), grid, solved.column(node))

        return of

    def changes(
        self, acts: Sequence[Act], *, until_s: float, hours: Callable[[water.Floats], water.Floats]
    ) -> tuple[water.Floats, dict[str, water.Floats]]:
        """What acts add to each sensor, canonical, at moments until ``until_s``."""
        times = moments(acts, until_s)
        touched = self.at(hours(times), times_s=times, acts=acts)
        calm = self.at(hours(times))
        return times, {
            sensor: touched.column(node) - calm.column(node) for sensor, node in self.probes.items()
        }

    @cached_property
    def _ordinary(self) -> tuple[water.Floats, Network]:
        """Everybody draws by one factor and nothing stores water, so one curve says it all."""
        grid = np.linspace(0.0, FACTOR_MAX, FACTOR_STEPS)
        demand = grid[:, None] * self.zone.demand_ls
        return grid, _network(self.solver.solve(demand, np.zeros(grid.size), ()))


def _network(solved: Solved) -> Network:
    return Network(np.maximum(solved.pressure_m, 0.0) * water.MPA_PER_M, solved.inlet_ls)


def moments(acts: Sequence[Act], until_s: float) -> water.Floats:
    """When to look: dense where acts begin and end, ever thinner after, never over 15 minutes."""
    edges = {act.from_s for act in acts} | {act.until_s for act in acts}
    edges |= {act.from_s + act.grows_s for act in acts if isinstance(act, Hole)}
    after = np.concatenate([
        np.arange(0.0, 60.0, 1.0), np.arange(60.0, 600.0, 10.0), np.arange(600.0, 7200.0, 60.0),
    ])  # fmt: skip
    first = min(edges, default=0.0)
    pieces = [np.arange(first, until_s, 900.0), np.array([until_s])]
    pieces += [edge + after for edge in edges]
    pieces += [np.array([edge - 1e-3 for edge in edges if edge > first])]
    times = np.unique(np.concatenate(pieces))
    return times[(times >= first) & (times <= until_s)]


def zone_model(registry: Registry, site: str, *, epanet: bool | None = None) -> ZoneModel | None:
    """The network of a site; None for a site without pipe nodes.

    ``epanet`` None solves with EPANET if it is installed; True insists (SimMissing).
    """
    net = zone_net(registry, site)
    if net is None:
        return None
    probes: dict[str, int] = {}
    for sensor in registry.sensors.values():
        if sensor.asset in net.nodes:
            if sensor.quantity is Quantity.WATER_PRESSURE:
                probes[sensor.id] = net.nodes.index(sensor.asset)
            elif sensor.quantity is Quantity.FLOW:
                probes[sensor.id] = INLET
    wanted = can_solve() if epanet is None else epanet
    return ZoneModel(net, EpanetZone(net) if wanted else TreeZone(net), probes)


def network_at(model: ZoneModel, hours: water.Floats) -> Network:
    """A zone's pressures and inlet flow at local hours of the week, on an ordinary day."""
    return model.at(hours)
