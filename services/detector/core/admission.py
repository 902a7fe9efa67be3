"""Every reading has exactly one outcome: scored, duplicate, late, bad quality or unknown.

A sensor's readings must have rising ``measured_at``. One that is not newer than the newest is a
duplicate if that very reading (same moment, same running number or value) was seen among the
sensor's last ``PRINTS``, else it came late. One of bad quality moves the sensor's time on but is
never scored; one of an impossible time is as bad and moves nothing. The answer is exact also
within a batch, wherever the batch was cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.bank import NEVER, PRINTS, Bank, Flags, Ints, Rows
from services.detector.core.batches import UNKNOWN, Batch
from services.detector.core.rounds import Grouped, by_row

OUTCOMES: Final = ("scored", "duplicate", "late", "bad-quality", "unknown-sensor")
UNNUMBERED: Final = -1
EARLIEST_US: Final = 946_684_800_000_000
"""2000-01-01; ingest lets nothing before it pass."""
LATEST_US: Final = 4_102_444_800_000_000
"""2100-01-01."""
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, slots=True)
class Admitted:
    scored: Flags
    """Which readings of the batch are scored."""
    counts: dict[str, int]
    """Readings by outcome; their sum is the size of the batch."""


def fingerprints(batch: Batch) -> NDArray[np.uint32]:
    """32 bits of each reading's moment and number (its value, where it has no number)."""
    number = np.where(
        batch.seq == UNNUMBERED,
        (batch.values + 0.0).view(np.uint64) ^ _MIX[1],
        batch.seq.astype(np.uint64),
    )
    mixed = (batch.at.astype(np.uint64) * _MIX[0]) ^ (number * _MIX[1])
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[0]
    return (mixed >> np.uint64(32)).astype(np.uint32)


def admit(bank: Bank, batch: Batch) -> Admitted:
    """The outcome of each reading; moves the newest times and fingerprints on, in place."""
    counts = dict.fromkeys(OUTCOMES, 0)
    is_known = batch.rows != UNKNOWN
    timely = (batch.at >= EARLIEST_US) & (batch.at < LATEST_US)
    known: Rows = np.flatnonzero(is_known & timely)
    timeless = int((is_known & ~timely).sum())
    counts["unknown-sensor"] = batch.rows.size - known.size - timeless
    rows, at = batch.rows[known], batch.at[known]
    prints = fingerprints(batch)[known]
    grouped = by_row(rows)
    order, starts, lengths = grouped.order, grouped.starts, grouped.lengths
    newer = np.ones(rows.size, np.bool_)
    for group in _disordered(bank, rows, at, grouped):
        members = order[starts[group] : starts[group] + lengths[group]]
        repeated = _one_by_one(
            bank, int(rows[members[0]]), members, at=at, prints=prints, newer=newer
        )
        counts["duplicate"] += repeated
    counts["late"] = rows.size - int(newer.sum()) - counts["duplicate"]
    # Newest wins: times of the newer readings rise within a group.
    if rows.size:
        times = np.where(newer[order], at[order], NEVER)
        heads = rows[order[starts]]
        bank.newest[heads] = np.maximum(bank.newest[heads], np.maximum.reduceat(times, starts))
    append_newest(bank.prints, bank.printed, rows, prints, grouped)
    scored = np.zeros(batch.rows.size, np.bool_)
    scored[known] = newer & ~batch.bad[known]
    counts["scored"] = int(scored.sum())
    counts["bad-quality"] = int(newer.sum()) - counts["scored"] + timeless
    return Admitted(scored=scored, counts=counts)


def _disordered(bank: Bank, rows: Rows, at: Ints, grouped: Grouped) -> list[int]:
    """Groups in which some reading is not newer than the one before it."""
    if not rows.size:
        return []
    order, starts = grouped.order, grouped.starts
    in_order = at[order]
    before = np.empty_like(in_order)
    before[1:] = in_order[:-1]
    before[starts] = bank.newest[rows[order[starts]]]
    wrong = np.add.reduceat((in_order <= before).astype(np.int64), starts)
    return [int(group) for group in np.flatnonzero(wrong)]


def _one_by_one(
    bank: Bank, row: int, members: Rows, *, at: Ints, prints: NDArray[np.uint32], newer: Flags
) -> int:
    """Judge one sensor's readings in turn; returns how many are duplicates."""
    newest = int(bank.newest[row])
    written = int(bank.printed[row])
    ring: list[int] = bank.prints[row].tolist()
    filled = min(written, PRINTS)
    repeated = 0
    for member in members.tolist():
        moment, mark = int(at[member]), int(prints[member])
        if moment > newest:
            newest = moment
        else:
            newer[member] = False
            repeated += mark in ring[:filled]
        ring[written % PRINTS] = mark
        written += 1
        filled = min(written, PRINTS)
    return repeated


def append_newest(
    ring: NDArray[np.generic],
    written: Ints,
    rows: Rows,
    items: NDArray[np.generic],
    grouped: Grouped,
) -> None:
    """Append each reading's item to its row's ring, in the order they came."""
    if not rows.size:
        return
    width = ring.shape[1]
    starts, lengths = grouped.starts, grouped.lengths
    rank = np.arange(rows.size) - np.repeat(starts, lengths)
    keeps = rank >= np.repeat(lengths, lengths) - width
    kept = grouped.order[keeps]
    ring[rows[kept], (written[rows[kept]] + rank[keeps]) % width] = items[kept]
    written[rows[grouped.order[starts]]] += lengths
