"""A building's fire main: it loses its pressure unnoticed, or a sprinkler drinks from it."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from shared.domain.sensor import Sensor
from simulators.city import City, Trace
from simulators.device import own_base
from simulators.habits import habit_of
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.physics import fire_water
from simulators.physics.gas import Floats

REFILLS_S: Final = 180.0


class OnRiser(Happening):
    """Happens at a riser and moves its pressure."""

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.RISER})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.FIRE_WATER_PRESSURE})

    def _gauges(self, city: City) -> list[tuple[Sensor, float]]:
        """The riser's pressure sensors, and what each shows at rest, MPa."""
        kind = city.registry.assets[self.asset].kind
        return [
            (sensor, own_base(sensor, habit_of(kind, sensor.quantity)))
            for sensor in sensors_at(city.registry, self.asset)
            if sensor.quantity is Quantity.FIRE_WATER_PRESSURE
        ]

    def _back(self, times: Floats) -> Floats:
        """1 until people have mended it, then falling to 0 while the main is filled again."""
        return np.clip(1.0 - (times - self.until_s) / REFILLS_S, 0.0, 1.0)


class LowRiserPressure(OnRiser):
    """A valve is shut, a tank runs dry or a seat leaks: the static pressure falls and stays low."""

    kind: Literal["low-riser-pressure"]
    to_mpa: float = Field(default=0.08, ge=0)
    """What it settles at."""
    falls_s: float = Field(default=300.0, gt=0)
    """Time constant of the fall."""

    def traces(self, city: City) -> dict[str, Trace]:
        """The riser's pressure."""
        times = steps(self.from_s, self.until_s + REFILLS_S)
        share = 1.0 - np.exp(-(times - self.from_s) / self.falls_s)
        share = np.where(times < self.until_s, share, share.max()) * self._back(times)
        return {
            sensor.id: Trace(times, (self.to_mpa - rest) * share)
            for sensor, rest in self._gauges(city)
        }


class Sprinkler(OnRiser):
    """Heads open, by fire or by a ladder against one; jockey and fire pump answer, if they can."""

    kind: Literal["sprinkler"]
    heads: int = Field(default=1, ge=0, le=200)
    """0 and some ``weeps_ls``: only a leak, the saw-tooth of the jockey pump."""
    k_factor: float = Field(default=80.0, gt=0)
    weeps_ls: float = Field(default=0.0, ge=0)
    air_m3: float = Field(default=0.05, gt=0)
    """Trapped at the top of the riser."""
    tank_empty: bool = False
    pump_missed: bool = False
    jockey_off: bool = False
    valve_closed: bool = False

    def traces(self, city: City) -> dict[str, Trace]:
        """Pressure of the riser, and flow where that is measured."""
        times = steps(self.from_s, self.until_s + REFILLS_S)
        faults = fire_water.WaterFaults(
            tank_empty=self.tank_empty,
            pump_missed=self.pump_missed,
            jockey_off=self.jockey_off,
            valve_closed=self.valve_closed,
        )
        found: dict[str, Trace] = {}
        for gauge, rest in self._gauges(city):
            riser = fire_water.Riser(
                static_mpa=rest,
                air_m3=self.air_m3,
                k_factor=self.k_factor,
                jockey_starts_mpa=0.9 * rest,
                pump=fire_water.Pump(rated_mpa=rest, starts_mpa=0.67 * rest),
                weeps_ls=self.weeps_ls,
            )
            opened = np.where(times < self.until_s, float(self.heads), 0.0)
            seen = fire_water.riser_over(times, riser, heads=opened, faults=faults)
            back = self._back(times)
            found[gauge.id] = Trace(times, (seen.pressure_mpa - rest) * back)
            for sensor in sensors_at(city.registry, self.asset):
                if sensor.quantity is Quantity.FLOW:
                    found[sensor.id] = Trace(times, seen.flow_ls * back)
        return found
