"""What makes heads cry wolf: cooking, steam, dust, cigarettes, exhaust, insects.

Which moment each puff comes is drawn from the city's seed and the place, so every seed is another
day; everything else is as written.
"""

from __future__ import annotations

import zlib
from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.physics import fire_nuisance
from simulators.physics.gas import Floats

LINGERS_S: Final = 1800.0
APART_M: Final = 4.0
"""How much further each next smoke head is."""


class Nuisance(Happening):
    kind: Literal["nuisance"]
    source: fire_nuisance.Source
    strength: float = Field(default=1.0, gt=0, le=10)
    distance_m: float = Field(default=3.0, gt=0)
    """From the source to the nearest head."""
    head: Literal["photo", "ion"] = "photo"

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.FLOOR, AssetKind.SHAFT, AssetKind.TUNNEL_SECTION})

    def needs(self) -> frozenset[Quantity]:
        exhaust = self.source == "exhaust"
        return frozenset({Quantity.CO if exhaust else Quantity.SMOKE})

    def traces(self, city: City) -> dict[str, Trace]:
        """Smoke, CO, temperature and humidity of the asset, each as far as the source moves it."""
        times = steps(self.from_s, self.until_s + LINGERS_S)
        key = f"{self.asset}/{self.source}/{self.from_s:g}"
        seen = fire_nuisance.nuisance(
            times, self.source, until_s=self.until_s, strength=self.strength,
            rng=np.random.default_rng([city.seed, zlib.crc32(key.encode())]),
        )  # fmt: skip
        smoke = seen.photo if self.head == "photo" else seen.ion
        near = fire_nuisance.seen_at(self.distance_m)
        others: dict[Quantity, Floats] = {
            Quantity.CO: seen.co_ppm * (1.0 if self.source == "exhaust" else near),
            Quantity.TEMPERATURE: seen.warms_k * near,
            Quantity.HUMIDITY: seen.wets_rh * near,
        }
        found: dict[str, Trace] = {}
        heads = 0
        for sensor in sensors_at(city.registry, self.asset):
            if sensor.quantity is Quantity.SMOKE:
                away_m = self.distance_m + APART_M * heads
                found[sensor.id] = Trace(times, smoke * fire_nuisance.seen_at(away_m))
                heads += 1
            elif sensor.quantity in others and others[sensor.quantity].any():
                found[sensor.id] = Trace(times, others[sensor.quantity])
        return found
