"""Something smoulders on a floor, then flames, until a sprinkler holds it and people end it.

CO and smoke come first, heat minutes later; the floor above and the stair shaft get what leaks. A
sprinkler holds the fire as well as its water pressure lets it: a dry one holds nothing.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.happenings.fire.burning import CLEARING_S, QUANTITIES, Burnt, Plan
from simulators.physics import fire, fire_heads, fire_layer

WALLS_KEEP_WARMTH: Final = 0.2
"""Share of what leaks next door that its warmth comes to: walls keep the rest."""


class FloorFire(Happening):
    kind: Literal["floor-fire"]
    smoulders_s: float = Field(default=180.0, ge=0)
    growth: Literal["slow", "medium", "fast", "ultra-fast"] = "medium"
    most_kw: float = Field(default=2000.0, gt=0)
    fuel: Literal["furniture", "wood"] = "furniture"
    sprinkler: bool = True
    sprinkler_mpa: float = Field(default=0.1, ge=0)
    """Pressure at the sprinkler: 0.05 is the least it may have, 0 is a dry pipe."""
    area_m2: float = Field(default=300.0, gt=0)
    height_m: float = Field(default=3.0, gt=0)
    above_share: float = Field(default=0.25, ge=0, le=1)
    """How much of the smoke's strength arrives a floor up."""
    above_after_s: float = Field(default=90.0, ge=0)
    stair_share: float = Field(default=0.35, ge=0, le=1)
    stair_after_s: float = Field(default=45.0, ge=0)

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.FLOOR})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.SMOKE})

    def traces(self, city: City) -> dict[str, Trace]:
        """Smoke, CO and temperature of the floor, the floor above and the stair shaft."""
        times = steps(0.0, self.until_s - self.from_s + CLEARING_S)
        burnt = Burnt(self._plan(), times)
        registry = city.registry
        traces = burnt.traces(registry, self.asset, from_s=self.from_s)
        for asset, share, after_s in self._neighbours(city):
            for sensor in sensors_at(registry, asset):
                if sensor.quantity in QUANTITIES:
                    warm = sensor.quantity is Quantity.TEMPERATURE
                    arrived = fire_heads.neighbour(
                        times,
                        burnt.shows(sensor.quantity),
                        delay_s=after_s,
                        share=share * (WALLS_KEEP_WARMTH if warm else 1.0),
                        mixing_s=60.0,
                    )
                    traces[sensor.id] = Trace(times + self.from_s, arrived)
        return traces

    def _plan(self) -> Plan:
        return Plan(
            smoulders_s=self.smoulders_s,
            growth=fire.growth_named(self.growth),
            most_kw=self.most_kw,
            ends_s=self.until_s - self.from_s,
            room=fire_layer.Room(self.area_m2, self.height_m),
            fuel=fire.POLYURETHANE if self.fuel == "furniture" else fire.WOOD,
            sprinkler_mpa=self.sprinkler_mpa if self.sprinkler else None,
        )

    def _neighbours(self, city: City) -> list[tuple[str, float, float]]:
        here = city.registry.assets[self.asset]
        found = []
        for asset in city.registry.assets.values():
            if asset.site != here.site:
                continue
            if asset.kind is AssetKind.SHAFT:
                found.append((asset.id, self.stair_share, self.stair_after_s))
            above = here.storey is not None and asset.storey == here.storey + 1
            if asset.kind is AssetKind.FLOOR and above:
                found.append((asset.id, self.above_share, self.above_after_s))
        return sorted(found)
