"""A pipe leaks: at once or by degrees, until it is repaired."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulators.happenings.water.common import OnPipe
from simulators.networks.acts import Act, Hole
from simulators.physics.water import DISCHARGE
from simulators.zones import Waterworks


class Leak(OnPipe):
    """``until_s`` is when it is repaired."""

    kind: Literal["leak"]
    hole_mm: float = Field(gt=0, le=300)
    """Diameter of a round hole of its full area."""
    grows_s: float = Field(default=0.0, ge=0)
    """From nothing to its full area, linear in area; 0 is abrupt."""
    discharge: float = Field(default=DISCHARGE, gt=0, le=1)
    slit_mm2_per_m: float = Field(default=0.0, ge=0)
    """Area gained with each metre of head, as slits in plastic pipe do."""

    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        return (
            Hole(
                at=self.spot(works),
                hole_mm=self.hole_mm,
                from_s=self.from_s,
                until_s=self.until_s,
                grows_s=self.grows_s,
                discharge=self.discharge,
                slit_mm2_per_m=self.slit_mm2_per_m,
            ),
        )
