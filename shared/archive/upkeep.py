"""Keeps the archive few files and within its time; run by whoever writes it, off the loop.

Law 1: merging adds the whole first and takes the parts away after it, so a reader or a crash in
between finds readings twice, which is told once, and never finds them missing.

Law 2: what grows too old goes an hour at a time, with all its areas, and an hour is too old only
when nothing in it was measured or received within the time that is kept.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from shared.archive.layout import REAL, areas, files, hours, lanes, newest_received_us
from shared.archive.opening import opened
from shared.archive.schema import SCHEMA, whole_numbers, words
from shared.archive.shelf import HOUR_US, hour_of
from shared.archive.writing import put_into, remove_folder

MERGE_ROWS_MAX: Final = 2_000_000
"""A merged file holds no more; about 300 MB while it is made."""
SETTLED_US: Final = 600_000_000
"""An hour without news for so long is merged into one file."""
FILES_MAX: Final = 48
"""An hour that still grows is merged when it has more files than this."""
DAY_US: Final = 24 * HOUR_US


def shelves(root: Path, *, since_us: int | None = None) -> Iterator[Path]:
    """Every folder that holds files; of the city's own only the hours from ``since_us`` on.

    Years of them are too many to look through every hour, and late news names its shelf itself.
    """
    since = None if since_us is None else hour_of(since_us)
    for lane in lanes(root):
        for hour in hours(lane, first=since if lane == root / REAL else None):
            yield from areas(hour.path)


def is_crowded(area: Path, *, now_us: int) -> bool:
    """Whether the files of a shelf should be merged now."""
    held = files(area)
    return len(held) > (1 if _settled(held, now_us) else FILES_MAX)


def is_done(area: Path, *, now_us: int) -> bool:
    """Whether a shelf needs no look before something new is put on it."""
    held = files(area)
    return len(held) <= 1 and (not held or _settled(held, now_us))


def merge(root: Path, area: Path) -> int:
    """Merge the small files of a shelf; returns how many files fewer there are.

    Files that another process takes away meanwhile are left to it. Raises StoreUnavailable for a
    broken one, and then nothing has changed.
    """
    fewer = 0
    for group in list(_groups(files(area))):
        try:
            tables = [_whole(path) for path in group]
        except FileNotFoundError:
            return fewer
        target = put_into(root, area, _sorted(_once(pa.concat_tables(tables))))
        for path in group:
            if path != target:
                path.unlink(missing_ok=True)
                fewer += 1
        fewer -= target not in group
    return fewer


def expire(root: Path, *, now_us: int, keep_us: int, keep_runs_us: int) -> int:
    """Remove the hours that are too old; returns how many."""
    removed = 0
    for lane in list(lanes(root)):
        oldest = now_us - (keep_us if lane == root / REAL else keep_runs_us)
        for hour in list(hours(lane)):
            if (hour.hour + 1) * HOUR_US > oldest:
                break
            received = (
                newest_received_us(path.name) or 0
                for area in areas(hour.path)
                for path in files(area)
            )
            if max(received, default=0) <= oldest:
                remove_folder(hour.path)
                removed += 1
        _tidy(lane)
    return removed


def _settled(held: list[Path], now_us: int) -> bool:
    newest = newest_received_us(held[-1].name) if held else None
    return newest is not None and now_us - newest > SETTLED_US


def _whole(path: Path) -> pa.Table:
    with opened(path) as file:
        return file.read(use_threads=False).cast(SCHEMA)


def _tidy(lane: Path) -> None:
    """Take away what an interrupted removal left, and folders with nothing in them."""
    for left in lane.glob("*/.gone-*"):
        shutil.rmtree(left, ignore_errors=True)
    for folder in [*lane.iterdir(), lane]:
        if folder.is_dir() and folder.name != REAL:
            with contextlib.suppress(OSError):  # not empty, or somebody else was faster
                folder.rmdir()


def _groups(paths: list[Path]) -> Iterator[list[Path]]:
    """Files that fit together, at least two at a time; those large enough already are left."""
    group: list[Path] = []
    rows = 0
    for path in paths:
        try:
            with opened(path) as file:
                own = file.metadata.num_rows
        except FileNotFoundError:
            return
        if own > MERGE_ROWS_MAX // 2:
            continue
        if rows + own > MERGE_ROWS_MAX:
            if len(group) > 1:
                yield group
            group, rows = [], 0
        group.append(path)
        rows += own
    if len(group) > 1:
        yield group


def _once(table: pa.Table) -> pa.Table:
    """Each reading of each record once."""
    keys = [whole_numbers(table[name]) for name in ("place", "offset", "partition", "received_at")]
    order = np.lexsort(keys)
    new = np.zeros(order.size, np.bool_)
    new[:1] = True
    for key in keys:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    return table if new.all() else table.take(pa.array(np.sort(order[new])))


def _sorted(table: pa.Table) -> pa.Table:
    """By sensor and moment, with dictionaries of what is used."""
    whole = table.unify_dictionaries().combine_chunks()
    codes, known = words(whole["sensor"])
    rank = np.empty(len(known), np.int64)
    rank[np.argsort(np.array(known))] = np.arange(len(known))
    at = whole_numbers(whole["measured_at"])
    return whole.take(pa.array(np.lexsort((at, rank[codes]))))
