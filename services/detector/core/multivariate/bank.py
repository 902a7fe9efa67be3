"""What groups of coupled channels have taught us, as columns: row i of each array is one group.

All groups of a bank have the same number of channels. No name, unit or time lives here. A bank is
state and nothing else, listed by name, so it is snapshot and fixture at once. About
``16 * terms ** 2 + 8 * channels * (window + terms)`` bytes a group: 20 KB for eight channels.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.detector.core.bank import Flags, Ints, Values

LAGS: Final = 2
"""Earlier rows that each row is explained by."""
BINS: Final = 320
"""Of the calibration's histogram, see ``budget``."""


class Shape(NamedTuple):
    channels: int
    window: int = 20
    """Rows whose mean residual is judged."""

    @property
    def terms(self) -> int:
        """A row, its ``LAGS`` forerunners and the size of its last move, for every channel."""
        return self.channels * (LAGS + 2)


@dataclass(slots=True)
class Bank:
    shape: Shape
    learned: Ints
    """Rows in the moments."""
    centre: Values
    """(groups, terms) mean of each term; ``nan`` until it was seen."""
    moments: Values
    """(groups, terms, terms) covariance."""
    refit_at: Ints
    """Rows after which the regression is solved again."""
    middle: Values
    """(groups, terms) the centre, ``unit`` the spread, when last solved."""
    unit: Values
    weights: Values
    """(groups, terms, channels) each channel's residual in units, as a sum over terms."""
    noise: Values
    """(groups, channels) spread of that residual."""
    flat: Flags
    """(groups, channels) has never moved."""
    before: Values
    """(groups, ``LAGS``, channels) the newest rows, newest first; ``nan`` where there is none."""
    ring: Values
    """(groups, window, channels) newest residuals; ``nan`` where there is none."""
    place: Ints
    """Where in the ring the next residual goes."""
    filled: Ints
    wander: Values
    """(groups, channels) mean square of the windows' means, later windows counting more."""
    heard: Ints
    """(groups, channels) windows in that mean."""
    finest: Values
    """(groups, channels) smallest move of the current block of rows."""
    block: Ints
    """Rows in the block."""
    grain: Values
    """(groups, channels) smallest move of the last complete block that moved, 0 if none."""
    usual_grain: Values
    """(groups, channels) the coarsest grain while trusted."""
    calm: Ints
    """Surprises in the histogram."""
    counts: Values
    """(groups, ``BINS``) weight of the calm surprises, the n-th weighing n."""
    sums: Values
    """(groups, ``BINS``) weighted sum of the surprises."""
    gated: Values
    """Weight of those that came after trust ended."""
    limit: Values
    """The surprise that the budget allows; ``nan`` until first needed."""
    price_at: Ints
    """Calm surprises after which the limit is set again."""
    alarmed: Ints
    """Rows since the alarm began, 0 for none."""

    @property
    def groups(self) -> int:
        return int(self.learned.size)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Every array by name, in a fixed order."""
        return {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "shape"
        }


def blank(groups: int, shape: Shape) -> Bank:
    """A bank that knows nothing of that many groups."""
    channels, terms = shape.channels, shape.terms

    def counts(*more: int) -> Ints:
        return np.zeros((groups, *more), np.int64)

    def values(*more: int, fill: float = 0.0) -> Values:
        return np.full((groups, *more), fill)

    return Bank(
        shape=shape,
        learned=counts(),
        centre=values(terms, fill=np.nan),
        moments=values(terms, terms),
        refit_at=np.full(groups, warmup(shape)),
        middle=values(terms),
        unit=values(terms, fill=1.0),
        weights=values(terms, channels),
        noise=values(channels, fill=1.0),
        flat=np.ones((groups, channels), np.bool_),
        before=values(LAGS, channels, fill=np.nan),
        ring=values(shape.window, channels, fill=np.nan),
        place=counts(),
        filled=counts(),
        wander=values(channels),
        heard=counts(channels),
        finest=values(channels, fill=np.inf),
        block=counts(),
        grain=values(channels),
        usual_grain=values(channels),
        calm=counts(),
        counts=values(BINS),
        sums=values(BINS),
        gated=values(),
        limit=values(fill=np.nan),
        price_at=counts(),
        alarmed=counts(),
    )


def warmup(shape: Shape) -> int:
    """Rows learned before the first opinion."""
    return max(2 * shape.terms, 32)
