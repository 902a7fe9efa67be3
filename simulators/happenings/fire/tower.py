"""Fire that goes up a building: along its facade, or as smoke through its shaft.

Facade: flames climb outside, break in minutes after they passed, and then it burns on many floors
at once. Shaft: a smoke front passes a floor a second, and lobbies above the neutral plane get
what the draught pushes through their doors; below it nothing comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import Asset, AssetKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.city import City, Trace
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.happenings.fire.burning import CLEARING_PER_H, CLEARING_S, Burnt, Plan
from simulators.physics import fire, fire_heads, fire_layer, fire_tower
from simulators.physics.gas import Floats, sensor_response

T90_CO_S: Final = 45.0
STILL_M_S: Final = 0.5
"""Air past a head in a lobby or shaft through which smoke is pushed."""


class FacadeFire(Happening):
    kind: Literal["facade-fire"]
    storeys_per_min: float = Field(default=1.1, gt=0)
    dwells_s: float = Field(default=900.0, ge=0)
    """How long it burns where it began before it climbs."""
    breaks_in_s: float = Field(default=240.0, ge=0)
    """From flames outside a window to a fire behind it."""
    storeys: int = Field(default=99, ge=1)
    """How far up it gets."""
    inside_from: int = Field(default=1, ge=0)
    """The first storey above the start where it breaks in."""
    inside_storeys: int = Field(default=99, ge=0)
    """On how many storeys it does."""
    starts_inside: bool = True
    """A kitchen, not a terrace: the floor where it began is on fire too."""
    most_kw: float = Field(default=1500.0, gt=0)
    area_m2: float = Field(default=120.0, gt=0)

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.FLOOR})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.SMOKE})

    def faults(self, registry: Registry) -> Iterator[str]:
        yield from super().faults(registry)
        asset = registry.assets.get(self.asset)
        if asset is not None and asset.storey is None:
            yield f"asset {self.asset} has no storey, so nothing is above it"

    def traces(self, city: City) -> dict[str, Trace]:
        """Smoke, CO and temperature of every floor on which it burns."""
        registry = city.registry
        climb = fire_tower.Facade(self.storeys_per_min, self.dwells_s, self.breaks_in_s)
        inside = Burnt(self._plan(smoulders_s=0.0), steps(0.0, self._lasts_s() + CLEARING_S))
        found: dict[str, Trace] = {}
        if self.starts_inside:
            kitchen = Burnt(self._plan(smoulders_s=120.0), inside.times)
            found |= kitchen.traces(registry, self.asset, from_s=self.from_s)
        for above, floor in self._above(registry):
            starts_s = self.from_s + float(climb.inside_s(above))
            if starts_s < self.until_s:
                found |= _cut(
                    inside.traces(registry, floor, from_s=starts_s), self.until_s + CLEARING_S
                )
        return found

    def _lasts_s(self) -> float:
        return self.until_s - self.from_s

    def _plan(self, *, smoulders_s: float) -> Plan:
        return Plan(
            smoulders_s=smoulders_s,
            growth=fire.Growth.MEDIUM,
            most_kw=self.most_kw,
            ends_s=self._lasts_s(),
            room=fire_layer.Room(self.area_m2, 3.0),
            sprinkler_mpa=None,
        )

    def _above(self, registry: Registry) -> Iterator[tuple[int, str]]:
        """Storeys above the start, and the floor there, where it breaks in."""
        here = registry.assets[self.asset]
        last = min(self.storeys, self.inside_from + self.inside_storeys - 1)
        for asset in sorted(registry.assets.values(), key=lambda asset: asset.id):
            if asset.site == here.site and asset.kind is AssetKind.FLOOR:
                above = (asset.storey or 0) - (here.storey or 0)
                if max(1, self.inside_from) <= above <= last:
                    yield above, asset.id


def _cut(traces: dict[str, Trace], end_s: float) -> dict[str, Trace]:
    """All floors are put out together, and their smoke drawn off by the same moment."""
    cut = {}
    for sensor, trace in traces.items():
        fades = np.clip((end_s - trace.times_s) / CLEARING_S, 0.0, 1.0)
        cut[sensor] = Trace(trace.times_s, trace.added * fades)
    return cut


class ShaftSmoke(Happening):
    kind: Literal["shaft-smoke"]
    from_storey: int = Field(default=1)
    """Where the smoke gets into the shaft."""
    smoke_db_m: float = Field(default=5.0, gt=0)
    """Of what gets in."""
    co_ppm: float = Field(default=150.0, ge=0)
    warm_k: float = Field(default=60.0, ge=0)
    grows_s: float = Field(default=30.0, gt=0)
    front_m_s: float = Field(default=fire_tower.FRONT_M_S, gt=0, le=10)
    cools_s: float = Field(default=20.0, gt=0)
    """How soon walls take the warmth of what passes."""
    outside_c: float = 0.0
    inside_c: float = 20.0
    door_cracks_m2: float = Field(default=0.02, gt=0)
    lobby_m3: float = Field(default=60.0, gt=0)

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.SHAFT})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.SMOKE})

    def traces(self, city: City) -> dict[str, Trace]:
        """Smoke, CO and temperature in the shaft, and smoke and CO of the lobbies above."""
        registry, shaft = city.registry, city.registry.assets[self.asset]
        floors = _floors(registry, shaft)
        top = max(floors.values(), default=self.from_storey)
        bottom = min(floors.values(), default=self.from_storey)
        count = max(1, top - self.from_storey + 1)
        floor_m = shaft.height_m / max(top - bottom + 1, 1) if shaft.height_m else 3.5
        times = steps(self.from_s, self.until_s + CLEARING_S)
        inlet = self._inlet(times)
        column = fire_tower.climbs(
            times, inlet, floors=count, floor_m=floor_m, speed_m_s=self.front_m_s
        )
        warm = fire_tower.climbs(
            times, inlet, floors=count, floor_m=floor_m, speed_m_s=self.front_m_s,
            fades_s=self.cools_s,
        )  # fmt: skip
        found: dict[str, Trace] = {}
        for asset in _shafts(registry, shaft):
            level = min(count - 1, max(0, (asset.storey or top) - self.from_storey))
            found |= self._seen(registry, asset.id, times, column[:, level], warm[:, level])
        storeys = self.from_storey + np.arange(count)
        height_m = (storeys - bottom + 0.5) * floor_m
        neutral_m = (top - bottom + 1) * floor_m / 2.0
        over = fire_tower.stack_pa(
            height_m - neutral_m, outside_c=self.outside_c, inside_c=self.inside_c
        )
        flow = fire_tower.crack_m3_s(over, area_m2=self.door_cracks_m2)
        lobbies = fire_tower.leaks_into(times, column, flow_m3_s=flow, volume_m3=self.lobby_m3)
        for floor, storey in sorted(floors.items()):
            if storey >= self.from_storey and flow[storey - self.from_storey] > 0.0:
                there = lobbies[:, storey - self.from_storey]
                found |= self._seen(registry, floor, times, there, None)
        return found

    def _inlet(self, times: Floats) -> Floats:
        """Share of its full strength that gets in: grows, then is cleared once people are there."""
        grown = np.clip((times - self.from_s) / self.grows_s, 0.0, 1.0)
        aired = np.exp(-np.maximum(times - self.until_s, 0.0) * CLEARING_PER_H / 3600.0)
        return np.asarray(grown * aired)

    def _seen(
        self, registry: Registry, asset: str, times: Floats, share: Floats, warm: Floats | None
    ) -> dict[str, Trace]:
        speed = np.full_like(times, STILL_M_S)
        aired = np.exp(-np.maximum(times - self.until_s, 0.0) * CLEARING_PER_H / 3600.0)
        found = {}
        for sensor in sensors_at(registry, asset):
            if sensor.quantity is Quantity.SMOKE:
                shown = fire_heads.entry_lag(times, self.smoke_db_m * share, speed)
            elif sensor.quantity is Quantity.CO:
                shown = sensor_response(times, self.co_ppm * share, t90_s=T90_CO_S)
            elif sensor.quantity is Quantity.TEMPERATURE and warm is not None:
                shown = sensor_response(times, self.warm_k * warm, t90_s=T90_CO_S)
            else:
                continue
            found[sensor.id] = Trace(times, shown * aired)
        return found


def _floors(registry: Registry, shaft: Asset) -> dict[str, int]:
    return {
        asset.id: asset.storey
        for asset in registry.assets.values()
        if asset.site == shaft.site and asset.kind is AssetKind.FLOOR and asset.storey is not None
    }


def _shafts(registry: Registry, shaft: Asset) -> list[Asset]:
    """The shaft itself; and if its heads are assets of their own storeys, all of them."""
    if shaft.storey is None:
        return [shaft]
    return [
        asset
        for asset in registry.assets.values()
        if asset.site == shaft.site and asset.kind is AssetKind.SHAFT and asset.storey is not None
    ]
