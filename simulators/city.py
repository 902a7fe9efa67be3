"""Normal life of every sensor of a registry, and whatever happenings add to it, from one seed.

A city is cut into groups: the sensors of one site that report equally often, sent as one pack by
that site's gateway. Each group draws its noise from its own generator, seeded by the city's seed
and the group's name, so what one group shows does not depend on which others are played.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from shared.domain.quantity import Quantity, to_canonical
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from simulators.frames import Frame, PackedReading, pack_frame, pack_topic
from simulators.habits import NOISE_CUT, RESOLUTION, Habit, habit_of
from simulators.physics import water
from simulators.physics.gas import pumping_pulse
from simulators.zones import ZoneModel, share_of, zone_model

Floats = NDArray[np.float64]

PHASE_STEP_MS = 100
"""Groups start at different tenths of a second, as devices that nobody synchronised do."""


@dataclass(frozen=True)
class Trace:
    """What a happening adds to one sensor: canonical units over scenario seconds; 0 outside."""

    times_s: Floats
    added: Floats

    def at(self, time_s: float) -> float:
        """The addition at one moment, linear between the given ones."""
        return float(np.interp(time_s, self.times_s, self.added, left=0.0, right=0.0))


@dataclass(frozen=True)
class Group:
    """Sensors of one site with one interval."""

    site: str
    topic: str
    interval_ms: int
    phase_ms: int
    sensors: tuple[Sensor, ...]


class City:
    """Everything that depends on the registry, the seed and the start, and on nothing else."""

    def __init__(
        self,
        registry: Registry,
        *,
        seed: int,
        start: datetime,
        sites: Collection[str] | None = None,
        every_s_max: float | None = None,
    ) -> None:
        self.registry = registry
        self.seed = seed
        self.start = start
        self._hour_of_week = _hour_of_week(start, registry.timezone)
        self.zones = {
            site: model for site in registry.sites if (model := zone_model(registry, site))
        }
        self.groups = tuple(_groups(registry, sites, every_s_max))

    def hours(self, times_s: Floats) -> Floats:
        """Local hours since Monday 00:00 at scenario seconds."""
        return self._hour_of_week + times_s / 3600.0

    def play(
        self, group: Group, traces: Mapping[str, Trace], *, run: str, until_s: float | None
    ) -> Iterator[tuple[int, Frame]]:
        """The group's packs in order, each with its scenario time in ms; endless without an end."""
        device = _Device(self, group, traces)
        rng = np.random.default_rng([self.seed, zlib.crc32(group.site.encode()), group.interval_ms])
        time_ms = group.phase_ms
        while until_s is None or time_ms < until_s * 1000.0:
            values = device.show(time_ms / 1000.0, rng)
            readings = [
                PackedReading(sensor=sensor.id, value=value)
                for sensor, value in zip(group.sensors, values, strict=True)
            ]
            measured_at = self.start + timedelta(milliseconds=time_ms)
            yield (
                time_ms,
                pack_frame(topic=group.topic, measured_at=measured_at, run=run, readings=readings),
            )
            time_ms += group.interval_ms


class _Device:
    """A group's columns: habits, units, resolution, and the traces that touch it."""

    def __init__(self, city: City, group: Group, traces: Mapping[str, Trace]) -> None:
        registry, sensors = city.registry, group.sensors
        assets = [registry.assets[sensor.asset] for sensor in sensors]
        habits = [
            habit_of(asset.kind, sensor.quantity)
            for asset, sensor in zip(assets, sensors, strict=True)
        ]
        self._city = city
        self._base = np.array([_own_base(s, h) for s, h in zip(sensors, habits, strict=True)])
        self._swing = np.array([habit.swing for habit in habits])
        self._peak_hour = np.array([habit.peak_hour for habit in habits])
        self._noise = np.array([habit.noise for habit in habits])
        self._floor = np.array([habit.floor for habit in habits])
        self._pulse = np.array([habit.pulse for habit in habits])
        self._pulse_shift_s = np.array([1800.0 * share_of(asset.id) for asset in assets])
        scale = [_device_scale(sensor) for sensor in sensors]
        self._factor = np.array([factor for factor, _ in scale])
        self._offset = np.array([offset for _, offset in scale])
        self._low = np.array([sensor.low for sensor in sensors])
        self._high = np.array([sensor.high for sensor in sensors])
        self._decimals = [_decimals(s, f) for s, (f, _) in zip(sensors, scale, strict=True)]
        self._traces = [(i, traces[s.id]) for i, s in enumerate(sensors) if s.id in traces]
        self._zone = city.zones.get(group.site)
        self._pressures, self._nodes = _columns(self._zone, sensors, Quantity.WATER_PRESSURE)
        self._flows, _ = _columns(self._zone, sensors, Quantity.FLOW)

    def show(self, time_s: float, rng: np.random.Generator) -> list[float]:
        """What the devices show at a scenario second, in their own units."""
        hour = self._city.hours(np.array([time_s]))
        true = self._base + self._swing * np.cos(2 * np.pi * (hour - self._peak_hour) / 24.0)
        if self._pulse.any():
            true += self._pulse * pumping_pulse(3600.0 * hour + self._pulse_shift_s)
        if self._zone is not None:
            self._fill_network(true, self._zone, hour)
        for column, trace in self._traces:
            true[column] += trace.at(time_s)
        jitter = np.clip(rng.standard_normal(true.size), -NOISE_CUT, NOISE_CUT)
        seen = np.maximum(true + self._noise * jitter, self._floor)
        shown = np.clip((seen - self._offset) / self._factor, self._low, self._high)
        return [
            round(float(value), decimals)
            for value, decimals in zip(shown, self._decimals, strict=True)
        ]

    def _fill_network(self, true: Floats, model: ZoneModel, hour: Floats) -> None:
        from_network = network_at(model, hour)
        true[self._pressures] = from_network.pressure_mpa[0, self._nodes]
        true[self._flows] = from_network.inlet_ls[0]


@dataclass(frozen=True)
class Network:
    pressure_mpa: Floats
    """(times, nodes)"""
    inlet_ls: Floats
    """(times,)"""


def network_at(
    model: ZoneModel, hours: Floats, *, burst_node: int = 0, emitter: Floats | float = 0.0
) -> Network:
    """A zone's pressures and inlet flow at local hours of the week, with or without a burst."""
    flow = water.solve(model.zone, model.demand(hours), burst_node=burst_node, emitter=emitter)
    return Network(np.maximum(flow.pressure_m, 0.0) * water.MPA_PER_M, flow.inlet_ls)


def _own_base(sensor: Sensor, habit: Habit) -> float:
    return habit.base * (1.0 + habit.spread * (2.0 * share_of(sensor.id) - 1.0))


def _device_scale(sensor: Sensor) -> tuple[float, float]:
    """Factor and offset with canonical = factor * device + offset."""
    offset = to_canonical(sensor.quantity, sensor.unit, 0.0)
    return to_canonical(sensor.quantity, sensor.unit, 1.0) - offset, offset


def _decimals(sensor: Sensor, factor: float) -> int:
    return max(0, round(-math.log10(RESOLUTION[sensor.quantity] / factor)))


def _columns(
    model: ZoneModel | None, sensors: tuple[Sensor, ...], quantity: Quantity
) -> tuple[list[int], list[int]]:
    """Which of the group's sensors a zone model answers for, and at which of its nodes."""
    if model is None:
        return [], []
    pairs = [
        (column, model.index(sensor.asset))
        for column, sensor in enumerate(sensors)
        if sensor.quantity is quantity and sensor.asset in model.nodes
    ]
    return [column for column, _ in pairs], [node for _, node in pairs]


def _groups(
    registry: Registry, sites: Collection[str] | None, every_s_max: float | None
) -> Iterator[Group]:
    members: dict[tuple[str, int], list[Sensor]] = {}
    for sensor in sorted(registry.sensors.values(), key=lambda sensor: sensor.id):
        site = registry.site_of(sensor.id)
        if sites is None or site in sites:
            every_s = min(sensor.interval_s, every_s_max or sensor.interval_s)
            members.setdefault((site, max(1, round(every_s * 1000))), []).append(sensor)
    for (site, interval_ms), sensors in sorted(members.items()):
        steps = max(1, interval_ms // PHASE_STEP_MS)
        phase_ms = zlib.crc32(f"{site}/{interval_ms}".encode()) % steps * PHASE_STEP_MS
        topic = pack_topic(registry.sites[site].area, site)
        yield Group(site, topic, interval_ms, phase_ms, tuple(sensors))


def _hour_of_week(start: datetime, timezone: str) -> float:
    local = start.astimezone(ZoneInfo(timezone))
    return local.weekday() * 24.0 + local.hour + local.minute / 60.0 + local.second / 3600.0
