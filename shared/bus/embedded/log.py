"""The log itself: append, read, newest of each key, retention. Plain SQL, one connection.

Rule 1: nothing here opens a transaction, starts a thread or reads a clock; the caller does.

Rule 2: offsets of a lane rise by one with each record and are never given twice, not even after
everything before them was removed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared.bus.embedded.schema import offset_of, row_id
from shared.bus.ports import Partition, Record
from shared.bus.topics import DAY_MS, Topic

TOMBSTONE_KEPT_MS: Final = DAY_MS
"""A deletion stays readable this long, so that who follows the topic hears of it."""
SWEEP_RECORDS_MAX: Final = 5_000
"""Retention removes at most this many of a lane in one transaction; publishers wait meanwhile."""


@dataclass(frozen=True, slots=True)
class Lane:
    id: int
    partition: Partition
    compacted: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    first: int
    """The oldest offset that may still be there."""
    next: int
    """The offset the next record will get."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way in."""

    lane: Lane
    key: str
    value: bytes


def make_topics(conn: sqlite3.Connection, topics: Iterable[Topic]) -> None:
    """Add what is missing; a topic that is there keeps its number of partitions."""
    for topic in topics:
        made = conn.execute(
            "INSERT OR IGNORE INTO topics VALUES (?, ?, ?, ?)",
            (topic.name, topic.partitions, topic.retention_ms, topic.compacted),
        )
        if made.rowcount:
            conn.executemany(
                "INSERT INTO lanes (topic, part) VALUES (?, ?)",
                [(topic.name, index) for index in range(topic.partitions)],
            )


def lanes(conn: sqlite3.Connection) -> dict[str, list[Lane]]:
    """All lanes by topic, in order of partition."""
    found: dict[str, list[Lane]] = {}
    for lane, topic, part, compacted in conn.execute(
        "SELECT lanes.id, topic, part, compacted FROM lanes JOIN topics ON name = topic"
        " ORDER BY topic, part"
    ):
        found.setdefault(topic, []).append(Lane(lane, Partition(topic, part), bool(compacted)))
    return found


def bounds(conn: sqlite3.Connection, topic: str) -> dict[int, Bounds]:
    """First and next offset of each lane of a topic, by lane id."""
    rows = conn.execute("SELECT id, first, next FROM lanes WHERE topic = ?", (topic,))
    return {lane: Bounds(first, following) for lane, first, following in rows}


def append(conn: sqlite3.Connection, entries: Sequence[Entry], *, at_ms: int) -> list[int]:
    """Write the entries in order; the offset each one got."""
    following: dict[int, int] = {}
    rows: list[tuple[int, int, str, bytes]] = []
    offsets: list[int] = []
    for entry in entries:
        lane = entry.lane.id
        if lane not in following:
            following[lane] = conn.execute(
                "SELECT next FROM lanes WHERE id = ?", (lane,)
            ).fetchone()[0]
        offset = following[lane]
        following[lane] = offset + 1
        offsets.append(offset)
        rows.append((row_id(lane, offset), at_ms, entry.key, entry.value))
    conn.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
    conn.executemany(
        "UPDATE lanes SET next = ? WHERE id = ?",
        [(offset, lane) for lane, offset in following.items()],
    )
    for entry, row in zip(entries, rows, strict=True):
        if entry.lane.compacted:
            _replace(conn, entry, row[0])
    return offsets


def _replace(conn: sqlite3.Connection, entry: Entry, row: int) -> None:
    """Keep only the newest of a key: the one it replaces goes at once."""
    lane_key = (entry.lane.id, entry.key)
    old = conn.execute("SELECT id FROM newest WHERE lane = ? AND key = ?", lane_key).fetchone()
    if old is not None:
        conn.execute("DELETE FROM records WHERE id = ?", old)
    conn.execute("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", (*lane_key, row))


def fetch(
    conn: sqlite3.Connection, lane: Lane, *, first: int, most: int, bytes_max: int
) -> list[Record]:
    """Records of a lane from ``first`` on, at most ``most`` and about ``bytes_max`` of them."""
    found: list[Record] = []
    size = 0
    rows = conn.execute(
        "SELECT id, key, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (row_id(lane.id, max(0, first)), row_id(lane.id + 1, 0), most),
    )
    for row, key, value in rows:
        found.append(Record(lane.partition, offset_of(row), key, value))
        size += len(value)
        if size >= bytes_max:
            break
    rows.close()
    return found


def newest(conn: sqlite3.Connection, lane: Lane) -> dict[str, bytes]:
    """The newest value of each key of a compacted lane, deletions gone."""
    rows = conn.execute(
        "SELECT records.key, value FROM newest JOIN records ON records.id = newest.id"
        " WHERE lane = ? AND length(value) > 0",
        (lane.id,),
    )
    return dict(rows.fetchall())


def sweep(conn: sqlite3.Connection, *, now_ms: int) -> bool:
    """Apply retention once; True when there is more to remove than one sweep may."""
    more = False
    for lane, retention_ms, compacted, first, following in conn.execute(
        "SELECT lanes.id, retention_ms, compacted, first, next"
        " FROM lanes JOIN topics ON name = topic"
    ).fetchall():
        if compacted:
            _forget_tombstones(conn, lane, before_ms=now_ms - TOMBSTONE_KEPT_MS)
        elif retention_ms is not None:
            kept = _first_kept(conn, lane, first, following, before_ms=now_ms - retention_ms)
            more = more or kept - first == SWEEP_RECORDS_MAX
            _cut(conn, lane, first, kept)
    return more


def _first_kept(
    conn: sqlite3.Connection, lane: int, first: int, following: int, *, before_ms: int
) -> int:
    # Offsets rise and so do their times, but for a clock set back; what such a clock wrote late
    # only lives a little longer, so the first young record ends the search.
    ceiling = min(following, first + SWEEP_RECORDS_MAX)
    young = conn.execute(
        "SELECT id FROM records WHERE id >= ? AND id < ? AND at_ms >= ? ORDER BY id LIMIT 1",
        (row_id(lane, first), row_id(lane, ceiling), before_ms),
    ).fetchone()
    return ceiling if young is None else offset_of(young[0])


def _cut(conn: sqlite3.Connection, lane: int, first: int, kept: int) -> None:
    if kept == first:
        return
    conn.execute(
        "DELETE FROM records WHERE id >= ? AND id < ?", (row_id(lane, first), row_id(lane, kept))
    )
    conn.execute("UPDATE lanes SET first = ? WHERE id = ?", (kept, lane))


def _forget_tombstones(conn: sqlite3.Connection, lane: int, *, before_ms: int) -> None:
    gone = conn.execute(
        "SELECT newest.key, newest.id FROM newest JOIN records ON records.id = newest.id"
        " WHERE lane = ? AND length(value) = 0 AND at_ms < ?",
        (lane, before_ms),
    ).fetchall()
    conn.executemany("DELETE FROM newest WHERE lane = ? AND key = ?", [(lane, k) for k, _ in gone])
    conn.executemany("DELETE FROM records WHERE id = ?", [(row,) for _, row in gone])
