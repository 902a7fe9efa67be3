"""What every happening says about itself: where, from when to when, and who ought to notice.

A happening is data read from a scenario file and never depends on chance; noise is the city's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from simulators.city import City, Trace
from simulators.physics.gas import Floats

STEP_S: Final = 1.0


class Part(BaseModel):
    """Frozen, and unknown keys are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Truth(Part):
    """What a detector ought to say of a happening; seconds count from the scenario's start."""

    hazard: Hazard
    level: Level
    """At least this colour must be reached."""
    earliest_s: float = Field(ge=0)
    """An alarm before this is false."""
    latest_s: float = Field(ge=0)
    """An alarm of that colour after this is too late."""


class Happening(Part, ABC):
    """One thing that goes wrong at one asset. Seconds count from the scenario's start."""

    asset: str
    from_s: float = Field(ge=0)
    until_s: float
    """When people have stopped the cause; what it left behind still fades after that."""
    truth: Truth | None = None

    @abstractmethod
    def where(self) -> frozenset[AssetKind]:
        """The kinds of asset it can happen at."""

    @abstractmethod
    def needs(self) -> frozenset[Quantity]:
        """Quantities of which the asset must have a sensor for anybody to notice."""

    @abstractmethod
    def traces(self, city: City) -> dict[str, Trace]:
        """What it adds, by sensor id."""

    def faults(self, registry: Registry) -> Iterator[str]:
        """Everything wrong with it in this city, one line each."""
        if self.until_s <= self.from_s:
            yield f"until_s {self.until_s:g} is not after from_s {self.from_s:g}"
        if self.truth is not None:
            if self.truth.latest_s <= self.truth.earliest_s:
                yield "truth.latest_s is not after truth.earliest_s"
            if self.truth.earliest_s < self.from_s:
                yield "truth.earliest_s is before from_s: nobody can know that early"
        asset = registry.assets.get(self.asset)
        if asset is None:
            yield f"asset {self.asset} is not in the registry of {registry.name}"
            return
        if asset.kind not in self.where():
            kinds = ", ".join(sorted(self.where()))
            yield f"asset {self.asset} is a {asset.kind}, this happens at: {kinds}"
        there = {sensor.quantity for sensor in sensors_at(registry, self.asset)}
        for quantity in sorted(self.needs() - there):
            yield f"asset {self.asset} has no {quantity} sensor, so nobody would notice"


def sensors_at(registry: Registry, asset: str) -> list[Sensor]:
    """An asset's sensors by id."""
    return sorted(
        (sensor for sensor in registry.sensors.values() if sensor.asset == asset),
        key=lambda sensor: sensor.id,
    )


def steps(from_s: float, until_s: float) -> Floats:
    """Scenario seconds on a one-second grid, both ends included."""
    return np.arange(from_s, until_s + STEP_S, STEP_S, dtype=np.float64)
