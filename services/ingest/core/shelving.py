"""Which shelf of the archive each reading belongs to, for many records at once.

Readings wait in a ``Buffer`` as the columns they came in and are laid out when they are written:
by run, hour of ``measured_at`` and area, inside a shelf by sensor and moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.archive.shelf import HOUR_US, NOWHERE, Shelf
from shared.domain.reading import Quality
from shared.domain.registry import Registry

QUALITIES: Final = [quality.value for quality in Quality]

Column = NDArray[Any]
Codes = tuple[NDArray[np.integer[Any]], list[str]]


class Delivery(Protocol):
    """One record's readings as packed little-endian columns; the codec's ``Pack`` is one."""

    @property
    def site(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def run(self) -> str: ...
    @property
    def received_at_us(self) -> int: ...
    @property
    def historical(self) -> bool: ...
    @property
    def sensors(self) -> list[str]: ...
    @property
    def measured_at_us(self) -> bytes: ...
    @property
    def values(self) -> bytes: ...
    @property
    def quality(self) -> bytes: ...
    @property
    def seq(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one shelf gets: the archive's columns by name, words as codes into a list."""

    shelf: Shelf
    columns: Mapping[str, Column]
    words: Mapping[str, Codes]

    @property
    def rows(self) -> int:
        return int(self.columns["measured_at"].size)


@dataclass(slots=True)
class Names:
    """Words by number, in the order they were first met."""

    known: list[str] = field(default_factory=list)
    code: dict[str, int] = field(default_factory=dict)

    def of(self, word: str) -> int:
        found = self.code.get(word)
        if found is None:
            found = self.code[word] = len(self.known)
            self.known.append(word)
        return found


class Places:
    """What the registry says of each sensor, by number; the unknown are numbered as they come."""

    def __init__(self, registry: Registry) -> None:
        self.sensors = Names()
        self.areas, self.assets, self.quantities = Names(), Names(), Names()
        self._area: list[int] = []
        self._asset: list[int] = []
        self._quantity: list[int] = []
        for sensor_id in sorted(registry.sensors):
            sensor = registry.sensors[sensor_id]
            asset = registry.assets[sensor.asset]
            self._add(sensor_id, asset.area, asset.id, sensor.quantity.value)

    def codes(self, sensors: list[str]) -> list[int]:
        """The number of each sensor."""
        known = self.sensors.code
        found = [known.get(sensor) for sensor in sensors]
        return [
            self._add(sensor, NOWHERE, "", "") if code is None else code
            for sensor, code in zip(sensors, found, strict=True)
        ]

    def traits(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Area, asset and quantity of each sensor number."""
        return (
            np.array(self._area, np.int32),
            np.array(self._asset, np.int32),
            np.array(self._quantity, np.int32),
        )

    def _add(self, sensor: str, area: str, asset: str, quantity: str) -> int:
        if (known := self.sensors.code.get(sensor)) is not None:
            return known
        self._area.append(self.areas.of(area))
        self._asset.append(self.assets.of(asset))
        self._quantity.append(self.quantities.of(quantity))
        return self.sensors.of(sensor)


@dataclass(slots=True)
class Buffer:
    """Records in the order they came; ``rows`` says how much it holds."""

    places: Places
    rows: int = 0
    _deliveries: list[tuple[int, int, Delivery]] = field(default_factory=list)

    def add(self, delivery: Delivery, *, partition: int, offset: int) -> None:
        self._deliveries.append((partition, offset, delivery))
        self.rows += len(delivery.sensors)

    def forget(self, partition: int) -> None:
        """Drop what came from a partition that is somebody else's now."""
        self._deliveries = [entry for entry in self._deliveries if entry[0] != partition]
        self.rows = sum(len(entry[2].sensors) for entry in self._deliveries)

    def clear(self) -> None:
        self._deliveries = []
        self.rows = 0

    def sheets(self) -> Iterator[Sheet]:
        """Everything it holds, one sheet a shelf; the buffer itself stays as it is."""
        if self.rows:
            yield from _Layout(self._deliveries, self.places).sheets()


class _Layout:
    """All columns of a buffer, side by side."""

    def __init__(self, entries: list[tuple[int, int, Delivery]], places: Places) -> None:
        self._places = places
        counts = np.array([len(delivery.sensors) for _, _, delivery in entries], np.int64)
        record = np.repeat(np.arange(counts.size), counts)
        self._runs, self._sites, self._devices = Names(), Names(), Names()
        self._run = self._each(entries, "run", self._runs)[record]
        self._site = self._each(entries, "site", self._sites)[record]
        self._device = self._each(entries, "device", self._devices)[record]
        self._sensor = np.array(
            [code for _, _, one in entries for code in places.codes(one.sensors)], np.int32
        )
        starts = np.cumsum(counts) - counts
        packs = [delivery for _, _, delivery in entries]
        received_at = np.array([one.received_at_us for one in packs], np.int64)
        self._columns: dict[str, Column] = {
            "measured_at": np.frombuffer(b"".join(one.measured_at_us for one in packs), "<i8"),
            "received_at": received_at[record],
            "value": np.frombuffer(b"".join(one.values for one in packs), "<f8"),
            "seq": np.frombuffer(b"".join(one.seq for one in packs), "<i8"),
            "historical": np.array([one.historical for one in packs], np.bool_)[record],
            "partition": np.array([entry[0] for entry in entries], np.int32)[record],
            "offset": np.array([entry[1] for entry in entries], np.int64)[record],
            "place": (np.arange(record.size) - starts[record]).astype(np.int32),
        }
        self._quality = np.frombuffer(b"".join(one.quality for one in packs), "u1")

    def sheets(self) -> Iterator[Sheet]:
        places = self._places
        areas, assets, quantities = places.traits()
        at = self._columns["measured_at"]
        hour = at // HOUR_US
        first = int(hour.min())
        span = int(hour.max()) - first + 1
        area = areas[self._sensor].astype(np.int64)
        shelf = (self._run.astype(np.int64) * len(places.areas.known) + area) * span + hour - first
        order = np.lexsort((at, self._sensor, shelf))
        bounds = np.flatnonzero(np.diff(shelf[order])) + 1
        quality = np.minimum(self._quality, len(QUALITIES) - 1)
        for rows in np.split(order, bounds):
            sensor = self._sensor[rows]
            head = rows[0]
            yield Sheet(
                shelf=Shelf(
                    self._runs.known[self._run[head]],
                    int(hour[head]),
                    places.areas.known[area[head]],
                ),
                columns={name: column[rows] for name, column in self._columns.items()},
                words={
                    "run": (self._run[rows], self._runs.known),
                    "site": (self._site[rows], self._sites.known),
                    "area": (areas[sensor], places.areas.known),
                    "asset": (assets[sensor], places.assets.known),
                    "sensor": (sensor, places.sensors.known),
                    "quantity": (quantities[sensor], places.quantities.known),
                    "quality": (quality[rows], QUALITIES),
                    "device": (self._device[rows], self._devices.known),
                },
            )

    @staticmethod
    def _each(
        entries: list[tuple[int, int, Delivery]], name: str, names: Names
    ) -> NDArray[np.int32]:
        return np.array([names.of(getattr(one, name)) for _, _, one in entries], np.int32)
