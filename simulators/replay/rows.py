"""Rows of a CSV or Parquet file as readings; what cannot be one is named by its line and skipped.

Nothing here stops at a bad row: a recording of a real fire has holes, and the rest still counts.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from shared.archive import tables
from shared.domain.quantity import units_of
from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.replay.mapping import Long, Mapping, TimeColumn

FAULTS_KEPT_MAX: Final = 100
MILLISECONDS_FROM: Final = 1e11
"""A Unix number this large counts milliseconds."""
FAR: Final = timedelta(days=36_525)
"""Further than a century from its zero a row's time is a mistake."""
YEARS: Final = range(1900, 2201)
QUALITIES: Final = frozenset({"good", "uncertain", "bad"})


@dataclass
class Skipped:
    """What was left out: a count, and the first lines in words."""

    count: int = 0
    empty: int = 0
    """Cells with nothing in them: no reading, and no fault either."""
    faults: list[str] = field(default_factory=list)

    def because(self, line: int, why: str) -> None:
        self.count += 1
        if len(self.faults) < FAULTS_KEPT_MAX:
            self.faults.append(f"line {line}: {why}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One reading of a recording, before it is placed in time."""

    since: timedelta | datetime
    """Since the recording's zero, or its own moment."""
    sensor: str
    value: float
    unit: str | None
    quality: str | None = None
    """None: good."""


def read_header(source: Path, *, delimiter: str, skip_rows: int) -> list[str]:
    """The column names; BadInput if there is no such file or line."""
    if is_parquet(source):
        return tables.header(source)
    try:
        with source.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            reader = csv.reader(text, delimiter=delimiter)
            for _ in range(skip_rows):
                next(reader, None)
            header = next(reader, None)
    except OSError as error:
        raise BadInput(f"recording {source} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise BadInput(f"recording {source} is no CSV: {error}") from error
    if not header:
        raise BadInput(f"recording {source} is empty; it needs a header and rows")
    return [name.strip() for name in header]


def read_cells(
    source: Path, mapping: Mapping, registry: Registry, skipped: Skipped
) -> Iterator[Cell]:
    """Every reading in the file, in the file's order."""
    lines = _parquet_lines(source) if is_parquet(source) else _csv_lines(source, mapping, skipped)
    _, header = next(lines, (0, []))
    if mapping.long is not None:
        layout: _LongLayout | _WideLayout = _LongLayout(header, mapping.long, registry)
    else:
        layout = _WideLayout(header, mapping)
    clock = header.index(mapping.time.column)
    for line, row in lines:
        if not row or not layout.wanted(row):
            continue
        if len(row) < len(header):
            skipped.because(line, f"has {len(row)} cells of {len(header)}; is it cut off?")
            continue
        try:
            since = _moment(row[clock].strip(), mapping.time)
        except ValueError as error:
            skipped.because(line, f"{mapping.time.column} {error}")
            continue
        yield from layout.cells(row, since, line, skipped)


def is_parquet(source: Path) -> bool:
    """By its name: the rest of a recording is text."""
    return source.suffix.lower() in {".parquet", ".pq"}


def _parquet_lines(source: Path) -> Iterator[tuple[int, list[str]]]:
    """The header, then every row by its number."""
    yield 0, tables.header(source)
    yield from enumerate(tables.text_rows(source), 1)


def _csv_lines(source: Path, mapping: Mapping, skipped: Skipped) -> Iterator[tuple[int, list[str]]]:
    """The header, then every line by its number; what is no CSV is named and left out."""
    with source.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=mapping.delimiter)
        for _ in range(mapping.skip_rows):
            next(reader, None)
        yield 0, [name.strip() for name in next(reader, [])]
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                skipped.because(reader.line_num, f"is no CSV: {error}")
                continue
            yield reader.line_num, row


class _WideLayout:
    def __init__(self, header: Sequence[str], mapping: Mapping) -> None:
        self._picks = [
            (next(header.index(name) for name in entry.column if name in header), entry)
            for entry in mapping.columns
        ]

    def wanted(self, row: Sequence[str]) -> bool:
        return True

    def cells(
        self, row: Sequence[str], since: timedelta | datetime, line: int, skipped: Skipped
    ) -> Iterator[Cell]:
        for index, entry in self._picks:
            text = row[index].strip()
            if not text:
                skipped.empty += 1
                continue
            try:
                yield Cell(since, entry.sensor, _number(text), entry.unit)
            except ValueError as error:
                skipped.because(line, f"{entry.sensor} {error}")


class _LongLayout:
    def __init__(self, header: Sequence[str], long: Long, registry: Registry) -> None:
        self._long = long
        self._registry = registry
        self._key = header.index(long.key)
        self._value = header.index(long.value)
        self._filter = [(header.index(name), word) for name, word in long.filter.items()]
        self._unit = header.index(long.unit_column) if long.unit_column in header else None
        self._quality = header.index(long.quality_column) if long.quality_column in header else None

    def wanted(self, row: Sequence[str]) -> bool:
        """False for rows the filter leaves out; a row too short for it is looked at later."""
        return all(i >= len(row) or row[i].strip() == word for i, word in self._filter)

    def cells(
        self, row: Sequence[str], since: timedelta | datetime, line: int, skipped: Skipped
    ) -> Iterator[Cell]:
        key = row[self._key].strip()
        sensors = self._long.sensors
        sensor = key if sensors is None else sensors.get(key)
        if sensor is None:
            return  # an instrument the mapping leaves out
        known = self._registry.sensors.get(sensor)
        if known is None:
            skipped.because(line, f"sensor {sensor!r} is not in the registry")
            return
        text = row[self._value].strip()
        if not text:
            skipped.empty += 1
            return
        unit = self._long.unit if self._unit is None else row[self._unit].strip() or None
        if unit is not None and unit not in units_of(known.quantity):
            skipped.because(line, f"{sensor} measures {known.quantity}, never in {unit!r}")
            return
        quality = None if self._quality is None else row[self._quality].strip() or None
        if quality is not None and quality not in QUALITIES:
            skipped.because(line, f"quality {quality!r} is not good, uncertain or bad")
            return
        try:
            yield Cell(since, sensor, _number(text), unit, None if quality == "good" else quality)
        except ValueError as error:
            skipped.because(line, f"{sensor} {error}")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]!r} is not a number")
    return value


def _moment(text: str, column: TimeColumn) -> timedelta | datetime:
    try:
        since = _time(text, column.unit)
    except (ValueError, OverflowError, OSError):
        since = None
    if (
        since is None
        or (isinstance(since, timedelta) and abs(since) > FAR)
        or (isinstance(since, datetime) and since.year not in YEARS)
    ):
        raise ValueError(f"{text[:40]!r} is no time in {column.unit}")
    return since


def _time(text: str, unit: str) -> timedelta | datetime:
    if unit == "s":
        return timedelta(seconds=_number(text))
    if unit == "ms":
        return timedelta(milliseconds=_number(text))
    if unit == "unix":
        return datetime.fromtimestamp(_number(text), UTC)
    if unit == "moment" and _is_number(text):
        number = _number(text)
        seconds = number if abs(number) < MILLISECONDS_FROM else number / 1000.0
        return datetime.fromtimestamp(seconds, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
