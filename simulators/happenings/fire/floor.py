"""Something smoulders on a floor, then flames, until a sprinkler holds it and people end it.

CO and smoke come first, heat minutes later; the floor above and the stair shaft get what leaks. A
sprinkler holds the fire as well as its water pressure lets it: a dry one holds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.physics import fire, fire_heads, fire_layer, fire_plume, fire_smoke
from simulators.physics.gas import Floats, sensor_response

SPRINKLER_RTI: Final = 50.0
SPRINKLER_K: Final = 68.0 - 22.0
SPRINKLER_RADIUS_M: Final = 2.2
HOSE_MM_S: Final = 0.13
"""What people put on it, as good as a sprinkler."""
HEAD_RADII_M: Final = (3.0, 7.0, 10.0, 13.0)
"""How far a floor's smoke heads are from the fire, in the order of their ids."""
HEAT_RADIUS_M: Final = 5.0
BEAD_RTI: Final = 20.0
T90_CO_S: Final = 45.0
CLEARING_PER_H: Final = 30.0
"""Air changes once people are there and smoke is drawn off."""
CLEARING_S: Final = 1500.0
QUANTITIES: Final = (Quantity.SMOKE, Quantity.CO, Quantity.TEMPERATURE)


@dataclass(frozen=True)
class _Floor:
    times: Floats
    flame_age: Floats
    heat_kw: Floats
    layer: fire_layer.Layer


class FloorFire(Happening):
    kind: Literal["floor-fire"]
    smoulders_s: float = Field(default=180.0, ge=0)
    growth: Literal["slow", "medium", "fast", "ultra-fast"] = "medium"
    most_kw: float = Field(default=2000.0, gt=0)
    sprinkler: bool = True
    sprinkler_mpa: float = Field(default=0.1, ge=0)
    """Pressure at the sprinkler: 0.05 is the least it may have, 0 is a dry pipe."""
    area_m2: float = Field(default=300.0, gt=0)
    height_m: float = Field(default=3.0, gt=0)
    fuel: Literal["furniture", "wood"] = "furniture"
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
        burning = self._burn()
        seen = {quantity: self._at_head(burning, quantity, 0) for quantity in QUANTITIES}
        registry = city.registry
        traces: dict[str, Trace] = {}
        heads = 0
        for sensor in sensors_at(registry, self.asset):
            if sensor.quantity in QUANTITIES:
                heads += sensor.quantity is Quantity.SMOKE
                shown = self._at_head(burning, sensor.quantity, max(0, heads - 1))
                traces[sensor.id] = Trace(burning.times, shown)
        for asset, share, after_s in self._neighbours(city):
            for sensor in sensors_at(registry, asset):
                if sensor.quantity in QUANTITIES:
                    warm = 0.2 if sensor.quantity is Quantity.TEMPERATURE else 1.0
                    arrived = fire_heads.neighbour(
                        burning.times,
                        seen[sensor.quantity],
                        delay_s=after_s,
                        share=share * warm,  # walls keep most of the heat
                        mixing_s=60.0,
                    )
                    traces[sensor.id] = Trace(burning.times, arrived)
        return traces

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

    def _burn(self) -> _Floor:
        times = steps(self.from_s, self.until_s + CLEARING_S)
        age = times - self.from_s
        flame_age = age - self.smoulders_s
        growth = fire.growth_named(self.growth)
        free_kw = fire.heat_release(flame_age, growth, most_kw=self.most_kw)
        flames = fire.burning(flame_age, self._held(times, free_kw), self._fuel())
        smoulder_kw = fire.SMOULDERING.heat_kj_g * fire.smoulder_g_s(age, lasts_s=self.smoulders_s)
        both = flames + fire.burning(age, smoulder_kw, fire.SMOULDERING)
        layer = fire_layer.fill(times, fire_layer.Room(self.area_m2, self.height_m), both)
        return _Floor(times, flame_age, both.heat_kw, layer)

    def _fuel(self) -> fire.Fuel:
        return fire.POLYURETHANE if self.fuel == "furniture" else fire.WOOD

    def _held(self, times: Floats, free_kw: Floats) -> Floats:
        """The heat release once the sprinkler has opened, or people are there."""
        burns = free_kw
        if self.sprinkler:
            jet = {"height_m": self.height_m, "radius_m": SPRINKLER_RADIUS_M}
            link = fire_heads.heat_element_k(
                times,
                fire_plume.jet_excess_k(free_kw, **jet),
                fire_plume.jet_speed_m_s(free_kw, **jet),
                rti=SPRINKLER_RTI,
            )
            if (opened := link >= SPRINKLER_K).any():
                spray = float(fire.spray_mm_s(self.sprinkler_mpa))
                opens_s = float(times[np.argmax(opened)])
                burns = fire.held(times, free_kw, from_s=opens_s, spray=spray)
        return fire.held(times, burns, from_s=self.until_s, spray=HOSE_MM_S)

    def _at_head(self, burning: _Floor, quantity: Quantity, head: int) -> Floats:
        """What a sensor of the fire floor shows above its normal, fading once people are there."""
        times, layer = burning.times, burning.layer
        if quantity is Quantity.CO:
            shown = sensor_response(times, layer.co_ppm, t90_s=T90_CO_S)
        else:
            radius = (
                HEAT_RADIUS_M
                if quantity is Quantity.TEMPERATURE
                else HEAD_RADII_M[min(head, len(HEAD_RADII_M) - 1)]
            )
            jet = {"height_m": self.height_m, "radius_m": radius}
            speed = fire_plume.jet_speed_m_s(burning.heat_kw, **jet)
            excess = fire_plume.jet_excess_k(burning.heat_kw, **jet)
            if quantity is Quantity.TEMPERATURE:
                gas_k = np.maximum(layer.excess_k, excess)
                shown = fire_heads.heat_element_k(times, gas_k, speed, rti=BEAD_RTI)
            else:
                fuel = self._fuel()
                per_k = fire_smoke.density_per_kelvin(
                    fire.ripening(fuel.early_soot, fuel.soot, burning.flame_age),
                    heat_of_combustion_kj_g=fuel.heat_kj_g,
                )
                flaming = burning.flame_age >= 0.0
                outside = np.maximum(layer.density, np.where(flaming, excess * per_k, 0.0))
                shown = 10.0 * fire_heads.entry_lag(times, outside, speed)
        aired = np.exp(-np.maximum(times - self.until_s, 0.0) * CLEARING_PER_H / 3600.0)
        return np.asarray(shown * aired)
