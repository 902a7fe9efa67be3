"""A CSV file as columns: what it is called there, when, how much, and what people say of it.

A comma, semicolon or tab separates; times are ISO 8601, or numbers: Unix seconds or seconds since
some start below 1e11, milliseconds from there on. A value that is empty or no finite number is
missing, which is no fault; a column, a time or a row that cannot be read is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadInput

MILLISECONDS_FROM: Final = 1e11
MOST: Final = 1e12
"""Larger sizes are no measurement."""
SEPARATORS: Final = ",;\t"
NOT_LABELLED: Final = frozenset({"", "false", "no", "none", "normal"})


@dataclass(frozen=True, slots=True)
class Table:
    stamps: list[str]
    """Times as the file writes them."""
    at: NDArray[np.int64]
    """The same in microseconds."""
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    """(rows, columns), ``nan`` for missing."""
    labels: NDArray[np.bool_] | None
    """Rows that people call anomalous; None where nobody was asked."""


def read_table(file: Path, *, time: str, values: Sequence[str], label: str | None) -> Table:
    """The named columns of a CSV file. Raises BadInput, naming the place and the mend."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot be read as UTF-8 text: {error}") from error
    if not text.strip():
        raise BadInput(f"{file}: is empty, it needs a line of column names")
    names, rows = _split(file, text)
    wanted = [time, *values] if label is None else [time, *values, label]
    places = [_place(file, names, name) for name in wanted]
    for line, row in rows:
        if len(row) <= max(places):
            raise BadInput(f"{file}:{line}: has {len(row)} fields, the header has {len(names)}")
    stamps = [row[places[0]].strip() for _, row in rows]
    at = [_moment(f"{file}:{line}", stamp) for (line, _), stamp in zip(rows, stamps, strict=True)]
    read = [[_number(row[place]) for place in places[1 : len(values) + 1]] for _, row in rows]
    said = None if label is None else [_is_label(row[places[-1]]) for _, row in rows]
    return Table(
        stamps=stamps,
        at=np.array(at, np.int64),
        columns=tuple(values),
        values=np.array(read, np.float64).reshape(len(rows), len(values)),
        labels=None if said is None else np.array(said, np.bool_),
    )


def _split(file: Path, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Column names, and every row with the line it ends on."""
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip() for name in next(reader)]
        return names, [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise BadInput(f"{file}:{reader.line_num}: is no CSV: {error}") from error


def _place(file: Path, names: Sequence[str], name: str) -> int:
    if name not in names:
        raise BadInput(f"{file}: has no column {name!r}, only {', '.join(names)}")
    return names.index(name)


def _moment(where: str, text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if not abs(number) < MILLISECONDS_FROM * 1e3:
            raise BadInput(f"{where}: {text!r} is no time")
        return round(number * (1e3 if abs(number) >= MILLISECONDS_FROM else 1e6))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{where}: {text!r} is no time, write ISO 8601 or a number") from error
    # A time without a zone is a clock on a wall; it is taken as it stands.
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    # Hours of the day are the writer's own, so its offset stays in.
    offset = moment.utcoffset()
    local = moment.timestamp() + (0.0 if offset is None else offset.total_seconds())
    return round(local * 1e6)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if abs(number) < MOST else float("nan")


def _is_label(text: str) -> bool:
    """A number above 0 or a word that does not mean no."""
    try:
        return float(text) > 0.0
    except ValueError:
        return text.strip().lower() not in NOT_LABELLED
