"""How long to wait before trying again: anywhere from nothing to a ceiling that doubles.

Full jitter spreads the attempts of many clients evenly, so that a broker that comes back is not
met by all of them at once.
"""

from __future__ import annotations

import numpy as np

_DOUBLINGS_MAX = 30


def full_jitter_s(
    attempt: int, *, first_s: float, most_s: float, rng: np.random.Generator
) -> float:
    """Seconds before ``attempt`` (0 is the first retry), at most ``most_s``."""
    ceiling = min(most_s, first_s * 2.0 ** min(attempt, _DOUBLINGS_MAX))
    return float(rng.uniform(0.0, ceiling))
