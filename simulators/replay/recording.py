"""A recording and its mapping, as frames.

What is published depends on the file, the mapping, the start and the window, never on speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.frames import Frame, PackedReading, pack_frame, pack_topic
from simulators.replay.mapping import BadMapping, Mapping, bundled_mappings, load_mapping
from simulators.replay.rows import Cell, Skipped, is_parquet, read_cells, read_header

SORTED_READINGS_MAX: Final = 5_000_000
"""A long recording is sorted in memory; more than this is refused."""

PACK_READINGS_MAX: Final = 1_000
"""More at one moment go out as several packs."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part to play: seconds after the recording's zero, or moments; None is open."""

    first: float | datetime | None = None
    last: float | datetime | None = None

    def holds(self, moment: datetime, zero: datetime) -> bool:
        """Whether a moment is inside, both ends included."""
        first, last = _absolute(self.first, zero), _absolute(self.last, zero)
        return (first is None or moment >= first) and (last is None or moment <= last)


class Recording:
    """A file that may be played: its mapping fits its header and the city.

    Raises BadInput for a file that cannot be read or that no bundled mapping fits, BadMapping for
    a mapping with faults.
    """

    def __init__(
        self,
        source: Path,
        registry: Registry,
        *,
        mapping: Path | None,
        start: datetime | None,
    ) -> None:
        if source.suffix.lower() not in {".csv", ".txt", ".tsv"} and not is_parquet(source):
            raise BadInput(
                f"recording {source} is no .csv or .parquet file; export it as CSV first"
            )
        self.mapping = _fitting(source) if mapping is None else load_mapping(mapping)
        header = read_header(
            source, delimiter=self.mapping.delimiter, skip_rows=self.mapping.skip_rows
        )
        faults = self.mapping.faults(header, registry, started=start is not None)
        if faults:
            raise BadMapping(f"mapping {self.mapping.name} for {source}", tuple(faults))
        self.skipped = Skipped()
        self._source = source
        self._registry = registry
        self._start = start

    def frames(self, *, run: str, window: Window) -> Iterator[Frame]:
        """One pack for each moment at which something was measured."""
        cells = read_cells(self._source, self.mapping, self._registry, self.skipped)
        if self.mapping.long is not None:
            cells = iter(self._sorted(cells))
        first = next(cells, None)
        if first is None:
            return
        start = self._start or self.mapping.zero
        zero, shift = _zero(first, start)
        last_kept: dict[str, datetime] = {}
        for since, together in groupby(chain((first,), cells), key=lambda cell: cell.since):
            moment = zero + since if isinstance(since, timedelta) else since + shift
            if not window.holds(moment, zero):
                continue
            readings = [
                PackedReading(cell.sensor, cell.value, cell.unit, cell.quality)
                for cell in together
                if self._due(cell.sensor, moment, last_kept)
            ]
            for begin in range(0, len(readings), PACK_READINGS_MAX):
                part = readings[begin : begin + PACK_READINGS_MAX]
                topic = self._topic(part[0].sensor)
                yield pack_frame(topic=topic, measured_at=moment, run=run, readings=part)

    def _sorted(self, cells: Iterator[Cell]) -> list[Cell]:
        """Long form lists one instrument after another; stable, so equal times keep their order."""
        kept = []
        for cell in cells:
            kept.append(cell)
            if len(kept) > SORTED_READINGS_MAX:
                raise BadInput(
                    f"recording {self._source} has more than {SORTED_READINGS_MAX} readings; "
                    "cut it into parts, or name fewer in the mapping's filter"
                )
        return sorted(kept, key=_when)

    def _due(self, sensor: str, moment: datetime, last_kept: dict[str, datetime]) -> bool:
        every_s = self.mapping.every_s or 0.0
        if sensor in last_kept and (moment - last_kept[sensor]).total_seconds() < every_s:
            return False
        last_kept[sensor] = moment
        return True

    def _topic(self, sensor: str) -> str:
        site = self._registry.sites[self._registry.site_of(sensor)]
        return pack_topic(site.area, site.id)


def _when(cell: Cell) -> float:
    if isinstance(cell.since, timedelta):
        return cell.since.total_seconds()
    return (cell.since - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def _zero(first: Cell, start: datetime | None) -> tuple[datetime, timedelta]:
    """The moment the recording counts from, and by how much its own moments are shifted."""
    if isinstance(first.since, datetime):
        zero = start or first.since
        return zero, zero - first.since
    assert start is not None, "a mapping without start is refused before its rows are read"
    return start, timedelta(0)


def _absolute(bound: float | datetime | None, zero: datetime) -> datetime | None:
    if bound is None or isinstance(bound, datetime):
        return bound
    return zero + timedelta(seconds=bound)


def _fitting(source: Path) -> Mapping:
    """The bundled mapping that fits the header best: the one that names most of its columns."""
    fitting: list[tuple[int, Mapping]] = []
    names = []
    for mapping in bundled_mappings():
        names.append(mapping.name)
        try:
            header = read_header(source, delimiter=mapping.delimiter, skip_rows=mapping.skip_rows)
        except BadInput:
            if mapping.skip_rows == 0:
                raise
            continue
        if not mapping.missing(header):
            used = len(mapping.columns) + len(mapping.long.filter if mapping.long else ())
            fitting.append((used, mapping))
    if not fitting:
        raise BadInput(
            f"no bundled mapping fits the header of {source}; say which column is which sensor "
            f"with --mapping FILE (bundled: {', '.join(names)})"
        )
    return max(fitting, key=lambda pair: pair[0])[1]
