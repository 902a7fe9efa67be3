"""How far the newest window of each channel is from where its windows usually are.

A fault that a single row hides among noise stands out in a mean of many. The yardstick is what the
channel's own windows did while calm, each judged before it was learned: a channel that wanders is
given its wandering, and never less than independent noise would do. Beside it stands what rounding
does: a sensor that suddenly reports coarser steps than it ever did is less sure, not at fault.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.detector.core.bank import Flags, Rows, Values
from services.detector.core.multivariate.bank import LAGS, Bank

PRIOR: Final = 4.0
"""Windows of independent noise that a channel's wandering starts from."""
SHARE_PRESENT: Final = 0.25
"""Of a window, that must be there for an opinion."""
GRAIN_ROWS: Final = 32
COARSER: Final = 2.0
"""Times the usual grain from which rounding counts."""
_ROUNDING: Final = 1.0 / 12.0
"""Variance of an error spread evenly over one step."""


def begin_anew(bank: Bank, rows: Rows) -> None:
    """After a gap in time the newest rows are no neighbours of the next."""
    bank.before[rows] = np.nan
    bank.ring[rows] = np.nan
    bank.filled[rows] = 0


def push(bank: Bank, rows: Rows, residuals: Values) -> None:
    """One more row of residuals; the oldest of the window leaves."""
    bank.ring[rows, bank.place[rows]] = residuals
    bank.place[rows] = (bank.place[rows] + 1) % bank.shape.window
    bank.filled[rows] = np.minimum(bank.filled[rows] + 1, bank.shape.window)


def means(bank: Bank, rows: Rows) -> tuple[Values, Values]:
    """(rows, channels) mean residual of the window, and how many residuals are in it."""
    window = bank.ring[rows]
    count = np.isfinite(window).sum(axis=1).astype(np.float64)
    mean = np.nan_to_num(window).sum(axis=1) / np.maximum(count, 1.0)
    return mean, count


def pulls(bank: Bank, rows: Rows, mean: Values, count: Values) -> Values:
    """(rows, channels) each window's distance from usual, in its own spreads; ``nan`` if unsure."""
    size = bank.shape.window
    heard = bank.heard[rows]
    usual = (bank.wander[rows] * heard + PRIOR) / (heard + PRIOR * size)
    spread = np.sqrt(np.maximum(usual, 1.0 / size) + _rounding(bank, rows))
    pull = mean / spread * np.sqrt(count / size)
    return np.where(count >= max(2.0, SHARE_PRESENT * size), pull, np.nan)


def settle(bank: Bank, rows: Rows, mean: Values, count: Values) -> None:
    """Learn how far calm windows go; a full window of a channel counts, the n-th weighing n."""
    full = count == bank.shape.window
    heard = bank.heard[rows] + full
    step = np.where(full, 2.0 / np.maximum(heard + 1, 2), 0.0)
    bank.wander[rows] += step * (mean * mean - bank.wander[rows])
    bank.heard[rows] = heard


def note_grain(bank: Bank, rows: Rows, moves: Values, trusted: Flags) -> None:
    """Follow the smallest step each channel takes, block by block."""
    moved = np.isfinite(moves) & (moves > 0.0)
    finest = np.where(moved, np.minimum(bank.finest[rows], moves), bank.finest[rows])
    block = bank.block[rows] + 1
    ends = block >= GRAIN_ROWS
    seen = ends[:, None] & np.isfinite(finest)
    bank.grain[rows] = np.where(seen, finest, bank.grain[rows])
    usual = bank.usual_grain[rows]
    learned = seen & trusted[:, None]
    bank.usual_grain[rows] = np.where(learned, np.maximum(usual, finest), usual)
    bank.finest[rows] = np.where(ends[:, None], np.inf, finest)
    bank.block[rows] = np.where(ends, 0, block)


def _rounding(bank: Bank, rows: Rows) -> Values:
    """Variance that unusually coarse steps, of any channel, lend each residual."""
    grain, usual = bank.grain[rows], bank.usual_grain[rows]
    excess = np.where((usual > 0.0) & (grain > COARSER * usual), grain, 0.0)
    if not excess.any():
        return np.zeros_like(grain)
    share = np.tile(excess, LAGS + 2) / bank.unit[rows]
    weights = bank.weights[rows]
    blur = np.matmul((share * share)[:, None, :] * _ROUNDING, weights * weights)[:, 0, :]
    lent: Values = blur / bank.noise[rows] ** 2
    return lent
