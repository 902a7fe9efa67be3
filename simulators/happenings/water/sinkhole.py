"""A leak washes the ground away for weeks, then the street gives way and takes the main with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from shared.domain.registry import Registry
from simulators.happenings.water.common import OnPipe
from simulators.networks.acts import Act, Hole
from simulators.zones import Waterworks


class Sinkhole(OnPipe):
    """``until_s`` is when the broken main is shut off."""

    kind: Literal["sinkhole"]
    hole_mm: float = Field(default=25.0, gt=0, le=300)
    """Of the leak on the eve of the collapse."""
    collapse_s: float = Field(gt=0)
    """When the ground gives way."""
    burst_mm: float = Field(default=150.0, gt=0, le=600)

    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        spot = self.spot(works)
        growing_s = self.collapse_s - self.from_s
        return (
            Hole(spot, self.hole_mm, self.from_s, self.collapse_s, grows_s=growing_s),
            Hole(spot, self.burst_mm, self.collapse_s, self.until_s),
        )

    def faults(self, registry: Registry) -> Iterator[str]:
        """Also: it collapses while it leaks."""
        yield from super().faults(registry)
        if not self.from_s < self.collapse_s < self.until_s:
            yield f"collapse_s {self.collapse_s:g} is not between from_s and until_s"
