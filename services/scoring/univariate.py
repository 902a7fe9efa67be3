"""One column through the kernel that judges single sensors live, row by row.

Law: causal. The scores of a longer column begin with the scores of a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.habits import HABITS
from services.detector.core.univariate.kernel import score
from services.detector.core.univariate.memory import VIEWS, blank
from shared.domain.quantity import Quantity


@dataclass(frozen=True, slots=True)
class ScoredColumn:
    score: NDArray[np.float64]
    """(rows,) in [0, 1), high once an episode; ``nan`` is no opinion."""
    surprise: NDArray[np.float64]
    """(rows,) the same for as long as it lasts."""
    said: NDArray[np.float32]
    """(rows, views) what each view said, in usual novelties."""

    def loudest(self, row: int) -> str:
        """The view that says most, empty where all is known."""
        parts = self.said[row]
        return VIEWS[int(parts.argmax())] if parts.max() > 0.0 else ""


NOTHING: Final = np.float32(0.0)


def score_column(
    at: NDArray[np.int64],
    values: NDArray[np.float64],
    *,
    kind: Quantity | None = None,
    learn_only: int = 0,
) -> ScoredColumn:
    """Score each value of a column by those before it.

    ``at`` in microseconds, ``values`` with ``nan`` for missing: not scored, not learned. The first
    ``learn_only`` rows teach and have no score. ``kind`` says what its noise usually is.
    """
    habit = None if kind is None else HABITS[kind]
    memory = blank(1)
    row = np.zeros(1, np.intp)
    scores, surprise = np.full(values.size, np.nan), np.full(values.size, np.nan)
    said = np.full((values.size, len(VIEWS)), NOTHING)
    for place in np.flatnonzero(np.isfinite(values)).tolist():
        now = slice(place, place + 1)
        one = values[now]
        floor = None if habit is None else np.maximum(habit.floor, habit.share * np.abs(one))
        opinion = score(memory, row, at[now], one, floor=floor)
        if place >= learn_only:
            scores[now], surprise[now] = opinion.scores, opinion.surprise
            said[now] = opinion.said
    return ScoredColumn(score=scores, surprise=surprise, said=said)
