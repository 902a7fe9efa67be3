"""A batch laid out so that arithmetic on it never meets one sensor twice.

Fancy assignment keeps only the last of two equal indices, silently. So the k-th reading of a
sensor goes to round k, and sensors are ordered by how many readings they have: then every round
is a slice of the batch, and the sensors it concerns are the first ones of the working set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.detector.core.bank import Ints, Rows


@dataclass(frozen=True, slots=True)
class Grouped:
    """A batch by row, rows ascending, each row's readings in the order they came."""

    order: Rows
    """Which reading of the batch stands at each place."""
    starts: Rows
    """Where each row's readings begin in ``order``."""
    lengths: Rows


@dataclass(frozen=True, slots=True)
class Rounds(Grouped):
    rows: Rows
    """The working set: each row of the batch once, busiest first."""
    layout: Rows
    """Which reading of the batch stands at each place of the layout."""
    offsets: Ints
    """Round k is ``layout[offsets[k]:offsets[k + 1]]``, and its i-th reading is of ``rows[i]``."""

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return pairwise(self.offsets.tolist())


def by_row(rows: Rows) -> Grouped:
    """The batch grouped, given the row of each reading in the order they came."""
    order = np.argsort(rows, kind="stable")
    grouped = rows[order]
    is_start = np.empty(rows.size, np.bool_)
    if rows.size:
        is_start[0] = True
        np.not_equal(grouped[1:], grouped[:-1], out=is_start[1:])
    starts = np.flatnonzero(is_start)
    lengths = np.diff(np.append(starts, rows.size))
    return Grouped(order=order, starts=starts, lengths=lengths)


def rounds(rows: Rows) -> Rounds:
    """The rounds of a batch of readings, given the row of each in the order they came."""
    grouped = by_row(rows)
    order, starts, lengths = grouped.order, grouped.starts, grouped.lengths
    busiest = np.argsort(-lengths, kind="stable")
    place = np.empty(lengths.size, np.intp)
    place[busiest] = np.arange(lengths.size)
    rank = np.arange(rows.size) - np.repeat(starts, lengths)
    sizes = np.bincount(rank) if rows.size else np.empty(0, np.intp)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
    layout = np.empty(rows.size, np.intp)
    layout[offsets[rank] + np.repeat(place, lengths)] = order
    return Rounds(
        rows=rows[order[starts]][busiest],
        layout=layout,
        order=order,
        starts=starts,
        lengths=lengths,
        offsets=offsets,
    )
