"""When several sensors agree, which is worse than each alone.

Fire is red when two smoke heads of one floor show 0.3 dB/m (their orange limit), or one does and
heat or CO has reached yellow: cooking and steam do not do that. Methane that shows at all in a
tunnel whose fan stands still is one level worse, because ventilation was what kept it low.
Both rules are ours; the first follows the two-detector practice of GB 50116.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity

CALM: Final = 0
"""The grade of no level; the others are 1 + rank."""
WORST: Final = 1 + Level.RED.rank
FIRE_RULE: Final = "GB 50116 practice, two detectors agree"
STILL_AIR_RULE: Final = "Tocsin rule, methane with the fan stopped"

_SMOKY: Final = 1 + Level.ORANGE.rank
_WARM: Final = 1 + Level.YELLOW.rank


def judge(
    hazard: Hazard, grades: Iterable[tuple[Quantity, int]], *, air_stands: bool
) -> tuple[int, str | None]:
    """Grade of an asset from those of its sensors, and the rule that made it worse, if any."""
    shown = list(grades)
    worst = max((grade for _, grade in shown), default=CALM)
    if hazard is Hazard.FIRE and worst < WORST:
        heads = sum(quantity is Quantity.SMOKE and grade >= _SMOKY for quantity, grade in shown)
        warm = any(
            quantity in (Quantity.TEMPERATURE, Quantity.CO) and grade >= _WARM
            for quantity, grade in shown
        )
        if heads > 1 or (heads and warm):
            return WORST, FIRE_RULE
    if hazard is Hazard.GAS and air_stands and worst < WORST:
        methane = max((grade for quantity, grade in shown if quantity is Quantity.CH4), default=0)
        if methane and methane + 1 > worst:
            return methane + 1, STILL_AIR_RULE
    return worst, None
