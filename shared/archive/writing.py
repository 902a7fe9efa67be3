"""Writes whole files: a temporary one, flushed to the disk, then renamed into its place.

Law: whoever lists a shelf sees only files that are whole and durable. A crash leaves at most a
file in ``writing/``, which the next start removes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shared.archive.layout import MARKS, WRITING, file_name, folder_of, safe
from shared.archive.schema import ENCODINGS, SCHEMA, UNNUMBERED, WORDS, whole_numbers
from shared.archive.shelf import Shelf

ROW_GROUP: Final = 8_192
"""Small enough that one sensor's hour is few groups, large enough to compress."""

Codes = tuple[NDArray[np.integer[Any]], list[str]]


def table_of(columns: Mapping[str, NDArray[Any]], words: Mapping[str, Codes]) -> pa.Table:
    """A table of the archive's schema from numpy columns and coded words."""
    arrays: dict[str, pa.Array] = {}
    for name, (codes, known) in words.items():
        used, own = np.unique(codes, return_inverse=True)
        dictionary = pa.array([known[code] for code in used.tolist()], pa.string())
        arrays[name] = pa.DictionaryArray.from_arrays(own.astype(np.int32), dictionary)
    for name, column in columns.items():
        kind = SCHEMA.field(name).type
        if name == "seq":
            arrays[name] = pa.array(column, kind, mask=column == UNNUMBERED)
        elif pa.types.is_timestamp(kind):
            arrays[name] = pa.array(column).cast(kind)
        else:
            arrays[name] = pa.array(column, kind)
    return pa.table([arrays[field.name] for field in SCHEMA], schema=SCHEMA)


def put(root: Path, shelf: Shelf, table: pa.Table) -> Path:
    """Write a file onto a shelf and return where it lies; OSError when the disk does not take it.

    ``table`` has the archive's schema and at least one row.
    """
    return put_into(root, folder_of(root, shelf), table)


def put_into(root: Path, folder: Path, table: pa.Table) -> Path:
    """As ``put``, into the folder of a shelf."""
    newest = int(whole_numbers(table["received_at"]).max())
    target = folder / file_name(newest, digest_of(table))
    writing = root / WRITING
    writing.mkdir(parents=True, exist_ok=True)
    temporary = writing / f"{_me()}-{target.name}"
    try:
        with temporary.open("wb") as file:
            pq.write_table(
                table,
                file,
                row_group_size=ROW_GROUP,
                compression="zstd",
                compression_level=1,
                use_dictionary=list(WORDS),
                column_encoding=ENCODINGS,
            )
            file.flush()
            os.fsync(file.fileno())
        _into_place(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def digest_of(table: pa.Table) -> str:
    """Names a set of readings by the records they came in, whatever their order."""
    keys = np.stack(
        [whole_numbers(table[name]) for name in ("received_at", "partition", "offset", "place")],
        axis=1,
    )
    ordered = np.ascontiguousarray(keys[np.lexsort(keys.T)])
    return blake2b(ordered.tobytes(), digest_size=8).hexdigest()


def mark(root: Path, partition: int, *, position: int, until_us: int) -> None:
    """Note that everything of a partition before ``position`` is on the shelves."""
    target = root / MARKS / f"{partition}.json"
    writing = root / WRITING
    writing.mkdir(parents=True, exist_ok=True)
    temporary = writing / f"{_me()}-mark-{partition}.json"
    temporary.write_text(json.dumps({"position": position, "until_us": until_us}))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)


def clear_unfinished(root: Path) -> int:
    """Remove what dead processes of this machine had begun to write; returns how many files."""
    removed = 0
    for path in (root / WRITING).glob(f"{_machine()}~*"):
        pid = path.name.removeprefix(f"{_machine()}~").partition("-")[0]
        if int(pid) == os.getpid() or not Path("/proc", pid).exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def remove_folder(folder: Path) -> None:
    """Take a folder away as one: it is renamed out of sight first, then emptied."""
    gone = folder.with_name(f".gone-{folder.name}")
    folder.rename(gone)
    shutil.rmtree(gone)


def _machine() -> str:
    return safe(os.uname().nodename)


def _me() -> str:
    return f"{_machine()}~{os.getpid()}"


def _into_place(temporary: Path, target: Path) -> None:
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    _sync(target.parent)
    for folder in missing:
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
