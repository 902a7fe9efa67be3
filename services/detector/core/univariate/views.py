"""Eight ways of looking at a reading; each is one number, and what it is compared with is its past.

Law: a view is taken before the reading changes the profile it is compared with.

level   the value
step    how far it moved since the reading before, without sign
day     the value less what is usual at this hour
week    the same, working days and weekends apart; silent until a week has been seen
low     the least of the newest 12 readings: new when something high lasts
high    the most of them: new when something low lasts
mean    of the newest 24 readings
spread  their standard deviation

Hours are those of the clock the readings come with; a city passes its offset in ``at``.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.detector.core.bank import Ints, Rows, Values
from services.detector.core.univariate.memory import HOURS, NEVER, RECENT, VIEWS, Memory

LASTING: Final = 12
"""Readings that make something last."""
HABIT_WEIGHT: Final = 0.3
"""How fast an hour's usual value follows: about the last three such hours count."""

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
WEEK_US: Final = 7 * DAY_US
FIRST_WORKING_DAYS: Final = 5
THURSDAY: Final = 3
"""Weekday of 1970-01-01, Monday being 0."""

Singles: TypeAlias = NDArray[np.float32]


def look(memory: Memory, rows: Rows, at: Ints, values: Singles) -> Singles:
    """Views of one reading of each of these rows, none twice; ``memory`` learns, in place.

    ``at`` in microseconds. Returns (rows, views), ``nan`` where a view has nothing to say yet.
    """
    looks = np.empty((rows.size, len(VIEWS)), np.float32)
    looks[:, 0] = values
    recent = memory.recent.take(rows, axis=0)
    blank = memory.first_at[rows] == NEVER
    memory.first_at[rows[blank]] = at[blank]
    looks[:, 1] = np.where(blank, np.nan, np.abs(values - recent[:, -1]))
    hour = (at % DAY_US) // HOUR_US
    looks[:, 2] = _against(memory.day, rows, hour, values)
    weekend = (at // DAY_US + THURSDAY) % 7 >= FIRST_WORKING_DAYS
    off = _against(memory.week, rows, hour + HOURS * weekend, values)
    looks[:, 3] = np.where(at - memory.first_at[rows] >= WEEK_US, off, np.nan)
    recent[:, :-1] = recent[:, 1:]
    recent[:, -1] = values
    # Before the first reading there is nothing: as if it had always been so.
    recent[blank] = values[blank, np.newaxis]
    memory.recent[rows] = recent
    _windows(recent, looks)
    return looks


def _windows(recent: Singles, looks: Singles) -> None:
    """The views of a window, into their columns. Readings lie along the first axis for speed."""
    window = np.empty(recent.shape[::-1])
    window[:] = recent.T
    lasting = window[RECENT - LASTING :]
    looks[:, 4] = lasting.min(axis=0)
    looks[:, 5] = lasting.max(axis=0)
    mean = window.mean(axis=0)
    window -= mean
    looks[:, 6] = mean
    looks[:, 7] = np.sqrt(np.square(window, out=window).mean(axis=0))


def _against(profile: Singles, rows: Rows, slot: Ints, values: Singles) -> Values:
    """Distance from what is usual in the slot, ``nan`` the first time; the profile learns."""
    usual = profile[rows, slot].astype(np.float64)
    off = values - usual
    profile[rows, slot] = np.where(np.isnan(usual), values, usual + HABIT_WEIGHT * off)
    return off
