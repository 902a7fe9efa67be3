"""One row of readings of each group: how surprising it is, whether that is an alarm, what pulls.

Law 1: score first, learn after.

Law 2: a row that is not calm teaches nothing; after ``HOLD`` rows of alarm the group is learned
anew, and a changed world is accepted.

Law 3: "no opinion" is ``nan``, never 0.

Law 4: the arithmetic of a group does not depend on what else is in the batch, so neither the cut
into batches nor the company of other groups changes a bit of any score.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from services.detector.core.bank import Flags, Rows, Values
from services.detector.core.multivariate import budget as budgets
from services.detector.core.multivariate import regression, tails, windows
from services.detector.core.multivariate.bank import LAGS, Bank

BUDGET: Final = 0.04
"""Share of healthy rows that may be in alarm."""
FEW: Final = (1, 3)
"""One channel that is far off, and a few that are, are looked at beside all together."""
HOLD: Final = 5000


class Judged(NamedTuple):
    surprise: Values
    """(rows,) normal deviate; ``nan`` without an opinion."""
    limit: Values
    """(rows,) the deviate that means alarm; ``nan`` while trusted."""
    alarm: Flags
    pulls: Values
    """(rows, channels) distance of each channel's window from usual; ``nan`` without one."""


def step(
    bank: Bank,
    rows: Rows,
    values: Values,
    *,
    trusted: Flags,
    anew: Flags,
    budget: float = BUDGET,
) -> Judged:
    """Judge one row of readings of each of these groups, then learn it, in place.

    ``rows`` must not repeat. ``values`` is (rows, channels), ``nan`` for a missing reading.
    ``trusted`` groups are known to be healthy: they learn and never alarm. ``anew`` are those
    whose last row lies too far back to be a neighbour.
    """
    if anew.any():
        windows.begin_anew(bank, rows[anew])
    terms = regression.terms_of(bank, rows, values)
    left = regression.residuals(bank, rows, terms)
    windows.push(bank, rows, left)
    mean, count = windows.means(bank, rows)
    pulls = windows.pulls(bank, rows, mean, count)
    surprise = surprise_of(pulls, bank.calm[rows], bank.shape.window)
    alarm = _alarm(bank, rows, surprise, trusted, budget)
    calm = ~alarm | (bank.alarmed[rows] > HOLD)
    regression.learn(bank, rows[calm], terms[calm])
    full = calm & (count == bank.shape.window).any(axis=1)
    windows.settle(bank, rows[full], mean[full], count[full])
    budgets.settle(bank, rows[full], surprise[full], trusted[full])
    channels = bank.shape.channels
    windows.note_grain(bank, rows, terms[:, -channels:], trusted)
    bank.before[rows] = np.concatenate(
        [values[:, None, :], bank.before[rows][:, : LAGS - 1]], axis=1
    )
    limit = np.where(trusted, np.nan, bank.limit[rows])
    return Judged(surprise=surprise, limit=limit, alarm=alarm, pulls=pulls)


def surprise_of(pulls: Values, calm: Rows, window: int) -> Values:
    """How rarely pulls like these come together, as a deviate.

    Squared pulls over what calm windows did are ratios of variances: all channels together, the
    largest, and the largest three, the latter two paid for by the number of such choices there
    are. The worst of these counts.
    """
    squares = np.sort(np.nan_to_num(pulls * pulls, nan=-1.0), axis=1)[:, ::-1]
    present = (squares >= 0.0).sum(axis=1)
    sums = np.cumsum(np.maximum(squares, 0.0), axis=1)
    below = 1.0 + np.maximum(budgets.INDEPENDENT * calm / window, 1.0)
    above = np.maximum(present, 1).astype(np.float64)
    worst = tails.of_ratio(sums[:, -1] / above, above, below)
    for take in FEW:
        if take > pulls.shape[1]:
            break
        alone = tails.of_ratio(sums[:, take - 1] / take, np.full_like(above, take), below)
        choices = np.array([tails.log_choices(max(n, take), take) for n in present.tolist()])
        paid = tails.deviate(tails.log_exceedance(alone) + choices)
        worst = np.where(present >= take, np.maximum(worst, paid), worst)
    return np.where(present > 0, worst, np.nan)


def _alarm(bank: Bank, rows: Rows, surprise: Values, trusted: Flags, budget: float) -> Flags:
    budgets.set_due(bank, rows[~trusted], budget=budget, tests=1 + len(FEW))
    above = surprise > bank.limit[rows]
    # Without an opinion, as after a gap, an alarm neither begins nor ends.
    alarm: Flags = ~trusted & np.where(np.isfinite(surprise), above, bank.alarmed[rows] > 0)
    bank.alarmed[rows] = np.where(alarm, bank.alarmed[rows] + 1, 0)
    return alarm
