"""What goes wrong underground: gas, bad air and water; each module holds kinds of one cause."""

from __future__ import annotations

from typing import Final

from simulators.happenings.common import Happening
from simulators.happenings.gas.air import Biogas, GarageCo, OxygenConsumption, SewerH2s
from simulators.happenings.gas.culvert import CulvertGas
from simulators.happenings.gas.flood import Flood
from simulators.happenings.gas.leak import FanFailure, GasLeak

KINDS: Final[tuple[type[Happening], ...]] = (
    GasLeak,
    FanFailure,
    SewerH2s,
    Biogas,
    OxygenConsumption,
    GarageCo,
    CulvertGas,
    Flood,
)
