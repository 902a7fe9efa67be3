"""The past of some sensors: only the row groups that can hold them are read.

A file is sorted by sensor and moment and each of its row groups knows its least and its greatest
sensor, so a sensor's hour costs one file's footer and a few thousand rows. What a crash of the
writer put on the shelves twice is told once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shared.archive.layout import MARKS, areas, files, hours, lane_of, safe
from shared.archive.opening import opened
from shared.archive.schema import QUALITIES, SCHEMA, whole_numbers, words
from shared.archive.shelf import hour_of
from shared.errors import BadInput

READINGS_MAX: Final = 5_000_000
"""In one answer; about 200 MB."""
ATTEMPTS: Final = 5
"""A file may be merged into another between the listing and the reading."""
_COLUMNS: Final = ["sensor", "measured_at", "received_at", "value", "quality", "seq"]
_SENSOR: Final = SCHEMA.get_field_index("sensor")
_BAD: Final = QUALITIES.index("bad")

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Series:
    """One sensor's readings by moment, each once; arrays of equal length."""

    at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    """In the quantity's canonical unit."""
    quality: NDArray[np.uint8]
    """0 good, 1 uncertain, 2 bad."""
    seq: NDArray[np.int64]
    """-1 where the device gave none."""

    @property
    def trusted(self) -> NDArray[np.float64]:
        """The values, nan where the device itself called them bad."""
        return np.where(self.quality == _BAD, np.nan, self.values)


def read_series(
    root: Path,
    wanted: Mapping[str, str | None],
    *,
    run: str,
    first_us: int,
    last_us: int,
    readings_max: int = READINGS_MAX,
) -> dict[str, Series]:
    """The readings of some sensors from ``first_us`` to ``last_us``, both ends included.

    ``wanted`` names for each sensor the area it is looked for in; None looks in all of them.
    Raises BadInput when there are more than ``readings_max``, StoreUnavailable for a broken file.
    """
    sensors = set(wanted)
    everywhere = any(area is None for area in wanted.values())
    inside = None if everywhere else {safe(area) for area in wanted.values() if area is not None}

    def read() -> dict[str, Series]:
        found: list[pa.Table] = []
        rows = 0
        for path in _paths(root, run, inside, first_us, last_us):
            for table in _of_file(path, sensors, first_us, last_us):
                found.append(table)
                rows += table.num_rows
                if rows > readings_max:
                    raise BadInput(
                        f"more than {readings_max} readings lie in that time; ask for less of it"
                    )
        return _by_sensor(found, sensors)

    return retried(read)


def retried(read: Callable[[], Answer]) -> Answer:
    """What ``read`` answers; it is begun again when a file it listed was merged meanwhile."""
    for _ in range(ATTEMPTS - 1):
        try:
            return read()
        except FileNotFoundError:
            continue
    return read()


def known_until_us(root: Path) -> int | None:
    """Everything received up to here is on the shelves; None while nothing was ever written."""
    marks = []
    for path in (root / MARKS).glob("*.json"):
        try:
            marks.append(int(json.loads(path.read_text())["until_us"]))
        except (OSError, ValueError, KeyError):
            continue
    return min(marks, default=None)


def runs_of(root: Path) -> list[str]:
    """The runs that have readings; the real city is the empty one and not among them."""
    found = []
    for lane in sorted((root / "runs").glob("*")):
        for path in lane.rglob("*.parquet"):
            with opened(path) as file:
                head = file.read_row_group(0, columns=["run"])
            found.append(str(head["run"][0].as_py()))
            break
    return found


def _paths(
    root: Path, run: str, inside: Collection[str] | None, first_us: int, last_us: int
) -> Iterator[Path]:
    lane = lane_of(root, run)
    for hour in hours(lane, first=hour_of(first_us), last=hour_of(last_us)):
        if inside is None:
            folders: Sequence[Path] = list(areas(hour.path))
        else:
            folders = [hour.path / area for area in sorted(inside)]
        for folder in folders:
            yield from files(folder)


def _of_file(path: Path, sensors: set[str], first_us: int, last_us: int) -> Iterator[pa.Table]:
    """The rows of a file that are wanted, without the rest of their row groups."""
    with opened(path) as file:
        groups = _groups(file.metadata, sensors)
        if not groups:
            return
        table = file.read_row_groups(groups, columns=_COLUMNS, use_threads=False)
    codes, known = words(table["sensor"])
    of_interest = np.array([name in sensors for name in known], np.bool_)
    at = whole_numbers(table["measured_at"])
    rows = np.flatnonzero(of_interest[codes] & (at >= first_us) & (at <= last_us))
    if rows.size == table.num_rows:
        yield table
    elif rows.size:
        yield table.take(pa.array(rows))


def _groups(metadata: pq.FileMetaData, sensors: set[str]) -> list[int]:
    low, high = min(sensors), max(sensors)
    found = []
    for index in range(metadata.num_row_groups):
        known = metadata.row_group(index).column(_SENSOR).statistics
        if known is None or not known.has_min_max or (known.min <= high and known.max >= low):
            found.append(index)
    return found


def _by_sensor(tables: Sequence[pa.Table], sensors: set[str]) -> dict[str, Series]:
    columns = _columns(tables)
    codes, known = columns.pop("sensor")
    order = np.lexsort((columns["received_at"], columns["measured_at"], codes))
    found = {}
    bounds = np.searchsorted(codes[order], np.arange(len(known) + 1))
    for code, name in enumerate(known):
        if name in sensors and bounds[code] < bounds[code + 1]:
            rows = order[bounds[code] : bounds[code + 1]]
            found[name] = _once({key: column[rows] for key, column in columns.items()})
    return found


def _columns(tables: Sequence[pa.Table]) -> dict[str, Any]:
    if not tables:
        empty = np.empty(0, np.int64)
        return {"sensor": (empty, []), "measured_at": empty, "received_at": empty}
    table = pa.concat_tables(tables)
    quality, grades = words(table["quality"])
    code = np.array([QUALITIES.index(grade) for grade in grades], np.uint8)
    return {
        "sensor": words(table["sensor"]),
        "measured_at": whole_numbers(table["measured_at"]),
        "received_at": whole_numbers(table["received_at"]),
        "values": table["value"].to_numpy(),
        "quality": code[quality],
        "seq": whole_numbers(table["seq"]),
    }


def _once(columns: Mapping[str, NDArray[Any]]) -> Series:
    """The first received of readings that agree in moment, number and value."""
    at, seq, values = columns["measured_at"], columns["seq"], columns["values"]
    keep = np.ones(at.size, np.bool_)
    # Sorted by moment, so repeats stand together unless several numbers share a moment.
    for start, end in _together(at):
        seen: set[tuple[int, bytes]] = set()
        for row in range(start, end):
            key = (int(seq[row]), values[row].tobytes())
            keep[row] = key not in seen
            seen.add(key)
    return Series(at[keep], values[keep], columns["quality"][keep], seq[keep])


def _together(at: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches of more than one reading of one moment."""
    same = np.flatnonzero(at[1:] == at[:-1])
    if not same.size:
        return
    breaks = np.flatnonzero(np.diff(same) > 1) + 1
    for part in np.split(same, breaks):
        yield int(part[0]), int(part[-1]) + 2
