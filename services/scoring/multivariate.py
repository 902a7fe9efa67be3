"""A whole table of coupled channels through the kernel that judges them live, row by row.

Law: causal. A row's score depends on it and on the rows before it, so the score of a longer table
begins with the score of a shorter one.

Settings follow from the sampling step alone: a window is twenty seconds of readings, but at least
six of them and at most twenty. The step is the median of the rows before the first opinion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.multivariate.bank import Shape, blank, warmup
from services.detector.core.multivariate.step import BUDGET, step

WINDOW_S: Final = 20.0
WINDOW_LEAST: Final = 6
WINDOW_MOST: Final = 20
TRUSTED: Final = 400
"""Rows taken for healthy where nobody says which are."""
GAP: Final = 100.0
"""Sampling steps of silence after which rows are no neighbours."""
TOP: Final = 3


@dataclass(frozen=True, slots=True)
class Scored:
    score: NDArray[np.float64]
    """(rows,) in [0, 1), 0.5 where the alarm begins; ``nan`` is no opinion."""
    alarm: NDArray[np.bool_]
    """(rows,) beyond what the budget allows; never while learning only."""
    surprise: NDArray[np.float64]
    """(rows,) the same as a standard normal deviate."""
    limit: NDArray[np.float64]
    """(rows,) the deviate at which the alarm begins; ``nan`` while learning only."""
    top: NDArray[np.intp]
    """(rows, 3) channels that pull most, the worst first; -1 for none."""


def score_table(
    times: NDArray[np.datetime64],
    values: NDArray[np.float64],
    *,
    learn_only: int | None = None,
    budget: float = BUDGET,
) -> Scored:
    """Score each row of a table by the rows before it.

    ``times`` (rows,) ascending; ``values`` (rows, channels), ``nan`` for missing. The first
    ``learn_only`` rows (400 where not said) are taken for healthy: learned, never alarmed.
    ``budget`` is the share of healthy rows that may be in alarm.
    """
    rows, channels = values.shape
    at = times.astype("datetime64[us]").astype(np.int64) / 1e6
    shape = Shape(channels=channels, window=_window(at, channels))
    trusted_rows = TRUSTED if learn_only is None else learn_only
    bank = blank(1, shape)
    anew = _gaps(at, warmup(shape))
    only = np.zeros(1, np.intp)
    surprise, limit = np.full(rows, np.nan), np.full(rows, np.nan)
    alarm = np.zeros(rows, np.bool_)
    top = np.full((rows, TOP), -1, np.intp)
    for row in range(rows):
        trusted = np.array([row < trusted_rows])
        now = slice(row, row + 1)
        judged = step(bank, only, values[now], trusted=trusted, anew=anew[now], budget=budget)
        surprise[row], limit[row] = judged.surprise[0], judged.limit[0]
        alarm[row] = judged.alarm[0]
        top[row] = _pulling(judged.pulls[0])
    return Scored(
        score=_share(surprise, limit), alarm=alarm, surprise=surprise, limit=limit, top=top
    )


def _window(at: NDArray[np.float64], channels: int) -> int:
    steps = np.diff(at[: warmup(Shape(channels))])
    usual = float(np.median(steps[steps > 0.0])) if (steps > 0.0).any() else 1.0
    return int(np.clip(round(WINDOW_S / usual), WINDOW_LEAST, WINDOW_MOST))


def _gaps(at: NDArray[np.float64], first: int) -> NDArray[np.bool_]:
    """Rows that come too long after the one before; the step is that of the first rows."""
    steps = np.diff(at, prepend=at[:1])
    early = steps[:first]
    usual = float(np.median(early[early > 0.0])) if (early > 0.0).any() else np.inf
    return (steps > GAP * usual) & (np.arange(at.size) >= first)


def _pulling(pulls: NDArray[np.float64]) -> NDArray[np.intp]:
    size = np.nan_to_num(np.abs(pulls), nan=-1.0)
    order = np.argsort(-size, kind="stable")[:TOP]
    named = np.full(TOP, -1, np.intp)
    named[: order.size] = np.where(size[order] >= 0.0, order, -1)
    return named


def _share(surprise: NDArray[np.float64], limit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unsaturated: equal surprises never tie with larger ones. Half at the limit."""
    # While learning only there is no limit yet; two deviates are one row in forty.
    half = np.maximum(np.where(np.isnan(limit), 2.0, limit), 0.1)
    shown = np.maximum(surprise, 0.0)
    return np.where(np.isnan(surprise), np.nan, shown / (shown + half))
