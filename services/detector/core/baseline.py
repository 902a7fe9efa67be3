"""How far a sensor is from its own habits: one robust, incremental score for each.

Law 1: the score is taken before the reading is learned, so a reading never explains itself.

Law 2: a sensor that has shown too little scores ``nan``, never 0: "no opinion yet" and "all is
well" are different answers, and only the second may end an alarm.

Method: a level and a mean absolute deviation, both remembered over about ``MEMORY`` readings;
steps are clipped, so an outlier teaches little. The scale has a floor for each quantity (the
sensor's own resolution and noise), because a flat series must not make everything surprising.
Nothing is learned while a reading is surprising or a limit is crossed, so a long fault is not
absorbed; after ``HOLD`` readings the sensor is learned anew, and a changed city is accepted.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.detector.core.bank import Bank, Flags, Values

WARMUP: Final = 200
"""Readings before the first opinion."""
UNCLIPPED: Final = 30
"""Readings learned whole, to find the level at all."""
MEMORY: Final = 500.0
CLIP: Final = 4.0
"""Largest step learned, in scales."""
SIGMA_PER_DEVIATION: Final = 1.2533
"""Standard deviation of a normal distribution in mean absolute deviations, sqrt(pi / 2)."""
SURPRISING: Final = 8.0
CALM: Final = 4.0
IN_A_ROW: Final = 5
HOLD: Final = 5000
HALFWAY: Final = 8.0
"""The distance, in scales, that scores 0.5."""


def scale_of(bank: Bank, rows: int, floor: Values, floor_share: Values) -> Values:
    """What counts as one step of the first ``rows`` sensors, in their canonical units."""
    learned = SIGMA_PER_DEVIATION * bank.spread[:rows]
    return np.maximum(np.maximum(learned, floor), floor_share * np.abs(bank.level[:rows]))


def step(
    bank: Bank,
    values: Values,
    *,
    floor: Values,
    floor_share: Values,
    speaks: Flags,
    live: Flags | None,
) -> tuple[Values, Values]:
    """Score one reading of each of the first ``len(values)`` rows, then learn it, in place.

    ``speaks`` are the sensors whose surprise is an alarm; ``live`` the readings that may change
    an alarm (None: all). Returns scores in [0, 1), ``nan`` for no opinion, and scales.
    """
    count = values.size
    seen, level, spread = bank.seen[:count], bank.level[:count], bank.spread[:count]
    surprised = bank.surprised[:count]
    scale = scale_of(bank, count, floor, floor_share)
    off = values - level
    distance = np.abs(off) / scale
    knows = seen >= WARMUP
    hot = knows & (distance > SURPRISING)
    scores = np.where(knows, distance / (distance + HALFWAY), np.nan)
    learns = ~(hot | (knows & surprised)) & (bank.mask[:count] == 0)
    _judge(bank, count, hot=hot, calm=knows & (distance < CALM), speaks=speaks, live=live)
    clipped = np.where(seen < UNCLIPPED, off, np.clip(off, -CLIP * scale, CLIP * scale))
    weight = np.where(learns, np.maximum(1.0 / (seen + 1.0), 1.0 / MEMORY), 0.0)
    level += weight * clipped
    # The first reading is the level; it says nothing of the spread.
    spread += np.where(seen > 0, weight, 0.0) * (np.abs(clipped) - spread)
    np.minimum(seen + learns, 1 << 30, out=seen)
    return scores, scale


def _judge(
    bank: Bank, count: int, *, hot: Flags, calm: Flags, speaks: Flags, live: Flags | None
) -> None:
    """Turn the surprise on after enough surprising readings in a row, off after calm ones."""
    if live is not None:
        hot, calm = hot & live, calm & live
    surprised, held = bank.surprised[:count], bank.held[:count]
    hot_run, cool_run = bank.hot[:count], bank.cool[:count]
    touched = np.True_ if live is None else live
    np.copyto(hot_run, np.where(hot, np.minimum(hot_run + 1, IN_A_ROW), 0), where=touched)
    np.copyto(cool_run, np.where(calm, np.minimum(cool_run + 1, IN_A_ROW), 0), where=touched)
    surprised |= speaks & (hot_run >= IN_A_ROW)
    surprised &= cool_run < IN_A_ROW
    held += surprised | hot
    np.copyto(held, 0, where=~(surprised | (hot_run > 0)))
    stale = held >= HOLD
    if stale.any():
        bank.seen[:count][stale] = 0
        bank.spread[:count][stale] = 0.0
        held[stale] = 0
