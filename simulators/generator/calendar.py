"""Which gateways of a city send when.

A group is the sensors of one site with one interval, sent as one pack. Groups start at different
tenths of a second, as devices that nobody synchronised do; a group's start depends on the seed,
its site and its interval, on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulators.generator.chance import Stream, words
from simulators.generator.columns import INTERVALS_MS, CityColumns

STEP_MS: Final = 100
_INTERVAL_MS_MAX: Final = 2**32


@dataclass(frozen=True)
class Round:
    """All groups of one interval, in the order in which they send."""

    interval_ms: int
    rows: NDArray[np.int32]
    """The sensors, group by group."""
    site: NDArray[np.int32]
    """Per group."""
    first: NDArray[np.int64]
    """Per group: place of its first sensor in ``rows``; one more at the end."""
    turn: NDArray[np.int64]
    """By tenth of a second: the first group that sends then; one more at the end."""

    def due(self, time_ms: int) -> slice:
        """The groups that send at a moment, a multiple of ``STEP_MS``."""
        tenth = time_ms % self.interval_ms // STEP_MS
        return slice(int(self.turn[tenth]), int(self.turn[tenth + 1]))


def rounds(
    city: CityColumns, *, sites: range | None = None, every_s: float | None = None
) -> list[Round]:
    """Every sensor of ``sites`` (None: of the city), by interval; ``every_s``: one for all."""
    whole = range(city.plan.sites) if sites is None else sites
    low, high = int(city.plan.sensors[whole.start]), int(city.plan.sensors[whole.stop])
    rows = np.arange(low, high, dtype=np.int32)
    if every_s is not None:
        return [_round(city, rows, _rounded(every_s))]
    interval = INTERVALS_MS[city.device[rows]]
    return [_round(city, rows[interval == each], int(each)) for each in np.unique(interval)]


def times(from_ms: int, until_ms: int) -> Iterator[int]:
    """Every moment at which somebody may send, the end not included."""
    first = -(-from_ms // STEP_MS) * STEP_MS
    yield from range(first, until_ms, STEP_MS)


def _round(city: CityColumns, rows: NDArray[np.int32], interval_ms: int) -> Round:
    tenths = interval_ms // STEP_MS
    site = city.site[city.asset[rows]]
    starts = np.flatnonzero(np.diff(site, prepend=-1))
    group_site = site[starts]
    number = group_site.astype(np.int64) * _INTERVAL_MS_MAX + interval_ms
    phase = (words(city.seed, Stream.PHASE, number) % np.uint64(tenths)).astype(np.int64)
    order = np.argsort(phase, kind="stable")
    sizes = np.diff(starts, append=rows.size)
    in_turn = np.argsort(np.repeat(phase, sizes), kind="stable")
    return Round(
        interval_ms=interval_ms,
        rows=rows[in_turn],
        site=group_site[order],
        first=np.concatenate([[0], np.cumsum(sizes[order])]),
        turn=np.searchsorted(phase[order], np.arange(tenths + 1)),
    )


def _rounded(every_s: float) -> int:
    return max(1, round(every_s * 1000.0 / STEP_MS)) * STEP_MS
