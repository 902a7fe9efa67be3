"""From a ratio of variances to a normal deviate, and back to a probability, for whole arrays.

Everything unlikely is spoken of as a deviate: the point of the standard normal distribution that
is exceeded as rarely. Deviates add no ties, lose nothing in the far tail, and mean the same for
one channel and for forty, after ten windows and after ten thousand.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from services.detector.core.bank import Values

_ROOT_TWO_PI_LOG: Final = 0.5 * math.log(2.0 * math.pi)
_LEAST_SURE: Final = -0.3
"""Largest log probability that ``deviate`` inverts: three in four, about -0.65."""
_ERFC: Final = (
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806,
    0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
)  # fmt: skip
"""Chebyshev fit of the complementary error function (Press et al., Numerical Recipes 6.2);
relative error below 1.2e-7 everywhere."""
_NEWTON_STEPS: Final = 6


def of_ratio(ratio: Values, above: Values, below: Values) -> Values:
    """Deviate of a variance ratio under Fisher's F with ``above`` and ``below`` freedoms.

    Paulson's cube-root approximation (Annals of Mathematical Statistics 13, 1942). A ratio of 0
    gives a finite negative deviate; it grows without bound with the ratio.
    """
    root = np.cbrt(ratio)
    a, b = 2.0 / (9.0 * above), 2.0 / (9.0 * below)
    shown: Values = ((1.0 - b) * root - (1.0 - a)) / np.sqrt(b * root * root + a)
    return shown


def log_exceedance(deviate: Values) -> Values:
    """Logarithm of the probability that a standard normal value is larger; finite for any."""
    size = np.abs(deviate) / math.sqrt(2.0)
    t = 1.0 / (1.0 + 0.5 * size)
    fit = np.zeros_like(t)
    for coefficient in reversed(_ERFC):
        fit = fit * t + coefficient
    upper = np.log(0.5 * t) - size * size + fit
    logs: Values = np.where(deviate >= 0.0, upper, np.log1p(-np.exp(upper)))
    return logs


def deviate(log_probability: Values) -> Values:
    """The deviate exceeded with this log probability; the likelier than 3 in 4 count as 3 in 4.

    Newton's method on ``log_exceedance``, which is concave, from above the root.
    """
    goal = np.minimum(log_probability, _LEAST_SURE)
    point = np.sqrt(-2.0 * goal)
    for _ in range(_NEWTON_STEPS):
        logs = log_exceedance(point)
        slope = np.exp(-0.5 * point * point - _ROOT_TWO_PI_LOG - logs)
        point = point + (logs - goal) / slope
    return point


def log_choices(of: int, take: int) -> float:
    """Logarithm of the number of ways to take some channels of all."""
    return math.lgamma(of + 1) - math.lgamma(take + 1) - math.lgamma(of - take + 1)
