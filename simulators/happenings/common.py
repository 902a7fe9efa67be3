"""What every happening says about itself: where, from when to when, and who ought to notice.

A happening is data read from a scenario file and never depends on chance; noise is the city's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.place import AssetKind, Position
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from simulators.city import City, Trace
from simulators.physics.gas import Floats

STEP_S: Final = 1.0
STEPS_MAX: Final = 20_000


class Part(BaseModel):
    """Frozen, and unknown keys are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class What(StrEnum):
    """What there is to notice: one of the six hazards, or trouble that is none of them."""

    FIRE = "fire"
    GAS = "gas"
    WATER = "water"
    FIRE_WATER = "fire-water"
    FLOOD = "flood"
    MACHINE = "machine"
    SENSOR_FAULT = "sensor-fault"
    """A sensor lies; nobody is in danger yet."""
    OPERATIONAL = "operational"
    """A valve, a pump, a flush: real, and no leak."""

    @property
    def hazard(self) -> Hazard | None:
        """The hazard of that name; None for what is none."""
        return Hazard(self.value) if self.value in set(Hazard) else None


class Truth(Part):
    """What a detector ought to say of a happening; seconds count from the scenario's start."""

    what: What
    """A hazard, a lying sensor, or an operation that is neither."""
    level: Level | None = None
    """At least this colour must be reached; none for what is no hazard."""
    earliest_s: float = Field(ge=0)
    """An alarm before this is false."""
    latest_s: float = Field(ge=0)
    """An alarm of that colour after this is too late."""
    assets: tuple[str, ...] = ()
    """Where it may rightly be said to be; empty is where it happens."""
    level_max: Level | None = None
    """A colour worse than this is an exaggeration; None allows every one."""

    @property
    def hazard(self) -> Hazard | None:
        return self.what.hazard

    def complaints(self, from_s: float) -> Iterator[str]:
        """Everything that does not add up in it."""
        if self.latest_s <= self.earliest_s:
            yield "truth.latest_s is not after truth.earliest_s"
        if self.earliest_s < from_s:
            yield "truth.earliest_s is before from_s: nobody can know that early"
        if self.what.hazard is not None and self.level is None:
            yield f"truth.level is missing: {self.what} has a colour"
        if self.level and self.level_max and self.level_max < self.level:
            yield "truth.level_max is below truth.level"


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

    def position(self, registry: Registry) -> Position | None:
        """Longitude and latitude of the true place, where the registry knows it."""
        return position_of(registry, (self.asset,))

    def faults(self, registry: Registry) -> Iterator[str]:
        """Everything wrong with it in this city, one line each."""
        if self.until_s <= self.from_s:
            yield f"until_s {self.until_s:g} is not after from_s {self.from_s:g}"
        if self.truth is not None:
            yield from self.truth.complaints(self.from_s)
            for named in self.truth.assets:
                if named not in registry.assets:
                    yield f"truth.assets: {named} is not in the registry of {registry.name}"
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


def position_of(registry: Registry, assets: tuple[str, ...]) -> Position | None:
    """Longitude and latitude of the first of these assets that has a shape: its middle."""
    for name in assets:
        asset = registry.assets.get(name)
        if asset is not None and asset.geometry is not None:
            longitudes, latitudes = zip(*asset.geometry.positions, strict=True)
            return (float(np.mean(longitudes)), float(np.mean(latitudes)))
    return None


def steps(from_s: float, until_s: float) -> Floats:
    """Scenario seconds on a grid, both ends included.

    The grid has one second between two moments, or more where it would otherwise hold more than
    ``STEPS_MAX``: a leak of weeks is not computed by the second.
    """
    step_s = max(STEP_S, float(np.ceil((until_s - from_s) / STEPS_MAX)))
    return np.arange(from_s, until_s + step_s, step_s, dtype=np.float64)
