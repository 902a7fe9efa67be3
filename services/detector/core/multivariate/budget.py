"""From a false-alarm budget to the surprise that spends it: theory first, then experience.

With few calm windows the limit is the one that Gauss and Fisher give. Every calm window moves it
toward what this group really does: a histogram of its calm surprises, the later weighing more,
whose upper tenth is continued as an exponential tail. No label, no maximum, no stored scores.

Once trust has ended, rows in alarm are not learned, so the histogram lacks its own tail. The
budget's share of it is put back at the limit; without that the limit would sink for ever.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from services.detector.core.bank import Flags, Rows, Values
from services.detector.core.multivariate.bank import BINS, Bank

LOWEST: Final = -4.0
WIDTH: Final = 0.05
"""Bins run from ``LOWEST`` in steps of ``WIDTH``, to 12; what lies beyond is in the last."""
TAIL: Final = 0.1
"""Share of the calm surprises whose excess is the tail."""
LEAST_EXCESS: Final = 0.2
"""Mean excess of the tail at least; a normal one has 0.4 there."""
THEORY: Final = 30.0
"""Independent windows that theory counts as."""
INDEPENDENT: Final = 0.75
"""Of n windows with weights 1..n, the share that counts."""
PRICE_SHARE: Final = 32
"""The limit is set again after a 32nd more calm surprises, and at least 16."""
PRICE_EVERY: Final = 16


def theory(budget: float, *, tests: int) -> float:
    """The surprise that independent Gaussian channels exceed in ``budget`` of the rows.

    ``tests`` surprises are looked at and the largest counts; they agree by half.
    """
    return NormalDist().inv_cdf(1.0 - budget / (0.5 + 0.5 * tests))


def settle(bank: Bank, rows: Rows, surprise: Values, trusted: Flags) -> None:
    """Take calm surprises into the histogram; ``nan`` is none."""
    spoke = np.isfinite(surprise)
    rows, surprise, trusted = rows[spoke], surprise[spoke], trusted[spoke]
    weight = bank.calm[rows] + 1
    place = np.clip((surprise - LOWEST) / WIDTH, 0, BINS - 1).astype(np.intp)
    bank.calm[rows] = weight
    bank.counts[rows, place] += weight
    bank.sums[rows, place] += weight * surprise
    bank.gated[rows] += np.where(trusted, 0.0, weight)


def set_due(bank: Bank, rows: Rows, *, budget: float, tests: int) -> None:
    """Set the limits that were never set or have enough that is new."""
    due = rows[np.isnan(bank.limit[rows]) | (bank.calm[rows] >= bank.price_at[rows])]
    if not due.size:
        return
    calm = bank.calm[due]
    bank.price_at[due] = calm + np.maximum(PRICE_EVERY, calm // PRICE_SHARE)
    expected = theory(budget, tests=tests)
    windows = INDEPENDENT * calm / bank.shape.window
    for row, heard in zip(due.tolist(), windows.tolist(), strict=True):
        known = _experience(bank, row, budget) if heard else expected
        bank.limit[row] = (THEORY * expected + heard * known) / (THEORY + heard)


def _experience(bank: Bank, row: int, budget: float) -> float:
    counts, sums = bank.counts[row], bank.sums[row]
    lost = float(bank.gated[row]) * budget / (1.0 - budget)
    above = np.cumsum(counts[::-1])[::-1] + lost
    first = int(np.flatnonzero(above >= TAIL * above[0])[-1])
    start = LOWEST + WIDTH * first
    excess = float(sums[first:].sum() - start * counts[first:].sum())
    if lost:
        excess += lost * max(float(bank.limit[row]) + LEAST_EXCESS - start, 0.0)
    mean_excess = max(excess / float(above[first]), LEAST_EXCESS)
    return start + mean_excess * float(np.log(max(above[first] / above[0] / budget, 1.0)))
