"""How surprising a reading is against the sensor's own past: eight novelties made one score.

Law 1: the score is taken before the reading is learned, and from the past alone; how a stream is
cut into batches changes nothing.

Law 2: a sensor that has shown too little scores ``nan``, never 0.

Method: each view's novelty is divided by the root mean square of its own novelties so far, which
makes sensors and views comparable; the mean of the square roots lets several views agree without
one shouting alone. Novelty dies by itself: what has been seen is known. A surprise is news only if
it beats the last peak or comes ``NEWS`` readings after it; the rest of an episode is its echo.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from services.detector.core.bank import Flags, Ints, Rows, Values
from services.detector.core.rounds import rounds
from services.detector.core.univariate.memory import VIEWS, Memory
from services.detector.core.univariate.novelty import distances
from services.detector.core.univariate.views import Singles, look

FILL: Final = 10
"""Readings of a view that only fill its memory."""
WARMUP: Final = 60
"""Novelties of a view before the first opinion."""
MEMORY: Final = 5_000.0
"""Readings over which the usual novelty is remembered."""
BELIEVED: Final = 100.0
"""The largest novelty learned, in usual ones: one absurd reading makes no sensor deaf."""
LOUD: Final = 5.0
"""From here on, in usual novelties, a view's voice grows by the logarithm: it never saturates."""
FIRST_EVER: Final = 30.0
"""What a view says where nothing was ever new, and there is no usual to measure by."""
NEWS: Final = 60
"""Readings after a peak from which a smaller surprise is news."""
ECHO: Final = 0.05
"""Share of its surprise that a reading scores which is no news."""
HALFWAY: Final = 0.5
"""The surprise that scores 0.5."""
FINEST_SHARE: Final = 1e-6
"""Differences below this share of the value are rounding."""
AT_ONCE: Final = 1024
"""Rows worked on at a time, so that they stay in the processor's cache."""


class Opinion(NamedTuple):
    """Of each reading, in the order they came; ``nan`` where the sensor is not known enough."""

    scores: Values
    """In [0, 1), unsaturated; an episode scores high once."""
    surprise: Values
    """The same without the silence after news: 0 for nothing new, 0.5 for worth a look."""
    said: Singles
    """What each view said, (readings, views), in usual novelties."""


def score(
    memory: Memory, rows: Rows, at: Ints, values: Values, *, floor: Values | None = None
) -> Opinion:
    """Score readings of these rows, in the order they came; ``memory`` learns, in place.

    ``at`` in microseconds, ``values`` finite and below 1e12. ``floor`` is the smallest difference
    that means anything, for each reading in its own unit; none if absent.
    """
    plan = rounds(rows)
    single = values.astype(np.float32)
    smallest = np.abs(values) * FINEST_SHARE
    if floor is not None:
        smallest = np.maximum(smallest, floor)
    finest = smallest.astype(np.float32)
    surprise, scores = np.empty(values.size), np.empty(values.size)
    said = np.empty((values.size, len(VIEWS)), np.float32)
    for first, last in plan:
        for begin in range(first, last, AT_ONCE):
            end = min(begin + AT_ONCE, last)
            which, those = plan.layout[begin:end], plan.rows[begin - first : end - first]
            looks = look(memory, those, at[which], single[which])
            novelty = distances(memory, those, looks, finest[which])
            parts, knows = _compared(memory, those, looks, novelty)
            said[which] = parts
            heard = np.where(knows, np.sqrt(parts).mean(axis=1), np.nan)
            surprise[which] = heard
            scores[which] = _news(memory, those, heard)
    return Opinion(scores=scores, surprise=surprise, said=said)


def _compared(memory: Memory, rows: Rows, looks: Singles, novelty: Values) -> tuple[Values, Flags]:
    """Novelties in usual ones, 0 where a view has no opinion, and who is known well enough."""
    seen = memory.seen.take(rows, axis=0)
    learned = memory.usual.take(rows, axis=0)
    usual = learned.astype(np.float64)
    looked = ~np.isnan(looks)
    learns = looked & (seen >= FILL)
    speaks = learns & (seen >= FILL + WARMUP)
    ratio = np.zeros(novelty.shape)
    new = speaks & (novelty > 0.0)
    np.divide(novelty, usual, out=ratio, where=new & (usual > 0.0))
    ratio[new & (usual == 0.0)] = FIRST_EVER
    ratio = LOUD * np.log1p(ratio / LOUD)
    weight = np.maximum(1.0 / np.maximum(seen - (FILL - 1.0), 1.0), 1.0 / MEMORY)
    believed = np.where(usual > 0.0, np.minimum(novelty, BELIEVED * usual), novelty)
    power = np.square(usual)
    power += weight * (np.square(believed) - power)
    np.copyto(learned, np.sqrt(power), where=learns, casting="same_kind")
    memory.usual[rows] = learned
    memory.seen[rows] = np.minimum(seen + looked, 1 << 30)
    return ratio, speaks[:, 0]


def _news(memory: Memory, rows: Rows, surprise: Values) -> Values:
    """Scores of one reading a row: its surprise where that is news, an echo where it is not."""
    knows = ~np.isnan(surprise)
    peak, since = memory.peak[rows], memory.since[rows]
    since = np.where(knows, np.minimum(since + 1, NEWS + 1), since)
    news = (surprise > peak) | (knows & (since > NEWS))
    memory.peak[rows] = np.where(news, surprise, peak)
    memory.since[rows] = np.where(news, 0, since)
    heard = np.where(news, surprise, ECHO * surprise)
    return heard / (heard + HALFWAY)
