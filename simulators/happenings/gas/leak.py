"""Gas enters a closed underground space until someone shuts it off and airs the space.

A chamber or well is one mixed box. A tunnel is a chain of its sections with air blown through, so
the sections downstream smell it too, and all of them far more once its fans stand still. Oxygen
falls only by displacement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.city import City, Trace
from simulators.happenings.common import Happening, steps
from simulators.happenings.gas.spaces import (
    FADED,
    UNDERGROUND,
    airing_s,
    neighbours_in,
    seen_at,
    standing_still,
)
from simulators.physics import gas, gas_leaks, gas_tunnel
from simulators.physics.gas import Floats

CELLS_PER_SECTION: Final = 10


class Leaking(Happening):
    """What a leak and the air around it have in common; both kinds below are one."""

    leak_m3h: float | None = Field(default=None, gt=0)
    """Gas that enters; or say the hole and the pressure of the pipe."""
    hole_mm: float | None = Field(default=None, gt=0, le=300)
    pipe_mpa: float = Field(default=0.4, gt=0, le=10)
    soil_share: float | None = Field(default=None, gt=0, le=1)
    """How much of a buried leak comes through the soil; None is a pipe in the open."""
    soil_delay_s: float = Field(default=7200.0, gt=0)
    aired_per_h: float = Field(default=30.0, gt=0)
    """Air changes once people have opened it: a blower on an open cover."""
    t90_s: float = Field(default=30.0, gt=0)
    """Of the gas sensor; GB 15322.1 allows 30 s for methane."""
    section_m: float = Field(default=50.0, gt=0)
    section_m2: float = Field(default=6.0, gt=0)

    def faults(self, registry: Registry) -> Iterator[str]:
        yield from super().faults(registry)
        if (self.leak_m3h is None) == (self.hole_mm is None):
            yield "either leak_m3h or hole_mm says how much leaks, not both and not neither"

    def _leak(self, times: Floats, *, from_s: float, until_s: float) -> Floats:
        """m3/h that enter at each time."""
        free = self.leak_m3h
        if free is None:
            free = float(gas_leaks.hole_m3h(self.hole_mm or 0.0, self.pipe_mpa))
        runs = np.where((times >= from_s) & (times < until_s), free, 0.0)
        if self.soil_share is None:
            return runs
        return gas_leaks.through_soil(times, runs, share=self.soil_share, delay_s=self.soil_delay_s)

    def _along(self, city: City, times: Floats, leak: Floats, air: Floats) -> dict[str, Trace]:
        """Every section of the tunnel, as far as it smells anything."""
        sections = neighbours_in(city.registry, self.asset)
        shape = gas_tunnel.Tunnel(
            length_m=self.section_m * len(sections),
            section_m2=self.section_m2,
            cells=CELLS_PER_SECTION * len(sections),
        )
        middle = CELLS_PER_SECTION // 2
        along = gas_tunnel.tunnel(
            times,
            shape=shape,
            leak_cell=sections.index(self.asset) * CELLS_PER_SECTION + middle,
            leak_m3h=leak,
            air_changes_per_h=air,
        )
        found: dict[str, Trace] = {}
        for number, section in enumerate(sections):
            there = along.fractions[:, number * CELLS_PER_SECTION + middle]
            if there.max() > FADED:
                found |= self._seen(city, section, times, there)
        return found

    def _seen(self, city: City, asset: str, times: Floats, fraction: Floats) -> dict[str, Trace]:
        added = {
            Quantity.CH4: 100.0 * fraction,
            Quantity.O2: 100.0 * (gas.oxygen_beside(fraction) - gas.O2_IN_AIR),
        }
        slow = {Quantity.CH4: self.t90_s}
        return seen_at(city.registry, asset, times, added, t90_s=slow)


class GasLeak(Leaking):
    kind: Literal["gas-leak"]
    volume_m3: float = Field(default=10.0, gt=0)
    """Of the chamber; a tunnel's comes from its sections."""
    air_changes_per_h: float = Field(default=0.1, ge=0)

    def where(self) -> frozenset[AssetKind]:
        return UNDERGROUND

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.CH4})

    def traces(self, city: City) -> dict[str, Trace]:
        """CH4 and O2 of the asset, or of every section of its tunnel."""
        times = steps(self.from_s, self.until_s + airing_s(self.aired_per_h))
        leak = self._leak(times, from_s=self.from_s, until_s=self.until_s)
        air = np.where(times < self.until_s, self.air_changes_per_h, self.aired_per_h)
        if city.registry.assets[self.asset].kind is AssetKind.TUNNEL_SECTION:
            return self._along(city, times, leak, air)
        fraction = gas.box(
            times - self.from_s, volume_m3=self.volume_m3, leak_m3h=leak, air_changes_per_h=air
        )
        return self._seen(city, self.asset, times, fraction)


class FanFailure(Leaking):
    """The fans of a tunnel stand still; a leak they had kept thin comes up.

    The leak is there before, from ``leak_from_s``; ``from_s`` to ``until_s`` is the failure.
    """

    kind: Literal["fan-failure"]
    leak_from_s: float = Field(default=0.0, ge=0)
    leak_until_s: float | None = Field(default=None, gt=0)
    """None: it is mended together with the fans."""
    running_per_h: float = Field(default=6.0, gt=0)
    leakage_per_h: float = Field(default=0.3, ge=0)
    """Air that comes through doors and shafts without fans."""

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.TUNNEL_SECTION})

    def needs(self) -> frozenset[Quantity]:
        return frozenset()

    def faults(self, registry: Registry) -> Iterator[str]:
        yield from Happening.faults(self, registry)
        if self.leak_m3h is not None and self.hole_mm is not None:
            yield "either leak_m3h or hole_mm says how much leaks, not both"

    def traces(self, city: City) -> dict[str, Trace]:
        """The fans' own sensors, and CH4 and O2 of every section if anything leaks."""
        site = city.registry.assets[self.asset].site
        found = standing_still(city.registry, site, from_s=self.from_s, until_s=self.until_s)
        if self.leak_m3h is None and self.hole_mm is None:
            return found
        stops_s = self.until_s if self.leak_until_s is None else self.leak_until_s
        begins_s = min(self.leak_from_s, self.from_s)
        times = steps(begins_s, max(stops_s, self.until_s) + airing_s(self.running_per_h))
        air = gas_tunnel.fans(
            times, running_per_h=self.running_per_h, leakage_per_h=self.leakage_per_h,
            fails_s=self.from_s, mended_s=self.until_s,
        )  # fmt: skip
        leak = self._leak(times, from_s=self.leak_from_s, until_s=stops_s)
        return found | self._along(city, times, leak, air)
