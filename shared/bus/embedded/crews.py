"""Consumer groups in the file: who is a member, who owns which partition, who may commit.

Rule 1: nobody leads. Each member, in a transaction of its own, renews its lease, buries the
dead, gives up what ``share_out`` gives to others and takes what is its own and free.

Rule 2: a partition passes through nobody's hands between two owners: the old one lets go in its
own poll (or its lease ends), only then may the new one take it, and gets a new epoch.

Rule 3: a commit counts only from the owner of the epoch it names.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEASE_MS: Final = 15_000
"""Who did not poll for this long has lost its partitions to whoever looks."""
RENEW_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    home: str
    """Where ``pid`` means something: this machine's process table. Empty when unknown."""
    pid: int
    born: int
    """Start of the process in ticks since boot, since pids are used again."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a member holds after a look at its crew."""

    version: int
    owned: Mapping[int, int]
    """Epoch by partition."""
    committed: Mapping[int, int]


def this_process(name: str) -> Member:
    pid = os.getpid()
    return Member(name, _process_table(), pid, _born(pid) or 0)


def crew_id(conn: sqlite3.Connection, topic: str, name: str) -> int:
    conn.execute("INSERT OR IGNORE INTO crews (topic, name) VALUES (?, ?)", (topic, name))
    row = conn.execute("SELECT id FROM crews WHERE topic = ? AND name = ?", (topic, name))
    return int(row.fetchone()[0])


def version(conn: sqlite3.Connection, crew: int) -> int:
    """Changes whenever another member may have something to do."""
    return int(conn.execute("SELECT version FROM crews WHERE id = ?", (crew,)).fetchone()[0])


def attend(
    conn: sqlite3.Connection, crew: int, me: Member, *, partitions: int, now_ms: int
) -> Share:
    """Renew, bury, let go, take: one member's turn. The caller holds the transaction."""
    changed = _bury(conn, crew, me, now_ms)
    changed |= _sign_in(conn, crew, me, now_ms)
    owners = _owners(conn, crew)
    members = [row[0] for row in conn.execute("SELECT name FROM members WHERE crew = ?", (crew,))]
    mine = share_out(members, partitions, owners)[me.name]
    for part in [part for part, owner in owners.items() if owner == me.name and part not in mine]:
        conn.execute("DELETE FROM owners WHERE crew = ? AND part = ?", (crew, part))
        changed = True
    for part in sorted(mine - owners.keys()):
        conn.execute("UPDATE crews SET epoch = epoch + 1 WHERE id = ?", (crew,))
        conn.execute(
            "INSERT INTO owners SELECT id, ?, ?, epoch FROM crews WHERE id = ?",
            (part, me.name, crew),
        )
    if changed:
        _bump(conn, crew)
    return _share(conn, crew, me)


def leave(conn: sqlite3.Connection, crew: int, me: Member) -> None:
    _remove(conn, crew, me.name)
    _bump(conn, crew)


def commit(
    conn: sqlite3.Connection, crew: int, me: Member, *, part: int, epoch: int, position: int
) -> bool:
    """Note the position; False and nothing written when ``epoch`` is not the owner's."""
    owner = conn.execute(
        "SELECT 1 FROM owners WHERE crew = ? AND part = ? AND member = ? AND epoch = ?",
        (crew, part, me.name, epoch),
    ).fetchone()
    if owner is None:
        return False
    conn.execute("INSERT OR REPLACE INTO commits VALUES (?, ?, ?)", (crew, part, position))
    return True


def share_out(
    members: Collection[str], partitions: int, owners: Mapping[int, str]
) -> dict[str, set[int]]:
    """Who should own what: shares differ by one at most, and as little moves as can be.

    Depends only on its arguments, so every member that looks comes to the same answer.
    """
    held: dict[str, list[int]] = {member: [] for member in members}
    for part in range(partitions):
        if owners.get(part) in held:
            held[owners[part]].append(part)
    # The larger shares go to those who hold most, so that nobody gives one up for evenness' sake.
    ranked = sorted(held, key=lambda member: (-len(held[member]), member))
    fair, extra = divmod(partitions, len(ranked)) if ranked else (0, 0)
    shares = {
        member: set(held[member][: fair + (rank < extra)]) for rank, member in enumerate(ranked)
    }
    free = sorted(set(range(partitions)) - set().union(*shares.values()))
    for rank, member in enumerate(ranked):
        lacking = fair + (rank < extra) - len(shares[member])
        shares[member].update(free[:lacking])
        free = free[lacking:]
    return shares


def _owners(conn: sqlite3.Connection, crew: int) -> dict[int, str]:
    rows = conn.execute("SELECT part, member FROM owners WHERE crew = ?", (crew,))
    return dict(rows.fetchall())


def _share(conn: sqlite3.Connection, crew: int, me: Member) -> Share:
    owned = conn.execute(
        "SELECT part, epoch FROM owners WHERE crew = ? AND member = ?", (crew, me.name)
    )
    committed = conn.execute("SELECT part, position FROM commits WHERE crew = ?", (crew,))
    return Share(version(conn, crew), dict(owned.fetchall()), dict(committed.fetchall()))


def _sign_in(conn: sqlite3.Connection, crew: int, me: Member, now_ms: int) -> bool:
    renewed = conn.execute(
        "UPDATE members SET expires_at_ms = ? WHERE crew = ? AND name = ?",
        (now_ms + LEASE_MS, crew, me.name),
    )
    if renewed.rowcount:
        return False
    conn.execute(
        "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?)",
        (crew, me.name, me.home, me.pid, me.born, now_ms + LEASE_MS),
    )
    return True


def _bury(conn: sqlite3.Connection, crew: int, me: Member, now_ms: int) -> bool:
    """Remove members whose lease ended or whose process is known to be gone."""
    dead = [
        name
        for name, home, pid, born, expires_at_ms in conn.execute(
            "SELECT name, home, pid, born, expires_at_ms FROM members WHERE crew = ?", (crew,)
        ).fetchall()
        if name != me.name
        and (expires_at_ms <= now_ms or (home and home == me.home and _born(pid) != born))
    ]
    for name in dead:
        _remove(conn, crew, name)
    return bool(dead)


def _remove(conn: sqlite3.Connection, crew: int, member: str) -> None:
    conn.execute("DELETE FROM members WHERE crew = ? AND name = ?", (crew, member))
    conn.execute("DELETE FROM owners WHERE crew = ? AND member = ?", (crew, member))


def _bump(conn: sqlite3.Connection, crew: int) -> None:
    conn.execute("UPDATE crews SET version = version + 1 WHERE id = ?", (crew,))


def _process_table() -> str:
    """Names the process table our pid belongs to: the boot, and the container within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _born(pid: int) -> int | None:
    """Start time of a living process, in ticks since boot; None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command name is in brackets and may hold anything, so count from its end.
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(rest[18])
