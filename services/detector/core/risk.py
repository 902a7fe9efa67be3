"""How likely it is real, and how bad it would be: two numbers in [0, 1] for the risk matrix.

Likelihood of a crossed limit starts at how sure we are of the limit and grows with the excess: a
value half as far again beyond its limit takes half of what is missing to 1. A baseline's is its
score, capped, because surprise alone proves no danger. Agreement of sensors counts as 0.99.
Consequence is half the asset's criticality and half its crowd, which saturates: 100 people are
half of the worst. Both are plain on purpose; calibration belongs to whoever has labels.
"""

from __future__ import annotations

from typing import Final

from services.detector.core.limit import Confidence, Limit, Sense
from shared.domain.place import Asset

_TRUST: Final = {
    Confidence.SEEN: 0.9,
    Confidence.SECOND_HAND: 0.85,
    Confidence.MEMORY: 0.8,
    Confidence.PROPOSAL: 0.7,
}
AGREED: Final = 0.99
SURPRISE_AT_MOST: Final = 0.6
HALF_EXCESS: Final = 0.5
CROWD: Final = 100.0
_DIGITS: Final = 4


def of_limit(limit: Limit, value: float) -> float:
    """Likelihood that ``value`` beyond ``limit`` is real trouble; rates are taken at the limit."""
    trust = _TRUST[limit.confidence]
    if limit.sense.is_rate or limit.raises_at == 0:
        return trust
    beyond = value - limit.raises_at if limit.sense is Sense.ABOVE else limit.raises_at - value
    excess = max(0.0, beyond / abs(limit.raises_at))
    return round(trust + (1.0 - trust) * excess / (excess + HALF_EXCESS), _DIGITS)


def of_surprise(score: float) -> float:
    """Likelihood that a sensor this far from its habits means trouble."""
    return round(min(score, SURPRISE_AT_MOST), _DIGITS)


def consequence(asset: Asset) -> float:
    """What trouble at this asset would cost."""
    crowd = asset.occupancy / (asset.occupancy + CROWD)
    return round(0.5 * asset.criticality + 0.5 * crowd, _DIGITS)
