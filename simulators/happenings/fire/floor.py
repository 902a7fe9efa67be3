"""Something smoulders on a floor, then flames, until a sprinkler holds it and people end it.

CO and smoke come first, heat minutes later; the floor above and the stair shaft get what leaks.
Early flames are clean: the soot yield starts at ``EARLY_SOOT`` and reaches the material's own
after ``SOOTY_AFTER_S``, which matches when full-scale house fires were seen by their smoke heads.
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
from simulators.physics import fire

SMOULDER_G_S: Final = 0.1
"""Mass loss at the end of smouldering; it grows linearly from nothing."""
SMOULDER_CO: Final = 0.15
SMOULDER_SOOT: Final = 0.04
SMOULDER_KJ_G: Final = 6.0
FLAME_KJ_G: Final = 16.09
"""Polyurethane furniture, as are the two yields below (CFAST's inputs for TN 1455)."""
FLAME_CO: Final = 0.051
FLAME_SOOT: Final = 0.135
EARLY_SOOT: Final = 0.02
SOOTY_AFTER_S: Final = 90.0
SPRINKLER_RTI: Final = 50.0
SPRINKLER_K: Final = 68.0 - 22.0
SPRINKLER_RADIUS_M: Final = 2.2
HELD_S: Final = 120.0
"""Time constant of the heat release under water (CFAST: 3 u^-1.8 at 0.13 mm/s)."""
HEAD_RADII_M: Final = (3.0, 7.0, 10.0, 13.0)
"""How far a floor's smoke heads are from the fire, in the order of their ids."""
HEAT_RADIUS_M: Final = 5.0
BEAD_RTI: Final = 20.0
ENTRY_LENGTH_M: Final = 1.8
T90_CO_S: Final = 45.0
CLEARING_PER_H: Final = 30.0
"""Air changes once people are there and smoke is drawn off."""
CLEARING_S: Final = 1500.0
QUANTITIES: Final = (Quantity.SMOKE, Quantity.CO, Quantity.TEMPERATURE)


@dataclass(frozen=True)
class _Burning:
    times: fire.Floats
    heat_kw: fire.Floats
    soot_kg_s: fire.Floats
    co_kg_s: fire.Floats
    layer: fire.Layer


class FloorFire(Happening):
    kind: Literal["floor-fire"]
    smoulders_s: float = Field(default=180.0, ge=0)
    growth: Literal["slow", "medium", "fast", "ultra-fast"] = "medium"
    most_kw: float = Field(default=2000.0, gt=0)
    sprinkler: bool = True
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
                    arrived = fire.neighbour(
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

    def _burn(self) -> _Burning:
        times = steps(self.from_s, self.until_s + CLEARING_S)
        age = times - self.from_s
        smouldering = np.where(
            age < self.smoulders_s, SMOULDER_G_S * age / max(self.smoulders_s, 1.0), 0.0
        )
        flame_age = age - self.smoulders_s
        growth = fire.Growth[self.growth.upper().replace("-", "_")]
        free_kw = fire.heat_release(flame_age, growth, most_kw=self.most_kw)
        flame_kw = self._held(times, free_kw)
        ripe = np.clip(flame_age / SOOTY_AFTER_S, 0.0, 1.0)
        soot_yield = EARLY_SOOT + (FLAME_SOOT - EARLY_SOOT) * ripe
        flame_kg_s = flame_kw / FLAME_KJ_G / 1000.0
        smoulder_kg_s = smouldering / 1000.0
        heat = flame_kw + smouldering * SMOULDER_KJ_G
        soot = smoulder_kg_s * SMOULDER_SOOT + flame_kg_s * soot_yield
        co = smoulder_kg_s * SMOULDER_CO + flame_kg_s * FLAME_CO
        room = fire.Room(self.area_m2, self.height_m)
        layer = fire.fill(times, room, heat_kw=heat, soot_kg_s=soot, co_kg_s=co)
        return _Burning(times, heat, soot, co, layer)

    def _held(self, times: fire.Floats, free_kw: fire.Floats) -> fire.Floats:
        """The heat release once the sprinkler has opened, or people are there."""
        stopped_s = self.until_s
        if self.sprinkler:
            jet = {"height_m": self.height_m, "radius_m": SPRINKLER_RADIUS_M}
            link = fire.heat_element_k(
                times,
                fire.jet_excess_k(free_kw, **jet),
                fire.jet_speed_m_s(free_kw, **jet),
                rti=SPRINKLER_RTI,
            )
            if (opened := link >= SPRINKLER_K).any():
                stopped_s = min(stopped_s, float(times[np.argmax(opened)]))
        at_stop = np.interp(stopped_s, times, free_kw)
        fading = at_stop * np.exp(-np.maximum(times - stopped_s, 0.0) / HELD_S)
        return np.where(times < stopped_s, free_kw, fading)

    def _at_head(self, burning: _Burning, quantity: Quantity, head: int) -> fire.Floats:
        """What a sensor of the fire floor shows above its normal, fading once people are there."""
        times, layer = burning.times, burning.layer
        if quantity is Quantity.CO:
            tau = T90_CO_S / np.log(10.0)
            shown = fire.heat_element_k(times, layer.co_ppm, np.ones_like(times), rti=float(tau))
        else:
            radius = (
                HEAT_RADIUS_M
                if quantity is Quantity.TEMPERATURE
                else HEAD_RADII_M[min(head, len(HEAD_RADII_M) - 1)]
            )
            jet = {"height_m": self.height_m, "radius_m": radius}
            speed = fire.jet_speed_m_s(burning.heat_kw, **jet)
            excess = fire.jet_excess_k(burning.heat_kw, **jet)
            if quantity is Quantity.TEMPERATURE:
                gas_k = np.maximum(layer.excess_k, excess)
                shown = fire.heat_element_k(times, gas_k, speed, rti=BEAD_RTI)
            else:
                per_k = fire.density_per_kelvin(EARLY_SOOT, heat_of_combustion_kj_g=FLAME_KJ_G)
                flaming = times >= self.from_s + self.smoulders_s
                outside = np.maximum(layer.density, np.where(flaming, excess * per_k, 0.0))
                shown = 10.0 * fire.entry_lag(times, outside, speed, length_m=ENTRY_LENGTH_M)
        aired = np.exp(-np.maximum(times - self.until_s, 0.0) * CLEARING_PER_H / 3600.0)
        return np.asarray(shown * aired)
