"""How sure a figure is: Wilson for shares, an exact Poisson interval for rates, a seeded bootstrap.

All intervals are two-sided at 95 %. No figure here depends on the order of its input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np

Z: Final = 1.959963984540054
"""97.5 % quantile of the normal distribution."""
TAIL: Final = 0.025
RESAMPLES: Final = 2000
_AT_ONCE: Final = 100
_BISECTIONS: Final = 80
_Rising: TypeAlias = Callable[[float], float]


class Figure(NamedTuple):
    """A value between the ends of its interval; all None where there is nothing to measure."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    """What it was measured on: cases of a share, values of a quantile, events of a rate."""


NOTHING: Final = Figure(None, None, None, 0)


def share(hits: int, of: int) -> Figure:
    """A proportion with its Wilson score interval (Wilson 1927)."""
    if of == 0:
        return NOTHING
    p = hits / of
    z2 = Z * Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Figure(p, low, high, of)


def rate(events: int, exposure: float) -> Figure:
    """Events per unit of exposure with the exact Poisson interval (Garwood 1936)."""
    if exposure <= 0:
        return NOTHING
    low = 0.0 if events == 0 else _mean_where(lambda mean: 1 - _at_most(events - 1, mean), events)
    high = _mean_where(lambda mean: 1 - _at_most(events, mean), events, tail=1 - TAIL)
    return Figure(events / exposure, low / exposure, high / exposure, events)


def quantile(values: Sequence[float], q: float, *, seed: int) -> Figure:
    """A quantile with its percentile-bootstrap interval; the same values give the same ends."""
    if not values:
        return NOTHING
    sample = np.sort(np.asarray(values, np.float64))
    value = float(np.quantile(sample, q))
    if sample.size == 1:
        return Figure(value, None, None, 1)
    rng = np.random.default_rng([seed, sample.size])
    found = [
        np.quantile(sample[rng.integers(0, sample.size, (_AT_ONCE, sample.size))], q, axis=1)
        for _ in range(RESAMPLES // _AT_ONCE)
    ]
    spread = np.quantile(np.concatenate(found), (TAIL, 1 - TAIL))
    return Figure(value, float(spread[0]), float(spread[1]), int(sample.size))


def _at_most(count: int, mean: float) -> float:
    """Probability that a Poisson variable of this mean is at most ``count``."""
    if mean <= 0:
        return 1.0
    logs = [k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(count + 1)]
    top = max(logs)
    return min(1.0, math.exp(top) * math.fsum(math.exp(one - top) for one in logs))


def _mean_where(rising: _Rising, events: int, *, tail: float = TAIL) -> float:
    """The mean at which a rising probability passes ``tail``."""
    low, high = 0.0, 2.0 * events + 20.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if rising(middle) < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2
