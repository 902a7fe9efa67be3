"""The bus file: its tables, its version, and the only way to open it.

Law: a file that is not ours, is of another version, or cannot be written is refused before
anything is read from it, with the path and the mend in the message.

A *lane* is one partition of one topic. A record's row id is its lane and its offset in one
integer, so a lane lies together in the tree and reading it in order needs no second index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shared.errors import BadInput, BusUnavailable, TocsinError

APPLICATION_ID: Final = 0x746F6373
"""The four letters ``tocs`` in SQLite's header: this file is a Tocsin bus."""
SCHEMA_VERSION: Final = 1
OFFSET_BITS: Final = 40
"""2**40 records a lane: at 100,000 a second, four months short of never."""
BUSY_S: Final = 30.0
"""How long a write waits for another process's write."""
WAL_BYTES_KEPT: Final = 64 * 1024 * 1024

_TABLES: Final = (
    """CREATE TABLE topics (
        name TEXT PRIMARY KEY, partitions INTEGER NOT NULL,
        retention_ms INTEGER, compacted INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE lanes (
        id INTEGER PRIMARY KEY, topic TEXT NOT NULL, part INTEGER NOT NULL,
        first INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0,
        UNIQUE (topic, part))""",
    """CREATE TABLE records (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,
        key TEXT NOT NULL, value BLOB NOT NULL)""",
    """CREATE TABLE newest (
        lane INTEGER NOT NULL, key TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (lane, key)) WITHOUT ROWID""",
    """CREATE TABLE crews (
        id INTEGER PRIMARY KEY, topic TEXT NOT NULL, name TEXT NOT NULL,
        epoch INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 0,
        UNIQUE (topic, name))""",
    """CREATE TABLE members (
        crew INTEGER NOT NULL, name TEXT NOT NULL,
        home TEXT NOT NULL, pid INTEGER NOT NULL, born INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL, PRIMARY KEY (crew, name)) WITHOUT ROWID""",
    """CREATE TABLE owners (
        crew INTEGER NOT NULL, part INTEGER NOT NULL, member TEXT NOT NULL,
        epoch INTEGER NOT NULL, PRIMARY KEY (crew, part)) WITHOUT ROWID""",
    """CREATE TABLE commits (
        crew INTEGER NOT NULL, part INTEGER NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (crew, part)) WITHOUT ROWID""",
)


def row_id(lane: int, offset: int) -> int:
    return lane << OFFSET_BITS | offset


def offset_of(row: int) -> int:
    return row & ((1 << OFFSET_BITS) - 1)


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the bus at ``path``, made if it is not there; for one thread at a time.

    Raises BadInput when the file is not a bus of this version or cannot be written, and
    BusUnavailable when another process keeps it locked.
    """
    with mapped(path):
        _make_folder(path)
        conn = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            _prepare(conn, path)
        except BaseException:
            conn.close()
            raise
    return conn


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"bus folder {path.parent} cannot be made ({error.strerror}); "
            "make it, or set bus.path to a place that can be written"
        ) from error


def _prepare(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute("PRAGMA journal_mode = WAL")
    # FULL: a committed record survives loss of power, not only the death of the process.
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
    with transaction(conn):
        _check_or_make(conn, path)


def _check_or_make(conn: sqlite3.Connection, path: Path) -> None:
    application = conn.execute("PRAGMA application_id").fetchone()[0]
    version = conn.execute("PRAGMA user_version").fetchone()[0]
    tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if (application, version, tables) == (0, 0, 0):
        for table in _TABLES:
            conn.execute(table)
        conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        conn.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    elif application != APPLICATION_ID:
        raise BadInput(f"{path} is a database but not a Tocsin bus; set bus.path to another file")
    elif version != SCHEMA_VERSION:
        raise BadInput(
            f"bus file {path} is of version {version} and this Tocsin reads {SCHEMA_VERSION}; "
            "run the Tocsin that wrote it, or set bus.path to a new file"
        )


@contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """Everything inside or nothing; on leaving, it is on the disk."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


@contextmanager
def mapped(path: Path) -> Iterator[None]:
    """SQLite's errors inside become ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise ours(path, error) from error


_HOPELESS: Final = {
    sqlite3.SQLITE_NOTADB: "is not a database; move it away, or set bus.path to another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup, or move it away to start anew",
    sqlite3.SQLITE_READONLY: "cannot be written; mend its permissions, or set another bus.path",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; mend its permissions, or set another bus.path",
    sqlite3.SQLITE_PERM: "cannot be opened; mend its permissions, or set another bus.path",
}


def ours(path: Path, error: sqlite3.Error) -> TocsinError:
    """BadInput where only a person can mend it, BusUnavailable where waiting may."""
    # The low byte is the primary code; the rest says which system call failed.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    mend = _HOPELESS.get(code)
    if mend is not None:
        return BadInput(f"bus file {path} {mend} ({error})")
    return BusUnavailable(f"bus file {path} did not answer: {error}")
