"""The everyday readings of a whole city, vectorised, as columns, MQTT frames or bus records.

What is played depends on the city, its start and the scenario second; where a play begins, how it
is cut into parts and which sites are left out change nothing in what is left. Nothing is kept
from tick to tick, so a play of any length needs the memory of its city.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.bus.codec import UNNUMBERED, Columns, pack
from shared.errors import BadInput
from simulators.frames import Frame, PackedReading, pack_frame, pack_topic
from simulators.generator.calendar import Round, rounds, times
from simulators.generator.city import TIMEZONE
from simulators.generator.columns import INTERVALS_MS, CityColumns
from simulators.generator.rhythms import Rhythms
from simulators.generator.shows import Shows

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Batch:
    """All readings of one moment and one interval, in columns of equal length."""

    time_ms: int
    """Since the scenario's start."""
    rows: NDArray[np.int32]
    """Rows of the city's sensors, in packs of a site."""
    values: Floats
    """In the devices' units, rounded to what they can show."""


class Record(NamedTuple):
    """A pack as it lies on the bus."""

    site: str
    """The record's key."""
    value: bytes
    readings: int


@dataclass(frozen=True)
class _Share:
    """What one round sends at one moment."""

    number: int
    time_ms: int
    groups: slice
    part: slice
    values: Floats


class LoadPlayer:
    def __init__(
        self,
        city: CityColumns,
        *,
        start: datetime,
        sites: range | None = None,
        every_s: float | None = None,
        run: str = "",
    ) -> None:
        """``sites``: only these, so that several processes can share a city.

        ``every_s``: every sensor this often, to the tenth of a second, whatever the city says.
        Raises BadInput for a start without timezone and for sites the city does not have.
        """
        if start.tzinfo is None:
            raise BadInput(f"start {start.isoformat()} has no timezone; add one, such as Z")
        if sites is not None and not 0 <= sites.start < sites.stop <= city.plan.sites:
            raise BadInput(f"sites {sites} are not among the city's {city.plan.sites}")
        self._city, self._start, self._run = city, start, run
        self._one_interval = every_s is not None
        self._rounds = rounds(city, sites=sites, every_s=every_s)
        rhythms = Rhythms(start, TIMEZONE)
        self._shows = [Shows(city, one.rows, rhythms) for one in self._rounds]
        self._tails: dict[tuple[int, int], tuple[str, ...]] = {}

    @property
    def readings_per_s(self) -> float:
        """On average."""
        return sum(one.rows.size * 1000.0 / one.interval_ms for one in self._rounds)

    def batches(self, duration_s: float, *, from_s: float = 0.0) -> Iterator[Batch]:
        """Columns, tick by tick, of the seconds from ``from_s`` on."""
        for share in self._shares(duration_s, from_s):
            rows = self._rounds[share.number].rows[share.part]
            yield Batch(share.time_ms, rows, share.values)

    def frames(self, duration_s: float, *, from_s: float = 0.0) -> Iterator[Frame]:
        """Packs as gateways publish them, one a site and interval, in the order of time."""
        for share in self._shares(duration_s, from_s):
            measured_at = self._start + timedelta(milliseconds=share.time_ms)
            values = share.values.tolist()
            for site, names, part in self._groups(share):
                readings = list(map(PackedReading, names, values[part]))
                topic = pack_topic(self._city.area_id(site), self._city.site_id(site))
                yield pack_frame(
                    topic=topic, measured_at=measured_at, run=self._run, readings=readings
                )

    def records(
        self, duration_s: float, *, from_s: float = 0.0, late_ms: int = 0
    ) -> Iterator[Record]:
        """The same packs as ingest would store them, received ``late_ms`` after measuring."""
        epoch_us = round(self._start.timestamp() * 1e6)
        for share in self._shares(duration_s, from_s):
            measured_us = epoch_us + 1000 * share.time_ms
            canonical = self._shows[share.number].canonical(share.values, share.part)
            for site, names, part in self._groups(share):
                count, key = len(names), self._city.site_id(site)
                value = pack(
                    site=key,
                    device=pack_topic(self._city.area_id(site), key),
                    received_at_us=measured_us + 1000 * late_ms,
                    run=self._run,
                    historical=False,
                    columns=Columns(
                        sensors=names,
                        measured_at_us=np.full(count, measured_us, np.int64),
                        values=canonical[part],
                        quality=np.zeros(count, np.uint8),
                        seq=np.full(count, UNNUMBERED, np.int64),
                    ),
                )
                yield Record(key, value, count)

    def _shares(self, duration_s: float, from_s: float) -> Iterator[_Share]:
        from_ms = round(1000.0 * from_s)
        for time_ms in times(from_ms, from_ms + round(1000.0 * duration_s)):
            for number, one in enumerate(self._rounds):
                groups = one.due(time_ms)
                if groups.start < groups.stop:
                    part = slice(int(one.first[groups.start]), int(one.first[groups.stop]))
                    tick = time_ms // one.interval_ms
                    values = self._shows[number].at(time_ms, tick, part)
                    yield _Share(number, time_ms, groups, part, values)

    def _groups(self, share: _Share) -> Iterator[tuple[int, list[str], slice]]:
        """Site, sensor ids and place in the share's values of each pack."""
        one = self._rounds[share.number]
        first = one.first[share.groups.start : share.groups.stop + 1] - share.part.start
        edges, sites = first.tolist(), one.site[share.groups].tolist()
        for place, site in enumerate(sites):
            stem = self._city.site_id(site)
            names = [stem + tail for tail in self._tails_of(site, one)]
            yield site, names, slice(edges[place], edges[place + 1])

    def _tails_of(self, site: int, one: Round) -> tuple[str, ...]:
        """What follows the site's id in the ids of one group's sensors."""
        plan = self._city.plan
        key = (-site if site in plan.cut else int(plan.numbers[site]) + 1, one.interval_ms)
        if (known := self._tails.get(key)) is None:
            template = plan.template(site)
            due = INTERVALS_MS[template.devices] == one.interval_ms
            pairs = zip(template.tails, due.tolist(), strict=True)
            known = tuple(tail for tail, mine in pairs if mine or self._one_interval)
            self._tails[key] = known
        return known


def readings(
    city: CityColumns, start: datetime, duration_s: float, *, every_s: float | None = None
) -> Iterator[Batch]:
    """A city's readings as columns, tick by tick."""
    return LoadPlayer(city, start=start, every_s=every_s).batches(duration_s)
