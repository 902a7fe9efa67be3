"""How far a number is from everything like it ever seen, from sixteen of the numbers seen.

A sensor cannot keep its whole past, but it can keep values that cover it: when there is no more
room, the value is forgotten whose absence opens the smallest gap, never the lowest or the highest.
The widest gap opened so is the memory's grain, and half a grain of distance is no novelty: it may
be our own forgetting. With that correction sixteen values serve as well as all of them.

Law: a distance is measured before its number is remembered.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.detector.core.bank import Rows, Values
from services.detector.core.univariate.memory import KNOWN, Memory
from services.detector.core.univariate.views import Singles

HALF: Final = 0.5


def distances(memory: Memory, rows: Rows, looks: Singles, finest: Singles) -> Values:
    """Novelty of the looks of these rows, none twice; the new ones are remembered, in place.

    ``looks`` and the result are (rows, views); ``finest`` is the smallest difference that means
    anything, one for each row. 0 for what is known; ``nan`` where there is no look or nothing to
    compare it with.
    """
    known = memory.known.take(rows, axis=0)
    # Known values lie along the first axis: the least of them is ten times faster to find.
    away = np.empty((KNOWN, *looks.shape), np.float32)
    np.subtract(known.transpose(2, 0, 1), looks, out=away)
    nearest = np.abs(away, out=away).min(axis=0)
    blur = np.maximum(HALF * memory.grain[rows], finest[:, np.newaxis])
    # Nothing known lies infinitely far away, and is the first to be remembered.
    new = nearest > blur
    novelty = np.where(new, nearest.astype(np.float64) - blur, 0.0)
    novelty[~np.isfinite(nearest)] = np.nan
    place, view = np.nonzero(new)
    if place.size:
        kept, opened = _remembered(known[place, view], looks[place, view])
        row = rows[place]
        memory.known[row, view] = kept
        memory.grain[row, view] = np.maximum(memory.grain[row, view], opened)
    return novelty


def _remembered(known: Singles, fresh: Singles) -> tuple[Singles, Singles]:
    """Known values with a fresh one among them, (pairs, known), and the gap this opened."""
    crowd = np.concatenate((known, fresh[:, np.newaxis]), axis=1)
    crowd.sort(axis=1)
    kept, opened = crowd[:, :KNOWN].copy(), np.zeros(fresh.size, np.float32)
    full = np.flatnonzero(np.isfinite(crowd[:, KNOWN]))
    if full.size:
        crowd = crowd[full]
        gaps = crowd[:, 2:] - crowd[:, :-2]
        least = gaps.argmin(axis=1)
        places = np.arange(KNOWN) + (np.arange(KNOWN) > least[:, np.newaxis])
        kept[full] = np.take_along_axis(crowd, places, axis=1)
        opened[full] = gaps[np.arange(full.size), least]
    return kept, opened
