"""Fewer points that look the same: Largest-Triangle-Three-Buckets, with respect for gaps.

After S. Steinarsson, "Downsampling Time Series for Visual Representation" (University of Iceland,
2013), section 4.2: of each bucket keep the point that spans the largest triangle with the point
kept before it and the mean of the next bucket. First and last are always kept, and every point
kept is one of the input's.

A line that jumps a gap lies about what was known, so each stretch between gaps is thinned by
itself, with its share of the points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[np.float64]
Picks: TypeAlias = NDArray[np.intp]

GAPS_SHARE_MAX: Final = 4
"""At most one break for this many points; the widest gaps are shown."""


@dataclass(frozen=True, slots=True)
class Thinned:
    picks: Picks
    """Which points of the input are kept, ascending."""
    breaks: Picks
    """Places in ``picks`` before which the line is broken."""

    @property
    def size(self) -> int:
        """Points and breaks."""
        return int(self.picks.size + self.breaks.size)


def lttb(at: NDArray[np.integer], values: Values, points: int) -> Picks:
    """Indices of at most ``points`` points of a line without nan, ``at`` ascending.

    With fewer points than asked for, all are kept; fewer than three keep the first and the last.
    """
    size = int(at.size)
    if size <= points:
        return np.arange(size)
    if points < 3:  # noqa: PLR2004 - a bucket lies between two ends
        return np.array([0, size - 1][:points], np.intp)
    x = (at - at[0]).astype(np.float64)
    inner = points - 2
    # Buckets share the points between the ends as evenly as whole numbers allow.
    edges = 1 + np.arange(inner + 1, dtype=np.int64) * (size - 2) // inner
    starts = edges[:-1]
    counts = np.diff(edges)
    mean_x = np.append(np.add.reduceat(x[: size - 1], starts)[:inner] / counts, x[-1])
    mean_y = np.append(np.add.reduceat(values[: size - 1], starts)[:inner] / counts, values[-1])
    kept = np.empty(points, np.intp)
    kept[0], kept[-1] = 0, size - 1
    before = 0
    for bucket in range(inner):
        first, last = int(edges[bucket]), int(edges[bucket + 1])
        own_x, own_y = x[before], values[before]
        to_x, to_y = mean_x[bucket + 1], mean_y[bucket + 1]
        # Twice the triangle's area; only the largest counts.
        area = np.abs(
            (own_x - to_x) * (values[first:last] - own_y) - (own_x - x[first:last]) * (to_y - own_y)
        )
        before = first + int(np.argmax(area))
        kept[bucket + 1] = before
    return kept


def thin(at: Ints, values: Values, points: int, *, gap_us: int | None = None) -> Thinned:
    """At most ``points`` points and breaks of a series, ``at`` ascending, microseconds.

    A point that is nan is never kept, and breaks the line; so does a pause longer than
    ``gap_us``. ValueError for fewer than two points.
    """
    if points < 2:  # noqa: PLR2004 - the first and the last
        raise ValueError(f"at least 2 points make a line, got {points}")
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return Thinned(known, np.empty(0, np.intp))
    cuts = _cuts(at, known, points, gap_us)
    if known.size + cuts.size <= points:
        return Thinned(known, cuts)
    bounds = np.concatenate(([0], cuts, [known.size]))
    lengths = np.diff(bounds)
    shares = _shares(lengths, points - cuts.size)
    parts = [
        known[begin + lttb(at[known[begin:end]], values[known[begin:end]], share)]
        for begin, end, share in zip(bounds[:-1], bounds[1:], shares.tolist(), strict=True)
    ]
    kept = np.array([part.size for part in parts], np.intp)
    return Thinned(np.concatenate(parts), np.cumsum(kept)[:-1])


def _cuts(at: Ints, known: Picks, points: int, gap_us: int | None) -> Picks:
    """Places in ``known`` where a stretch begins after a gap, the widest gaps only."""
    apart = np.diff(at[known])
    broken = np.diff(known) > 1
    if gap_us is not None:
        broken |= apart > gap_us
    cuts = np.flatnonzero(broken) + 1
    # Each stretch needs its two ends and each cut a break: 2 (cuts + 1) + cuts <= points.
    most = min(points // GAPS_SHARE_MAX, (points - 2) // 3)
    if cuts.size > most:
        widest = np.argsort(-apart[cuts - 1], kind="stable")[:most]
        cuts = np.sort(cuts[widest])
    return cuts


def _shares(lengths: Ints, points: int) -> Ints:
    """Points for each stretch: its ends, and of the rest what its length deserves."""
    least = np.minimum(lengths, 2)
    spare = points - int(least.sum())
    wants = lengths - least
    shares: Ints = least + wants * spare // max(int(wants.sum()), 1)
    return np.minimum(shares, lengths)
