"""A pressure zone solved: by EPANET with its loops, or in closed form along its tree.

Both are given demand and seconds in the same order and answer with pressure at every node and the
flow at the inlet. A zone stores no water, so every moment is solved for itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadInput
from simulators.networks.acts import Act, Draw, Hole, Setting, Shut, SourceFall, is_on
from simulators.networks.epanet import Stepper
from simulators.networks.prepare import REQUIRED_M
from simulators.networks.zone_net import LENGTH_M, ROUGHNESS, TRUNK_LOSS_M, ZoneNet
from simulators.physics import water

_STEP_S: Final = 60
_USUAL_HEAD_M: Final = 25.0
"""What a slit gapes at before anything has been solved."""
_HOLE_SWEEPS: Final = 6


@dataclass(frozen=True)
class Solved:
    pressure_m: water.Floats
    """(times, nodes)"""
    inlet_ls: water.Floats
    """(times,)"""


class Solver(Protocol):
    def solve(self, demand: water.Floats, times_s: water.Floats, acts: Sequence[Act]) -> Solved:
        """For demand (times, nodes) L/s at scenario seconds; BadInput names a wrong place."""


class EpanetZone:
    """The whole net, demand falling with pressure below what people need."""

    def __init__(self, net: ZoneNet) -> None:
        self._net = net

    def solve(self, demand: water.Floats, times_s: water.Floats, acts: Sequence[Act]) -> Solved:
        with tempfile.TemporaryDirectory(prefix="tocsin-zone-") as folder:
            path = Path(folder) / f"{self._net.site}.inp"
            path.write_text(zone_inp(self._net), "utf-8")
            with Stepper(path) as stepper:
                return self._play(stepper, demand, times_s, acts)

    def _play(
        self,
        stepper: Stepper,
        demand: water.Floats,
        times_s: water.Floats,
        acts: Sequence[Act],
    ) -> Solved:
        net = self._net
        nodes = [stepper.node(f"n{number}") for number in range(len(net.nodes))]
        source, trunk = stepper.node("source"), stepper.link("trunk")
        holes: dict[int, list[Hole]] = {}
        shut: dict[int, list[Shut]] = {}
        for act in acts:
            if isinstance(act, Hole):
                holes.setdefault(stepper.node(_hole_node(net, act.at)), []).append(act)
            elif isinstance(act, Shut):
                number = net.mains.index(net.main(act.link))
                shut.setdefault(stepper.link(f"p{number}"), []).append(act)
        wanted = demand + _drawn(net, times_s, acts)
        fall = _source_fall(times_s, acts)
        pressure, inlet = np.empty_like(demand), np.empty(times_s.size)
        head = dict.fromkeys(holes, _USUAL_HEAD_M)
        for row, time_s in enumerate(times_s.tolist()):
            stepper.set_demands(nodes, wanted[row])
            stepper.set_head(source, net.zone.source_head_m - float(fall[row]))
            for node, there in holes.items():
                opened = sum(hole.coefficient(time_s, head[node]) for hole in there)
                stepper.set_emitter(node, opened)
            for link, by in shut.items():
                if any(is_on(act, time_s) for act in by):
                    stepper.hold_link(link, is_open=False)
                else:
                    stepper.release_link(link)
            stepper.solve()
            pressure[row] = stepper.pressures_m(nodes)
            inlet[row] = stepper.flows_ls([trunk])[0]
            for node in holes:
                head[node] = float(stepper.pressures_m([node])[0])
            stepper.forward()
        return Solved(pressure, inlet)


class TreeZone:
    """The closed form: no loops, demand whatever the pressure."""

    def __init__(self, net: ZoneNet) -> None:
        self._net = net

    def solve(self, demand: water.Floats, times_s: water.Floats, acts: Sequence[Act]) -> Solved:
        net = self._net
        fall = _source_fall(times_s, acts)
        dry = self._dry(times_s, acts)
        wanted = np.where(dry, 0.0, demand + _drawn(net, times_s, acts))
        holes: dict[int, water.Floats] = {}
        for act in acts:
            if isinstance(act, Hole):
                node = self._node_of(act.at)
                opened = np.array([act.coefficient(t, _USUAL_HEAD_M) for t in times_s.tolist()])
                holes[node] = holes.get(node, 0.0) + np.where(dry[:, node], 0.0, opened)
        lost = np.zeros_like(wanted)
        flow = water.solve(net.zone, wanted, source_fall_m=fall)
        for _ in range(_HOLE_SWEEPS if len(holes) > 1 else len(holes)):
            for node, emitter in holes.items():
                lost[:, node] = 0.0
                flow = water.solve(
                    net.zone, wanted + lost, burst_node=node, emitter=emitter, source_fall_m=fall
                )
                lost[:, node] = flow.burst_ls
        return Solved(np.where(dry, 0.0, flow.pressure_m), flow.inlet_ls)

    def _node_of(self, place: str) -> int:
        """A hole in a main is put at the end that is farther from the source."""
        if place in self._net.nodes:
            return self._net.nodes.index(place)
        return self._net.main(place).b

    def _dry(self, times_s: water.Floats, acts: Sequence[Act]) -> NDArray[np.bool_]:
        """(times, nodes) True below a shut main of the tree."""
        net = self._net
        dry = np.zeros((times_s.size, len(net.nodes)), np.bool_)
        below = net.zone.below() > 0.0
        for act in acts:
            if isinstance(act, Shut):
                main = net.main(act.link)
                on = (times_s >= act.from_s) & (times_s < act.until_s)
                if net.zone.parent[main.b] == main.a:
                    dry |= on[:, None] & below[main.b]
        return dry


def zone_inp(net: ZoneNet) -> str:
    """The zone as an EPANET file: litres a second, a leak node in the middle of every main."""
    zone = net.zone
    mean_ls = float(zone.demand_ls.sum())
    lost = water.hazen_williams(LENGTH_M, 1000.0, ROUGHNESS) * mean_ls**1.852
    trunk_mm = 1000.0 * float(lost / TRUNK_LOSS_M) ** (1.0 / 4.871)
    nodes = [
        f"n{number} {level:.9g} {draw:.9g}"
        for number, (level, draw) in enumerate(
            zip(zone.elevation_m.tolist(), zone.demand_ls.tolist(), strict=True)
        )
    ]
    pipes = [f"trunk source n0 {LENGTH_M:.9g} {trunk_mm:.9g} {ROUGHNESS} 0 Open"]
    for number, main in enumerate(net.mains):
        middle = (zone.elevation_m[main.a] + zone.elevation_m[main.b]) / 2.0
        nodes.append(f"m{number} {middle:.9g} 0")
        half = f"{main.length_m / 2.0:.9g} {main.diameter_mm:.9g} {ROUGHNESS} 0 Open"
        pipes += [f"p{number} n{main.a} m{number} {half}", f"q{number} m{number} n{main.b} {half}"]
    options = [
        "Units LPS", "Headloss H-W", "Accuracy 0.00001", "Trials 100", "Unbalanced Continue 20",
        "Demand Model PDA", "Minimum Pressure 0", f"Required Pressure {REQUIRED_M}",
        "Pressure Exponent 0.5", "Emitter Exponent 0.5", "Quality None",
    ]  # fmt: skip
    sections = {
        "TITLE": [net.site], "JUNCTIONS": nodes,
        "RESERVOIRS": [f"source {zone.source_head_m:.9g}"], "PIPES": pipes, "OPTIONS": options,
        "TIMES": ["Duration 24:00", *(f"{what} Timestep 0:01" for what in ("Hydraulic", "Report"))],
        "END": [],
    }  # fmt: skip
    return "\n".join(line for name, body in sections.items() for line in (f"[{name}]", *body, ""))


def _hole_node(net: ZoneNet, place: str) -> str:
    if place in net.nodes:
        return f"n{net.nodes.index(place)}"
    return f"m{net.mains.index(net.main(place))}"


def _drawn(net: ZoneNet, times_s: water.Floats, acts: Sequence[Act]) -> water.Floats:
    """What hydrants take, (times, nodes)."""
    drawn = np.zeros((times_s.size, len(net.nodes)))
    for act in acts:
        if isinstance(act, Draw):
            on = (times_s >= act.from_s) & (times_s < act.until_s)
            drawn[:, net.node(act.at)] += np.where(on, act.flow_ls, 0.0)
        elif isinstance(act, Setting):
            raise BadInput(f"zone {net.site} has no valve or pump with a setting")
    return drawn


def _source_fall(times_s: water.Floats, acts: Sequence[Act]) -> water.Floats:
    fall = np.zeros(times_s.size)
    for act in acts:
        if isinstance(act, SourceFall):
            fall += np.where((times_s >= act.from_s) & (times_s < act.until_s), act.fall_m, 0.0)
    return fall
