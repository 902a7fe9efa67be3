"""Where things lie below the archive's folder, as names only.

    real/2026-11-23/08/<area>/<newest receipt>-<digest>.parquet      the city's own
    runs/<run>/2026-11-23/08/<area>/...                              each drill and replay apart
    marks/<partition>.json                                           how far the writer has come
    writing/                                                         files that are not whole yet

A file's name says when the newest of its readings was received and, by a digest, which readings
it holds: writing the same readings again writes the same file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final
from urllib.parse import quote

from shared.archive.shelf import Shelf

REAL: Final = "real"
RUNS: Final = "runs"
WRITING: Final = "writing"
MARKS: Final = "marks"
SUFFIX: Final = ".parquet"
NAME_BYTES_MAX: Final = 200
_SECONDS_AN_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class HourFolder:
    """One hour of one lane; its areas are folders below it."""

    hour: int
    path: Path


def safe(name: str) -> str:
    """A folder's name for any id: one to one, never hidden, never above another folder."""
    quoted = quote(name, safe=" ()+,=@~").replace(".", "%2E") or "%"
    if len(quoted) <= NAME_BYTES_MAX:
        return quoted
    digest = blake2b(name.encode(), digest_size=8).hexdigest()
    return f"{quoted[: NAME_BYTES_MAX - 20]}~{digest}"


def lane_of(root: Path, run: str) -> Path:
    """The folder of the real city, or of one run."""
    return root / RUNS / safe(run) if run else root / REAL


def hour_folder(lane: Path, hour: int) -> Path:
    """The folder of one hour of a lane."""
    begin = datetime.fromtimestamp(hour * _SECONDS_AN_HOUR, UTC)
    return lane / f"{begin:%Y-%m-%d}" / f"{begin:%H}"


def folder_of(root: Path, shelf: Shelf) -> Path:
    """Where the files of a shelf lie."""
    return hour_folder(lane_of(root, shelf.run), shelf.hour) / safe(shelf.area)


def file_name(newest_received_us: int, digest: str) -> str:
    """Names sort by receipt."""
    return f"{newest_received_us:018d}-{digest}{SUFFIX}"


def newest_received_us(name: str) -> int | None:
    """What a file's name says of it; None for a file that is none of ours."""
    head, _, tail = name.partition("-")
    return int(head) if head.isdigit() and tail.endswith(SUFFIX) else None


def lanes(root: Path) -> Iterator[Path]:
    """The real lane and every run's, where they exist."""
    if (root / REAL).is_dir():
        yield root / REAL
    yield from _folders(root / RUNS)


def hours(lane: Path, *, first: int | None = None, last: int | None = None) -> Iterator[HourFolder]:
    """The hours of a lane that exist, oldest first; both ends belong to it."""
    for day in _folders(lane):
        begin = _hour(day.name, "00")
        if begin is None or (last is not None and begin > last):
            continue
        if first is not None and begin + 23 < first:
            continue
        for entry in _folders(day):
            hour = _hour(day.name, entry.name)
            if hour is None or (first is not None and hour < first):
                continue
            if last is None or hour <= last:
                yield HourFolder(hour, entry)


def areas(hour: Path) -> Iterator[Path]:
    """The folders of one hour that hold files."""
    yield from _folders(hour)


def files(area: Path) -> list[Path]:
    """The whole files of a shelf, by receipt; empty where there is no such folder."""
    try:
        with os.scandir(area) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [area / name for name in sorted(names) if newest_received_us(name) is not None]


def _folders(path: Path) -> list[Path]:
    try:
        with os.scandir(path) as entries:
            return sorted(path / entry.name for entry in entries if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _hour(day: str, hour: str) -> int | None:
    try:
        begin = datetime.strptime(f"{day}T{hour}+0000", "%Y-%m-%dT%H%z")
    except ValueError:
        return None
    return round(begin.timestamp()) // _SECONDS_AN_HOUR
