"""A city made of one pipe network: a registry that is complete, and the live model behind it.

Every junction, pipe, valve and pump becomes an asset, so that a leak in any of them has a place on
the map; sensors hang on the junctions asked for. One site is one pressure zone: what water joins
without a pump, a valve or a closed pipe. The map's scale comes from the pipes' lengths, its place
is made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.networks import places
from simulators.networks.demand import People, demand_of
from simulators.networks.layout import Layout
from simulators.networks.model import NetworkModel, Probe
from simulators.networks.people import those_responsible
from simulators.networks.prepare import Prepared, prepare, read_layout
from simulators.networks.probes import probes_of
from simulators.networks.source import find_network

STEPS_S: Final = (60.0, 900.0)
"""Shortest and longest hydraulic step of a play."""


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What it takes to play a network: plain values, so that another process can do it too."""

    source: Path
    probes: Mapping[str, Probe]
    """Sensor -> what it measures."""
    places: Mapping[str, str]
    """Asset -> its node or link in the file."""


@dataclass(frozen=True, slots=True)
class NetworkRegistry(Registry):
    """A registry that knows the network it was made of."""

    plan: NetworkPlan

    def works(
        self,
        *,
        seed: int,
        hour_of_week: float,
        hour_of_year: float = 0.0,
        step_s: int = 300,
        people: People | None = None,
    ) -> NetworkModel:
        """The live model of a play whose second 0 stands at these local hours.

        Raises SimMissing and HydraulicsFailed.
        """
        plan = self.plan
        layout = read_layout(plan.source)

        def prepare_for(holes: frozenset[str]) -> Prepared:
            pipes = {name: 0.5 for name in sorted(holes) if name not in layout.nodes}
            return prepare(plan.source, pipes=pipes, step_s=step_s)

        demand = demand_of(
            layout.draws,
            people or People(),
            seed=seed,
            step_s=step_s,
            hour_of_week=hour_of_week,
            hour_of_year=hour_of_year,
        )
        return NetworkModel(prepare_for, plan.probes, demand, places=plan.places)


def models_of(
    registry: Registry, *, seed: int, start: datetime, every_s: float | None = None
) -> dict[str, NetworkModel]:
    """The live model by site; nothing for a registry that was made of no network.

    ``every_s`` is how often sensors report, None for the registry's word; the hydraulics step as
    often, within ``STEPS_S``.
    """
    if not isinstance(registry, NetworkRegistry):
        return {}
    local = start.astimezone(ZoneInfo(registry.timezone))
    hour = local.hour + local.minute / 60.0 + local.second / 3600.0
    often_s = every_s or min(sensor.interval_s for sensor in registry.sensors.values())
    model = registry.works(
        seed=seed,
        hour_of_week=24.0 * local.weekday() + hour,
        hour_of_year=24.0 * (local.timetuple().tm_yday - 1) + hour,
        step_s=round(min(max(often_s, STEPS_S[0]), STEPS_S[1])),
    )
    return dict.fromkeys(registry.sites, model)


def network_city(
    network: str,
    *,
    sensors: Sequence[str] = (),
    flows: Sequence[str] = (),
    interval_s: float = 300.0,
    beside: Path | None = None,
) -> NetworkRegistry:
    """The registry of a network given by name (Net3, L-TOWN) or path.

    ``sensors`` are junctions that measure pressure, none given: a choice spread over the map;
    ``flows`` are links that measure flow, none given: every inlet of every zone; ``beside`` is
    where a relative path starts. Raises NetworkMissing, SimMissing, HydraulicsFailed, and BadInput
    that names every node or link the network lacks.
    """
    source = find_network(network, beside=beside)
    layout = read_layout(source)
    _refuse_unknown(layout, sensors, flows)
    names = places.Names(layout)
    zones = places.zones_of(layout, names)
    probed = probes_of(layout, names, sensors=sensors, flows=flows, interval_s=interval_s)
    people, teams, duties = those_responsible(names.city, tuple(zones.areas))
    return NetworkRegistry(
        name=layout.name,
        timezone="Asia/Shanghai",
        areas=zones.areas,
        sites=zones.sites,
        assets=zones.assets,
        sensors={sensor.id: sensor for sensor in probed.sensors},
        links=zones.links,
        people=people,
        teams=teams,
        duties=duties,
        plan=NetworkPlan(source, probed.probes, names.places()),
    )


def _refuse_unknown(layout: Layout, sensors: Sequence[str], flows: Sequence[str]) -> None:
    junctions = {node.name for node in layout.junctions()}
    wrong = [f"no junction {name!r}" for name in sensors if name not in junctions]
    wrong += [f"no pipe, pump or valve {name!r}" for name in flows if name not in layout.links]
    if wrong:
        raise BadInput(f"network {layout.name}: {', '.join(wrong)}")
