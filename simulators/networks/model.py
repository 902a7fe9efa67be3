"""A network as it is played: true pressures and flows at the sensors, with acts or without.

The ordinary course is stepped once and kept; every set of acts gets a course of its own from
second 0, for tanks remember. Values hold from one whole step until the next, as a real network's
telemetry is only ever told of the past; a course is lengthened when somebody asks for later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadInput
from simulators.networks.acts import Act, Draw, Hole, Setting, Shut, SourceFall, is_on
from simulators.networks.demand import Demand
from simulators.networks.epanet import Stepper
from simulators.networks.prepare import Prepared
from simulators.physics.water import MPA_PER_M

Floats = NDArray[np.float64]

SETTLES_S: Final = 6 * 3600.0
_JUST_BEFORE: Final = 1e-6
"""A share of a step: where a held value ends, for those who draw straight lines between points."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What one sensor measures: the pressure at a node, or the flow through some links."""

    node: str | None = None
    links: tuple[tuple[str, float], ...] = ()
    """(link, +1 or -1): flows add up, against the link's own direction with -1."""


class NetworkModel:
    """Answers for the sensors of a network city. One city, one model; give it back with ``close``.

    ``prepare_for`` makes the file for a set of leaking pipes, ``demand`` says what people draw.
    """

    def __init__(
        self,
        prepare_for: Callable[[frozenset[str]], Prepared],
        probes: Mapping[str, Probe],
        demand: Demand,
        *,
        places: Mapping[str, str],
    ) -> None:
        """``places``: asset id -> the node or pipe of the network it stands for."""
        self._prepare_for = prepare_for
        self._probes = dict(probes)
        self._columns = {sensor: column for column, sensor in enumerate(self._probes)}
        self._demand = demand
        self._places = dict(places)
        self._calm: Course | None = None

    @property
    def sensors(self) -> frozenset[str]:
        """The sensors it answers for."""
        return frozenset(self._probes)

    @property
    def settles_s(self) -> float:
        """How long after an act the network still shows it: tanks remember."""
        return SETTLES_S

    def place(self, asset: str) -> str:
        """The node or pipe an asset stands for; the name itself if it is no asset."""
        return self._places.get(asset, asset)

    def normal(self, sensor: str) -> Callable[[Floats, Floats], Floats]:
        """What the sensor truly sees on an ordinary day: f(scenario seconds, local hours)."""
        column = self._columns[sensor]

        def of(times_s: Floats, _: Floats) -> Floats:
            return self.calm().at(times_s)[:, column]

        return of

    def changes(
        self, acts: Sequence[Act], *, until_s: float, hours: Callable[[Floats], Floats]
    ) -> tuple[Floats, dict[str, Floats]]:
        """What acts add to each sensor, canonical, at moments until ``until_s``.

        The moments come in pairs, so that straight lines between them give held values.
        """
        calm = self.calm()
        starts = np.arange(0.0, until_s + calm.step_s, calm.step_s)
        with self.course(acts) as touched:
            added = touched.at(starts) - calm.at(starts)
        ends = starts + calm.step_s * (1.0 - _JUST_BEFORE)
        times = np.column_stack([starts, ends]).ravel()
        held = np.repeat(added, 2, axis=0)
        return times, {sensor: held[:, column] for sensor, column in self._columns.items()}

    def calm(self) -> Course:
        """The ordinary course."""
        if self._calm is None:
            self._calm = self.course(())
        return self._calm

    def course(self, acts: Sequence[Act]) -> Course:
        """A course of its own; BadInput names a node, pipe or link the network lacks."""
        holes = {act.at for act in acts if isinstance(act, Hole)}
        prepared = self._prepare_for(frozenset(holes))
        return Course(prepared, tuple(self._probes.values()), self._demand, tuple(acts))

    def close(self) -> None:
        """Give EPANET's memory back."""
        if self._calm is not None:
            self._calm.close()
            self._calm = None


class Course:
    """One way through time, from second 0 on, as long as somebody asks."""

    def __init__(
        self, prepared: Prepared, probes: Sequence[Probe], demand: Demand, acts: tuple[Act, ...]
    ) -> None:
        self.step_s = prepared.step_s
        self._prepared = prepared
        self._demand = demand
        self._stepper = Stepper(prepared.path, step_s=prepared.step_s)
        self._rows: list[Floats] = []
        self._head_m: dict[int, float] = {}
        try:
            self._bind(probes, acts)
        except BaseException:
            self._stepper.close()
            raise

    def _bind(self, probes: Sequence[Probe], acts: tuple[Act, ...]) -> None:
        stepper, layout = self._stepper, self._prepared.layout
        self._junctions = [stepper.node(name) for name in layout.draws.junctions]
        self._row_of = {name: row for row, name in enumerate(layout.draws.junctions)}
        self._pressed = [
            (column, stepper.node(probe.node))
            for column, probe in enumerate(probes)
            if probe.node is not None
        ]
        self._flowing = [
            (column, [stepper.link(link) for link, _ in probe.links],
             np.array([sign for _, sign in probe.links]))
            for column, probe in enumerate(probes)
            if probe.links
        ]  # fmt: skip
        self._width = len(probes)
        self._holes: dict[int, list[Hole]] = {}
        self._draws: list[tuple[int, Draw]] = []
        self._links: dict[int, list[Shut | Setting]] = {}
        for act in acts:
            match act:
                case Hole():
                    node = stepper.node(self._prepared.leaks.get(act.at, act.at))
                    self._holes.setdefault(node, []).append(act)
                case Draw():
                    layout.node(act.at)
                    if act.at not in self._row_of:
                        raise BadInput(f"node {act.at!r} of {layout.name} is no junction")
                    self._draws.append((self._row_of[act.at], act))
                case Shut() | Setting():
                    layout.link(act.link)
                    self._links.setdefault(stepper.link(act.link), []).append(act)
                case SourceFall():
                    raise BadInput(f"network {layout.name} has no one source; name its pump")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stepper.close()

    def at(self, times_s: Floats) -> Floats:
        """Canonical values of the probes, (times, probes); each holds since the last whole step."""
        steps = np.maximum(times_s // self.step_s, 0.0).astype(np.int64)
        last = int(steps.max(initial=0))
        while len(self._rows) <= last:
            self._rows.append(self._step())
        return np.array([self._rows[step] for step in steps]).reshape(steps.size, self._width)

    def _step(self) -> Floats:
        stepper = self._stepper
        now = stepper.forward() if self._rows else 0
        wanted = self._demand(float(now))
        for row, draw in self._draws:
            if is_on(draw, now):
                wanted[row] += draw.flow_ls
        stepper.set_demands(self._junctions, wanted)
        for node, holes in self._holes.items():
            head = self._head_m.get(node, 0.0)
            stepper.set_emitter(node, sum(hole.coefficient(now, head) for hole in holes))
        for link, by in self._links.items():
            self._turn(link, next((act for act in by if is_on(act, now)), None))
        stepper.solve()
        for node in self._holes:
            self._head_m[node] = float(stepper.pressures_m([node])[0])
        return self._read()

    def _turn(self, link: int, act: Shut | Setting | None) -> None:
        if act is None:
            self._stepper.release_link(link)
        elif isinstance(act, Shut):
            self._stepper.hold_link(link, is_open=False)
        else:
            self._stepper.hold_link(link, is_open=True)
            self._stepper.set_setting(link, act.setting)

    def _read(self) -> Floats:
        values = np.zeros(self._width)
        columns = [column for column, _ in self._pressed]
        pressed = self._stepper.pressures_m(node for _, node in self._pressed)
        values[columns] = np.maximum(pressed, 0.0) * MPA_PER_M
        for column, links, signs in self._flowing:
            values[column] = float(self._stepper.flows_ls(links) @ signs)
        return values
