"""Normal life of every sensor of a registry, and whatever happens or lies there, from one seed.

A city is cut into groups: the sensors of one site that report equally often, sent as one pack by
that site's gateway. Each group draws its noise from its own generator, seeded by the city's seed
and the group's name, so what one group shows does not depend on which others are played.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from shared.domain.quantity import to_canonical
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from simulators import messages
from simulators.channels import Channel, Lie
from simulators.device import SECOND_US, Block, Device, Ints, Trace
from simulators.frames import Frame, pack_topic
from simulators.habits import habit_of
from simulators.messages import Parcel, Sender
from simulators.networks.city import models_of
from simulators.zones import network_at, zone_model

__all__ = ["City", "Group", "LieMakers", "SiteModel", "Trace", "network_at"]

Floats = NDArray[np.float64]
LieMakers = Mapping[str, Sequence[Callable[[Channel], Lie]]]
"""By sensor: what lies on it, in the order in which the lies are laid over each other."""

Truly = Callable[[Floats, Floats], Floats]
"""Canonical values at scenario seconds and local hours of the week."""

PHASE_STEP_MS: Final = 100
"""Groups start at different tenths of a second, as devices that nobody synchronised do."""
BLOCK_ROWS: Final = 512
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SiteModel(Protocol):
    """A network that knows what its sensors truly see."""

    @property
    def sensors(self) -> frozenset[str]: ...

    def normal(self, sensor: str) -> Truly:
        """What the sensor sees on an ordinary day."""


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
        every_s: float | None = None,
    ) -> None:
        """Sensors report at least every ``every_s_max``, or, if given, exactly ``every_s``."""
        self.registry = registry
        self.seed = seed
        self.start = start
        self._hour_of_week = _hour_of_week(start, registry.timezone)
        self._live = models_of(registry, seed=seed, start=start, every_s=every_s)
        self.zones: dict[str, Any] = {
            site: model
            for site in registry.sites
            if (sites is None or site in sites)
            and (model := self._live.get(site) or zone_model(registry, site)) is not None
        }
        """The networks of the sites that are played, each a ``SiteModel``."""
        self.groups = tuple(_groups(registry, sites, every_s_max, every_s))

    def close(self) -> None:
        """Give back what live networks hold; the city plays no more after that."""
        for model in {id(model): model for model in self._live.values()}.values():
            model.close()

    def hours(self, times_s: Floats) -> Floats:
        """Local hours since Monday 00:00 at scenario seconds."""
        return self._hour_of_week + times_s / 3600.0

    def play(
        self,
        group: Group,
        traces: Mapping[str, Trace],
        *,
        run: str,
        until_s: float | None,
        lies: LieMakers | None = None,
    ) -> Iterator[tuple[int, Frame]]:
        """The group's packs in order of sending, each with that time in scenario microseconds.

        Endless without an end.
        """
        blocks = self._blocks(group, traces, lies or {}, until_s)
        return messages.frames(self._sender(group, run), blocks, _us(until_s))

    def parcels(
        self,
        group: Group,
        traces: Mapping[str, Trace],
        *,
        run: str,
        until_s: float | None,
        lies: LieMakers | None = None,
    ) -> Iterator[tuple[int, Parcel]]:
        """The same as ``play`` without JSON: what ingest would store of each pack."""
        blocks = self._blocks(group, traces, lies or {}, until_s)
        return messages.parcels(self._sender(group, run), blocks, _us(until_s))

    def _sender(self, group: Group, run: str) -> Sender:
        apart = self.start - _EPOCH
        start_us = (apart.days * 86_400 + apart.seconds) * SECOND_US + apart.microseconds
        return Sender(group.site, group.topic, run, self.start, start_us, group.sensors)

    def _blocks(
        self,
        group: Group,
        traces: Mapping[str, Trace],
        lies: LieMakers,
        until_s: float | None,
    ) -> Iterator[Block]:
        device = Device(
            self.registry,
            group.sensors,
            traces=traces,
            lies=self._lies(group, lies),
            normal=self._normal(group),
        )
        rng = np.random.default_rng([self.seed, zlib.crc32(group.site.encode()), group.interval_ms])
        lying = any(sensor.id in lies for sensor in group.sensors)
        rows = None if until_s is None else _rows(group, until_s)
        first = 0
        while rows is None or first < rows:
            left = BLOCK_ROWS if rows is None else min(BLOCK_ROWS, rows - first)
            numbers: Ints = np.arange(first, first + (BLOCK_ROWS if lying else left))
            times_us = (group.phase_ms + numbers * group.interval_ms) * 1000
            yield device.block(times_us, self.hours(times_us / SECOND_US), rng, rows=left)
            first += BLOCK_ROWS

    def _lies(self, group: Group, makers: LieMakers) -> dict[int, list[Lie]]:
        return {
            column: [make(self._channel(group, sensor)) for make in makers[sensor.id]]
            for column, sensor in enumerate(group.sensors)
            if sensor.id in makers
        }

    def _channel(self, group: Group, sensor: Sensor) -> Channel:
        habit = habit_of(self.registry.assets[sensor.asset].kind, sensor.quantity)
        low, high = (
            to_canonical(sensor.quantity, sensor.unit, e) for e in (sensor.low, sensor.high)
        )
        return Channel(
            sensor=sensor,
            interval_s=group.interval_ms / 1000.0,
            noise=habit.noise,
            low=low,
            high=high,
            start_unix_s=self.start.timestamp(),
            hours=self.hours,
        )

    def _normal(self, group: Group) -> dict[int, Truly]:
        """Columns whose ordinary life a model knows better than a habit does."""
        model = self.zones.get(group.site)
        if model is None:
            return {}
        return {
            column: model.normal(sensor.id)
            for column, sensor in enumerate(group.sensors)
            if sensor.id in model.sensors
        }


def _groups(
    registry: Registry,
    sites: Collection[str] | None,
    every_s_max: float | None,
    every_s: float | None,
) -> Iterator[Group]:
    members: dict[tuple[str, int], list[Sensor]] = {}
    for sensor in sorted(registry.sensors.values(), key=lambda sensor: sensor.id):
        site = registry.site_of(sensor.id)
        if sites is None or site in sites:
            own_s = every_s or min(sensor.interval_s, every_s_max or sensor.interval_s)
            members.setdefault((site, max(1, round(own_s * 1000))), []).append(sensor)
    for (site, interval_ms), sensors in sorted(members.items()):
        steps = max(1, interval_ms // PHASE_STEP_MS)
        phase_ms = zlib.crc32(f"{site}/{interval_ms}".encode()) % steps * PHASE_STEP_MS
        topic = pack_topic(registry.sites[site].area, site)
        yield Group(site, topic, interval_ms, phase_ms, tuple(sensors))


def _rows(group: Group, until_s: float) -> int:
    """How many rows are measured before the end."""
    left_ms = until_s * 1000.0 - group.phase_ms
    return max(0, int(np.ceil(left_ms / group.interval_ms)))


def _us(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND_US)


def _hour_of_week(start: datetime, timezone: str) -> float:
    local = start.astimezone(ZoneInfo(timezone))
    return local.weekday() * 24.0 + local.hour + local.minute / 60.0 + local.second / 3600.0
