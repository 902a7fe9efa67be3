"""A main breaks: pressure falls through the zone, the inlet meter runs, until a valve is shut.

The settled drop comes from the network; the first seconds undershoot it, as the pressure wave
does in telemetry that samples every few seconds.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.quantity import Quantity
from simulators.happenings.water.common import OnPipe
from simulators.networks.acts import Act, Hole
from simulators.physics.gas import Floats
from simulators.zones import Waterworks

OPENING_S: Final = 2.0
UNDERSHOOT: Final = 0.2
UNDERSHOOT_S: Final = 6.0


class MainBurst(OnPipe):
    """``until_s`` is when the valves around it are shut and the main is bypassed."""

    kind: Literal["main-burst"]
    hole_mm: float = Field(gt=0, le=600)

    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        spot = self.spot(works)
        return (Hole(spot, self.hole_mm, self.from_s, self.until_s, grows_s=OPENING_S),)

    def shaped(self, times_s: Floats, added: Floats, quantity: Quantity) -> Floats:
        if quantity is not Quantity.WATER_PRESSURE:
            return added
        age = np.maximum(times_s - self.from_s, 0.0)
        return np.asarray(added * (1.0 + UNDERSHOOT * np.exp(-age / UNDERSHOOT_S)))
