"""What goes wrong, or is merely done, in pipe networks; each kind is one class."""

from __future__ import annotations

from typing import Final

from simulators.happenings.common import Happening
from simulators.happenings.water.burst import MainBurst
from simulators.happenings.water.leak import Leak
from simulators.happenings.water.operations import Flush, PumpTrip, ValveShut
from simulators.happenings.water.sinkhole import Sinkhole

KINDS: Final[tuple[type[Happening], ...]] = (
    Flush,
    Leak,
    MainBurst,
    PumpTrip,
    Sinkhole,
    ValveShut,
)
