"""The detector core over a run's records: what it said, when it could be known, what it went by.

Batch borders never change what the detector says, so records are given to it many at a time; the
moment something could be known is the arrival of the record that decided it, not of its batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.detector.core import baseline
from services.detector.core.scoring import USUAL_WITHIN
from services.detector.core.watch import Watch
from shared.bus.codec import Pack
from shared.domain.event import RiskEvent

BATCH: Final = 512
PICTURE_BATCH: Final = 32
"""Records between two looks at what the detector holds for usual, where a picture is wanted."""

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, and when its deciding reading had arrived, in microseconds since the epoch."""

    event: RiskEvent
    known_us: int


@dataclass(slots=True)
class Tape:
    """The records of some sites as ingest stored them, and the bands of their sensors."""

    sites: frozenset[str]
    with_bands: bool
    """Also look at what the detector holds for usual, now and then."""
    bands: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)
    """By sensor: moment, lower and upper end."""
    _groups: dict[tuple[str, ...], list[Pack]] = field(default_factory=dict)
    """Records that hold the same sensors in the same order, so that they stack to a table."""

    def keep(self, pack: Pack) -> None:
        """Note a record of our sites."""
        if pack.site in self.sites:
            self._groups.setdefault(tuple(pack.sensors), []).append(pack)

    def look(self, watch: Watch, run: str, now_us: int) -> None:
        """Note the band of every sensor of our sites that has one."""
        bank, traits = watch.roster.bank, watch.roster.traits
        scale = baseline.scale_of(bank, bank.rows, traits.floor, traits.share)
        for site in sorted(self.sites):
            for sensor, row in watch.roster.rows_of(run, site).items():
                if bank.seen[row] >= baseline.WARMUP:
                    level, margin = float(bank.level[row]), USUAL_WITHIN * float(scale[row])
                    here = self.bands.setdefault(sensor, [])
                    here.append((now_us, level - margin, level + margin))

    def readings(self, sensor: str) -> tuple[Ints, Floats]:
        """Moments in microseconds since the epoch and values, in order of arrival."""
        arrived, times, values = [_NONE], [_NONE], [np.empty(0)]
        for sensors, packs in self._groups.items():
            if sensor in sensors:
                column, width = sensors.index(sensor), len(sensors)
                at = b"".join([pack.measured_at_us for pack in packs])
                shown = b"".join([pack.values for pack in packs])
                times.append(np.frombuffer(at, "<i8").reshape(-1, width)[:, column])
                values.append(np.frombuffer(shown, "<f8").reshape(-1, width)[:, column])
                arrived.append(np.array([pack.received_at_us for pack in packs], np.int64))
        order = np.argsort(np.concatenate(arrived), kind="stable")
        return np.concatenate(times)[order], np.concatenate(values)[order]


@dataclass(slots=True)
class Listening:
    """One detector at work on one run."""

    watch: Watch
    heard: list[Heard] = field(default_factory=list)

    def take(self, packs: Sequence[Pack]) -> None:
        """Score some records and keep what is said of them."""
        observed = self.watch.observe(packs)
        self.heard += [
            Heard(event, known_us)
            for event, known_us in zip(observed.events, observed.received_at_us, strict=True)
        ]


def listen(
    packs: Iterable[Pack], watches: Collection[Watch], tape: Tape, *, sensors: set[str]
) -> list[list[Heard]]:
    """What each detector says of the same records; ``sensors`` grows by every sensor heard."""
    listening = [Listening(watch) for watch in watches]
    size = PICTURE_BATCH if tape.with_bands else BATCH
    for batch in _batches(packs, size):
        for pack in batch:
            sensors.update(pack.sensors)
            tape.keep(pack)
        for one in listening:
            one.take(batch)
        if tape.with_bands and listening:
            tape.look(listening[0].watch, batch[-1].run, batch[-1].received_at_us)
    return [one.heard for one in listening]


def _batches(packs: Iterable[Pack], size: int) -> Iterator[list[Pack]]:
    source = iter(packs)
    while batch := list(islice(source, size)):
        yield batch
