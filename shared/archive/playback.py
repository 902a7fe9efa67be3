"""The records of the bus as they were: whole packs again, in the order they were received.

A reading that came late is told late, among what was received beside it, because the detector
judged it there. Records that share a receipt keep their order on the bus. Only a slice of the
time of receipt is in memory at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shared.archive.layout import areas, files, hours, lane_of, safe
from shared.archive.opening import opened
from shared.archive.query import retried
from shared.archive.schema import QUALITIES, whole_numbers, words
from shared.archive.shelf import hour_of
from shared.archive.tables import header

SLICE_ROWS: Final = 500_000
"""Readings of one slice, about."""
_COLUMNS: Final = (
    "site", "sensor", "quantity", "device", "quality", "measured_at", "received_at", "seq",
    "value", "historical", "partition", "offset", "place", "run",
)  # fmt: skip

_File: TypeAlias = tuple[Path, int, int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """One record, or what a window has left of it; lists of equal length."""

    run: str
    site: str
    device: str
    received_at_us: int
    historical: bool
    sensors: list[str]
    quantities: list[str]
    measured_at_us: list[int]
    values: list[float]
    """In canonical units."""
    quality: list[str]
    seq: list[int]
    """-1 where the device gave none."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is wanted: a stretch of ``measured_at``, both ends included, and which sites."""

    first_us: int | None = None
    last_us: int | None = None
    sites: frozenset[str] | None = None
    """None is all."""


def is_ours(path: Path) -> bool:
    """Whether a Parquet file has the archive's columns; BadInput when it is no Parquet at all."""
    return set(_COLUMNS) <= set(header(path))


def records(
    root: Path, *, run: str, span: Span, inside: Collection[str] | None = None
) -> Iterator[Kept]:
    """The records of a run, or of the real city; ``inside`` names the areas to look in."""
    return _told(lambda: _paths(root, run, span, inside), span)


def records_of(paths: Sequence[Path], span: Span) -> Iterator[Kept]:
    """The records in some files of the archive."""
    return _told(lambda: list(paths), span)


def _told(listed: Callable[[], list[Path]], span: Span) -> Iterator[Kept]:
    held = retried(lambda: _held(listed))
    if not held:
        return
    first = min(low for _, low, _, _ in held)
    last = max(high for _, _, high, _ in held)
    rows = sum(count for _, _, _, count in held)
    step = max(1, (last - first + 1) * SLICE_ROWS // max(rows, 1))
    for begin in range(first, last + 1, step):
        try:
            tables = _slice(held, begin, begin + step, span)
        except FileNotFoundError:
            # Merged into another since it was listed: a replay may take hours.
            held = retried(lambda: _held(listed))
            tables = _slice(held, begin, begin + step, span)
        if tables:
            yield from _together(pa.concat_tables(tables))


def _paths(root: Path, run: str, span: Span, inside: Collection[str] | None) -> list[Path]:
    first = None if span.first_us is None else hour_of(span.first_us)
    last = None if span.last_us is None else hour_of(span.last_us)
    found: list[Path] = []
    for hour in hours(lane_of(root, run), first=first, last=last):
        if inside is None:
            folders = list(areas(hour.path))
        else:
            folders = [hour.path / safe(area) for area in sorted(inside)]
        for folder in folders:
            found += files(folder)
    return found


def _held(listed: Callable[[], list[Path]]) -> list[_File]:
    """Each file with the first and the last receipt in it, and how many readings it has."""
    found = []
    for path in listed():
        with opened(path) as file:
            received = whole_numbers(file.read(columns=["received_at"], use_threads=False)[0])
        if received.size:
            found.append((path, int(received.min()), int(received.max()), int(received.size)))
    return found


def _slice(held: Sequence[_File], begin: int, end: int, span: Span) -> list[pa.Table]:
    """What was received from ``begin`` until before ``end``, file by file."""
    tables = [
        _wanted(path, begin, end, span)
        for path, low, high, _ in held
        if low < end and high >= begin
    ]
    return [table for table in tables if table.num_rows]


def _wanted(path: Path, begin: int, end: int, span: Span) -> pa.Table:
    with opened(path) as file:
        table = file.read(columns=list(_COLUMNS), use_threads=False)
    received = whole_numbers(table["received_at"])
    wanted = (received >= begin) & (received < end)
    at = whole_numbers(table["measured_at"])
    if span.first_us is not None:
        wanted &= at >= span.first_us
    if span.last_us is not None:
        wanted &= at <= span.last_us
    if span.sites is not None:
        codes, known = words(table["site"])
        wanted &= np.array([site in span.sites for site in known], np.bool_)[codes]
    return table.take(pa.array(np.flatnonzero(wanted)))


def _together(table: pa.Table) -> Iterator[Kept]:
    """The records of one slice; what was written twice is told once."""
    received, partition, offset, place = (
        whole_numbers(table[name]) for name in ("received_at", "partition", "offset", "place")
    )
    order = np.lexsort((place, offset, partition, received))
    keys = np.stack([received, partition, offset, place])[:, order]
    differs = keys[:, 1:] != keys[:, :-1]
    order = order[np.append(True, differs.any(axis=0))]
    head = np.stack([received, partition, offset])[:, order]
    begins = np.append(True, (head[:, 1:] != head[:, :-1]).any(axis=0))
    starts = [*np.flatnonzero(begins).tolist(), order.size]
    column = _columns(table, order)
    for start, end in pairwise(starts):
        yield Kept(
            run=column["run"][start],
            site=column["site"][start],
            device=column["device"][start],
            received_at_us=column["received_at"][start],
            historical=column["historical"][start],
            sensors=column["sensor"][start:end],
            quantities=column["quantity"][start:end],
            measured_at_us=column["measured_at"][start:end],
            values=column["value"][start:end],
            quality=column["quality"][start:end],
            seq=column["seq"][start:end],
        )


def _columns(table: pa.Table, order: NDArray[np.intp]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in ("run", "site", "device", "sensor", "quantity", "quality"):
        codes, known = words(table[name])
        found[name] = np.array(known, object)[codes[order]].tolist()
    for name in ("measured_at", "received_at", "seq"):
        found[name] = whole_numbers(table[name])[order].tolist()
    found["value"] = table["value"].to_numpy()[order].tolist()
    found["historical"] = table["historical"].to_numpy()[order].tolist()
    assert set(found["quality"]) <= set(QUALITIES), "the archive knows three qualities"
    return found
