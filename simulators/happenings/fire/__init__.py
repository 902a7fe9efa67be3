"""What goes wrong in tall buildings: fire, its smoke, its water, and what only looks like fire."""

from __future__ import annotations

from typing import Final

from simulators.happenings.common import Happening
from simulators.happenings.fire.floor import FloorFire

KINDS: Final[tuple[type[Happening], ...]] = (FloorFire,)
