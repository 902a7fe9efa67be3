"""What goes wrong underground: gas, bad air and water; each kind is one module."""

from __future__ import annotations

from typing import Final

from simulators.happenings.common import Happening
from simulators.happenings.gas.leak import GasLeak

KINDS: Final[tuple[type[Happening], ...]] = (GasLeak,)
