"""Every channel explained by all others and everyone's recent past, from one covariance.

Law 1: a row is judged by what was learned before it; learning is a separate verb.

Law 2: scaling or shifting a channel changes nothing: terms are measured from their own centre in
their own spread, and no other yardstick exists.

The inverse of the terms' correlation matrix holds all regressions at once: row i over its diagonal
element is channel i minus its best linear explanation by all other terms. A ridge that shrinks
with evidence keeps it honest when rows are few. A channel's own last move is kept out of its own
explanation, or a jump would explain itself. A missing reading stands at its centre.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.detector.core.bank import Flags, Ints, Rows, Values
from services.detector.core.multivariate.bank import LAGS, Bank, warmup

RIDGE: Final = 0.01
"""Of a correlation; terms over rows learned come on top."""
MEMORY: Final = 20_000
"""Rows after which old ones begin to be forgotten."""
REFIT_EVERY: Final = 8
REFIT_SHARE: Final = 64
"""The regression is solved again after 8 rows or a 64th of those learned, whichever is more."""
LOUDEST: Final = 20.0
"""Largest residual, in its own spreads; a broken reading must not fill the window for hours."""
_NEVER_MOVED: Final = 1e-12
_LEAST_NOISE: Final = 1e-4


def terms_of(bank: Bank, rows: Rows, values: Values) -> Values:
    """(rows, terms): these readings, those before them, and the size of the last move."""
    before = bank.before[rows]
    past = before.reshape(rows.size, LAGS * bank.shape.channels)
    return np.concatenate([values, past, np.abs(values - before[:, 0])], axis=1)


def residuals(bank: Bank, rows: Rows, terms: Values) -> Values:
    """(rows, channels) what nothing explains, in the spread it usually has; ``nan`` if missing."""
    channels = bank.shape.channels
    offset = np.nan_to_num(terms - bank.middle[rows])
    scaled = offset / bank.unit[rows]
    left = np.matmul(scaled[:, None, :], bank.weights[rows])[:, 0, :] / bank.noise[rows]
    # What never moved has no spread: its first move is as odd as the rows were many.
    first_move = np.sign(offset[:, :channels]) * np.sqrt(bank.learned[rows])[:, None]
    left = np.clip(np.where(bank.flat[rows], first_move, left), -LOUDEST, LOUDEST)
    speaks = solved(bank, rows)[:, None] & np.isfinite(terms[:, :channels])
    return np.where(speaks, left, np.nan)


def solved(bank: Bank, rows: Rows) -> Flags:
    """Groups that have an opinion."""
    known: Flags = bank.refit_at[rows] > warmup(bank.shape)
    return known


def learn(bank: Bank, rows: Rows, terms: Values) -> None:
    """Take these rows of terms into the moments; solve again what is due. In place."""
    if not rows.size:
        return
    centre = bank.centre[rows]
    centre = np.where(np.isnan(centre), terms, centre)
    count = bank.learned[rows] + 1
    share = 1.0 / np.minimum(count, MEMORY)
    step = np.nan_to_num(terms - centre)
    bank.centre[rows] = centre + share[:, None] * step
    # One group at a time: the matrix is the cost, and copies of it would double it.
    for at, row in enumerate(rows.tolist()):
        kept = 1.0 - share[at]
        moments = bank.moments[row]
        moments *= kept
        moments += (kept * share[at] * step[at])[:, None] * step[at]
    bank.learned[rows] = count
    due = rows[count >= bank.refit_at[rows]]
    if due.size:
        _solve(bank, due)


def _solve(bank: Bank, rows: Rows) -> None:
    count = bank.learned[rows]
    bank.refit_at[rows] = count + np.maximum(REFIT_EVERY, count // REFIT_SHARE)
    centre = np.nan_to_num(bank.centre[rows])
    moments = bank.moments[rows]
    variance = np.einsum("gii->gi", moments)
    flat = variance <= (_NEVER_MOVED * centre) ** 2
    unit = np.where(flat, 1.0, np.sqrt(variance))
    correlation = moments / unit[:, :, None] / unit[:, None, :]
    correlation[flat[:, :, None] | flat[:, None, :]] = 0.0
    diagonal = np.arange(bank.shape.terms)
    correlation[:, diagonal, diagonal] = 1.0
    weights = _weights(correlation, count, bank.shape.channels)
    variance_left = (weights * np.matmul(correlation, weights)).sum(axis=1)
    bank.middle[rows] = centre
    bank.unit[rows] = unit
    bank.weights[rows] = weights
    bank.noise[rows] = np.sqrt(np.maximum(variance_left, _LEAST_NOISE**2))
    bank.flat[rows] = flat[:, : bank.shape.channels]


def _weights(correlation: Values, count: Ints, channels: int) -> Values:
    terms = correlation.shape[1]
    ridge = RIDGE + terms / count
    inverse = np.linalg.inv(correlation + ridge[:, None, None] * np.eye(terms))
    own = np.arange(channels)
    move = terms - channels + own
    share = (inverse[:, own, move] / inverse[:, move, move])[:, None, :]
    without = inverse[:, :, :channels] - share * inverse[:, :, terms - channels :]
    kept: Values = without / without[:, own, own][:, None, :]
    return kept
