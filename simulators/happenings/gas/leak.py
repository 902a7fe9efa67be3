"""Gas enters a closed underground space until someone shuts it off and airs the space.

A chamber or well is one mixed box. A tunnel is a chain of its sections with air blown through, so
the sections downstream smell it too. Oxygen falls only by displacement.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.physics import gas, gas_tunnel

CELLS_PER_SECTION: Final = 10
FADED: Final = 1e-4
"""Fraction of gas below which nothing can be seen any more."""
_T90_OXYGEN_S: Final = 30.0


class GasLeak(Happening):
    kind: Literal["gas-leak"]
    leak_m3h: float = Field(gt=0)
    volume_m3: float = Field(default=10.0, gt=0)
    """Of the chamber; a tunnel's comes from its sections."""
    air_changes_per_h: float = Field(default=0.1, ge=0)
    aired_per_h: float = Field(default=30.0, gt=0)
    """Air changes once people have opened it: a blower on an open cover."""
    t90_s: float = Field(default=30.0, gt=0)
    """Of the gas sensor; GB 15322.1 allows 30 s for methane."""
    section_m: float = Field(default=50.0, gt=0)
    section_m2: float = Field(default=6.0, gt=0)

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.CHAMBER, AssetKind.SEWER_WELL, AssetKind.TUNNEL_SECTION})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.CH4})

    def traces(self, city: City) -> dict[str, Trace]:
        """CH4 and O2 of the asset, or of every section of its tunnel."""
        asset = city.registry.assets[self.asset]
        if asset.kind is not AssetKind.TUNNEL_SECTION:
            times = steps(self.from_s, self.until_s + self._fading_s())
            fraction = gas.box(
                times - self.from_s,
                volume_m3=self.volume_m3,
                leak_m3h=np.where(times < self.until_s, self.leak_m3h, 0.0),
                air_changes_per_h=self._air(times),
            )
            return self._seen(city, self.asset, times, fraction)
        return self._tunnel_traces(city, asset.site)

    def _tunnel_traces(self, city: City, site: str) -> dict[str, Trace]:
        sections = sorted(
            asset.id
            for asset in city.registry.assets.values()
            if asset.site == site and asset.kind is AssetKind.TUNNEL_SECTION
        )
        shape = gas_tunnel.Tunnel(
            length_m=self.section_m * len(sections),
            section_m2=self.section_m2,
            cells=CELLS_PER_SECTION * len(sections),
        )
        times = steps(self.from_s, self.until_s + self._fading_s())
        middle = CELLS_PER_SECTION // 2
        fractions = gas_tunnel.tunnel(
            times,
            shape=shape,
            leak_cell=sections.index(self.asset) * CELLS_PER_SECTION + middle,
            leak_m3h=np.where(times < self.until_s, self.leak_m3h, 0.0),
            air_changes_per_h=self._air(times),
        ).fractions
        found: dict[str, Trace] = {}
        for number, section in enumerate(sections):
            there = fractions[:, number * CELLS_PER_SECTION + middle]
            if there.max() > FADED:
                found |= self._seen(city, section, times, there)
        return found

    def _seen(
        self, city: City, asset: str, times: gas.Floats, fraction: gas.Floats
    ) -> dict[str, Trace]:
        traces = {}
        for sensor in sensors_at(city.registry, asset):
            if sensor.quantity is Quantity.CH4:
                shown = gas.sensor_response(times, fraction, t90_s=self.t90_s)
                traces[sensor.id] = Trace(times, 100.0 * shown)
            elif sensor.quantity is Quantity.O2:
                lost = gas.oxygen_beside(fraction) - gas.O2_IN_AIR
                shown = gas.sensor_response(times, lost, t90_s=_T90_OXYGEN_S)
                traces[sensor.id] = Trace(times, 100.0 * shown)
        return traces

    def _air(self, times: gas.Floats) -> gas.Floats:
        return np.where(times < self.until_s, self.air_changes_per_h, self.aired_per_h)

    def _fading_s(self) -> float:
        """Until even a space full of gas is aired, and the sensor knows it."""
        return 3600.0 * float(np.log(1.0 / FADED)) / self.aired_per_h + 5.0 * self.t90_s
