"""Water where there should be none: a burst into a gallery, rain into a pit or over a sill."""

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
from simulators.happenings.gas.spaces import UNDERGROUND, neighbours_in, seen_at
from simulators.physics import flood
from simulators.physics.gas import Floats

DRAINING_S: Final = 3600.0


class Flood(Happening):
    kind: Literal["flood"]
    inflow_ls: float = Field(default=0.0, ge=0)
    """From a burst or a sewer that backs up."""
    rain_mm_h: float = Field(default=0.0, ge=0)
    """At its worst, in the middle of the time; it grows and falls evenly."""
    catchment_m2: float = Field(default=0.0, ge=0)
    """Paved ground that drains to here."""
    sill_m: float = Field(default=0.0, ge=0)
    """Rain gathers outside until it stands so high, and only then comes in."""
    yard_m2: float = Field(default=500.0, gt=0)
    """Where it gathers outside."""
    area_m2: float = Field(default=150.0, gt=0)
    """Floor of the pit, or of one section of a gallery."""
    pump_ls: float = Field(default=0.0, ge=0)
    pump_fails_s: float | None = Field(default=None, ge=0)
    """Scenario second at which its power goes."""
    spreads_s: float = Field(default=120.0, gt=0)
    """How soon neighbouring sections of a gallery level out."""
    rim_m: float = Field(default=3.0, gt=0)

    def where(self) -> frozenset[AssetKind]:
        return UNDERGROUND

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.WATER_LEVEL})

    def faults(self, registry: Registry) -> Iterator[str]:
        yield from super().faults(registry)
        if self.inflow_ls == 0.0 and (self.rain_mm_h == 0.0 or self.catchment_m2 == 0.0):
            yield "no water comes: give inflow_ls, or rain_mm_h and catchment_m2"

    def traces(self, city: City) -> dict[str, Trace]:
        """Rain gauges of the city, and the level here and along the gallery."""
        times = steps(self.from_s, self.until_s + DRAINING_S)
        rain = self._rain(times)
        found: dict[str, Trace] = {}
        if self.rain_mm_h > 0.0:
            for sensor in city.registry.sensors.values():
                if sensor.quantity is Quantity.RAIN:
                    found[sensor.id] = Trace(times, rain)
        inflow = np.where(times < self.until_s, self.inflow_ls / 1000.0, 0.0)
        inflow = inflow + self._comes_in(times, rain)
        registry = city.registry
        if registry.assets[self.asset].kind is not AssetKind.TUNNEL_SECTION:
            level = self._pit(times, inflow)
            return found | seen_at(registry, self.asset, times, {Quantity.WATER_LEVEL: level})
        sections = neighbours_in(registry, self.asset)
        levels = flood.along_gallery(
            times, inflow, section_m2=self.area_m2, sections=len(sections),
            enters=sections.index(self.asset), spreads_s=self.spreads_s,
        )  # fmt: skip
        emptied = self._emptied(times)
        for number, section in enumerate(sections):
            level = np.minimum(levels[:, number], self.rim_m) * emptied
            found |= seen_at(registry, section, times, {Quantity.WATER_LEVEL: level})
        return found

    def _rain(self, times: Floats) -> Floats:
        middle, half = (self.from_s + self.until_s) / 2.0, (self.until_s - self.from_s) / 2.0
        return np.asarray(self.rain_mm_h * np.clip(1.0 - np.abs(times - middle) / half, 0.0, 1.0))

    def _comes_in(self, times: Floats, rain: Floats) -> Floats:
        """m3/s of rain water that enters, over the sill if there is one."""
        runoff = flood.runoff_m3s(rain, area_m2=self.catchment_m2)
        if self.sill_m == 0.0:
            return runoff
        yard = flood.Pit(area_m2=self.yard_m2, rim_m=self.sill_m)
        spilled = flood.stands(times, yard, runoff).spilled_m3
        return np.append(np.diff(spilled) / np.diff(times), 0.0)

    def _pit(self, times: Floats, inflow: Floats) -> Floats:
        fails_s = np.inf if self.pump_fails_s is None else self.pump_fails_s
        pit = flood.Pit(area_m2=self.area_m2, pump_m3s=self.pump_ls / 1000.0, rim_m=self.rim_m)
        stood = flood.stands(times, pit, inflow, powered=times < fails_s)
        return np.asarray(stood.level_m * self._emptied(times))

    def _emptied(self, times: Floats) -> Floats:
        """Once people are there they pump it out within the hour."""
        return np.clip(1.0 - (times - self.until_s) / DRAINING_S, 0.0, 1.0)
