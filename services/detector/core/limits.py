"""Crossing a limit and coming back, for many sensors at once.

Each slot is a small machine of its own. Not crossed: a value beyond ``raises_at`` must stay there
for ``on_after`` of event time. Crossed: a value back beyond ``clears_at`` must stay there for
``off_after``. A worse limit of the same kind carries the lesser ones with it, so that a fall from
red goes to orange and never to nothing and back. A rate without enough past is ``nan`` and moves
nothing: it neither raises nor clears.

Rates: the value is first smoothed by the middle one of the last three readings, so that one bad
sample is no rise; then compared with the extreme of the window, kept in nine buckets of an eighth
of it. The window is therefore between one and nine eighths of its name.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.bank import BUCKETS, NEVER, UNSET, Bank, Flags, Ints, Rows, Values
from services.detector.core.profiles import SLOTS, WINDOWS, Profiles

PARTS: Final = BUCKETS - 1
_BITS: Final = (1 << np.arange(SLOTS)).astype(np.uint8)
_SLOT: Final = np.arange(SLOTS)


class LimitStep:
    """The limits of one working set, looked up once and applied round by round."""

    def __init__(self, profiles: Profiles, profile: NDArray[np.int16]) -> None:
        self._profiles = profiles
        self._profile = profile
        self._sign = profiles.sign[profile]
        self._raises = profiles.raises[profile]
        self._clears = profiles.clears[profile]
        self._on = profiles.on_us[profile]
        self._off = profiles.off_us[profile]
        self._source = profiles.source[profile]
        rated = profiles.window_us[profile]
        self._rated: Rows = np.flatnonzero(rated.any(axis=1))
        self._window = rated[self._rated]
        self._window_sign = profiles.window_sign[profile[self._rated]]

    def step(self, bank: Bank, values: Values, at: Ints, live: Flags | None) -> Flags:
        """Apply one reading to each of the first ``len(values)`` rows, in place.

        Returns which rows changed their grade.
        """
        count = values.size
        shown = np.empty((count, SLOTS))
        shown[:] = values[:, np.newaxis]
        shown *= self._sign[:count]
        self._show_rates(bank, values, at, shown)
        mask, since = bank.mask[:count], bank.since[:count]
        crossed = (mask[:, np.newaxis] & _BITS) != 0
        beyond = shown >= self._raises[:count]
        wants = np.where(crossed, shown < self._clears[:count], beyond)
        moment = at[:, np.newaxis]
        waiting = np.where(wants, np.minimum(since, moment), UNSET)
        flips = wants & (moment - waiting >= np.where(crossed, self._off[:count], self._on[:count]))
        if live is not None:
            flips &= live[:, np.newaxis]
            waiting = np.where(live[:, np.newaxis], waiting, since)
        waiting[flips] = UNSET
        since[:] = waiting
        profile = self._profile[:count]
        after = mask ^ _packed(flips)
        carried = self._profiles.implied[profile, after] & _packed(beyond) & ~after
        if live is not None:
            carried = np.where(live, carried, 0).astype(np.uint8)
        if carried.any():
            since[(carried[:, np.newaxis] & _BITS) != 0] = UNSET
            after |= carried
        before_grade = self._profiles.grade[profile, mask]
        mask[:] = after
        changed: Flags = self._profiles.grade[profile, after] != before_grade
        return changed

    def _show_rates(self, bank: Bank, values: Values, at: Ints, shown: Values) -> None:
        """Write the rates of those rows that have any into their slots."""
        count = values.size
        here = self._rated[: np.searchsorted(self._rated, count)]
        if not here.size:
            return
        value, last = values[here], bank.last_two[here]
        middle = np.maximum(
            np.minimum(last[:, 0], last[:, 1]),
            np.minimum(np.maximum(last[:, 0], last[:, 1]), value),
        )
        bank.last_two[here, 0] = last[:, 1]
        bank.last_two[here, 1] = value
        known = ~np.isnan(middle)
        window = self._window[: here.size]
        sign = self._window_sign[: here.size]
        for which in range(WINDOWS):
            used = window[:, which] > 0
            rate = _rate(
                bank,
                here,
                which,
                signed=sign[:, which] * middle,
                bucket=at[here] // np.maximum(window[:, which] // PARTS, 1),
                learns=known & used,
            )
            rows, slots = np.nonzero(self._source[here] == which)
            shown[here[rows], slots] = rate[rows]


def _rate(
    bank: Bank, here: Rows, which: int, *, signed: Values, bucket: Ints, learns: Flags
) -> Values:
    """How far the smoothed value stands above the lowest of its window; learn it first."""
    buckets, lowest = bank.bucket[here, which], bank.lowest[here, which]
    rows = np.flatnonzero(learns)
    place = bucket[rows] % BUCKETS
    fresh = buckets[rows, place] != bucket[rows]
    kept = lowest[rows, place]
    now = signed[rows].astype(np.float32)
    lowest[rows, place] = np.where(fresh, now, np.minimum(kept, now))
    buckets[rows, place] = bucket[rows]
    bank.bucket[here, which], bank.lowest[here, which] = buckets, lowest
    inside = (buckets > NEVER) & (buckets >= (bucket - PARTS)[:, np.newaxis])
    least = np.where(inside, lowest, np.inf).min(axis=1, initial=np.inf)
    return np.where(learns, signed - least, np.nan)


def _packed(flags: Flags) -> NDArray[np.uint8]:
    return np.packbits(flags, axis=1, bitorder="little")[:, 0]
