"""What goes wrong in tall buildings: fire, its smoke, its water, and what only looks like fire."""

from __future__ import annotations

from typing import Final

from simulators.happenings.common import Happening
from simulators.happenings.fire.floor import FloorFire
from simulators.happenings.fire.nuisance import Nuisance
from simulators.happenings.fire.tower import FacadeFire, ShaftSmoke
from simulators.happenings.fire.water import LowRiserPressure, Sprinkler

KINDS: Final[tuple[type[Happening], ...]] = (
    FloorFire,
    FacadeFire,
    ShaftSmoke,
    LowRiserPressure,
    Sprinkler,
    Nuisance,
)
