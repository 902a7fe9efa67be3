"""A main breaks: pressure falls through the zone, the inlet meter runs, until a valve is shut.

The settled drop comes from the network; the first seconds undershoot it, as the pressure wave
does in telemetry that samples every few seconds.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace, network_at
from simulators.happenings.common import Happening, sensors_at, steps
from simulators.physics import water

OPENING_S: Final = 2.0
SHUTTING_S: Final = 60.0
UNDERSHOOT: Final = 0.2
UNDERSHOOT_S: Final = 6.0


class MainBurst(Happening):
    kind: Literal["main-burst"]
    hole_mm: float = Field(gt=0, le=600)

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.PIPE_NODE})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.WATER_PRESSURE})

    def traces(self, city: City) -> dict[str, Trace]:
        """Pressure of every node of the zone, and the flow of its inlet."""
        model = city.zones[city.registry.assets[self.asset].site]
        times = steps(self.from_s, self.until_s + SHUTTING_S)
        opened = np.minimum((times - self.from_s) / OPENING_S, 1.0)
        shut = np.clip((times - self.until_s) / SHUTTING_S, 0.0, 1.0)
        emitter = water.emitter_coefficient(self.hole_mm) * opened * (1.0 - shut)
        hours = city.hours(times)
        whole = network_at(model, hours)
        broken = network_at(
            model, hours, burst_node=model.index(self.asset), emitter=np.asarray(emitter)
        )
        wave = 1.0 + UNDERSHOOT * np.exp(-(times - self.from_s) / UNDERSHOOT_S)
        lost = (broken.pressure_mpa - whole.pressure_mpa) * wave[:, None]
        gained = broken.inlet_ls - whole.inlet_ls
        traces = {}
        for column, node in enumerate(model.nodes):
            for sensor in sensors_at(city.registry, node):
                if sensor.quantity is Quantity.WATER_PRESSURE:
                    traces[sensor.id] = Trace(times, lost[:, column])
                elif sensor.quantity is Quantity.FLOW:
                    traces[sensor.id] = Trace(times, gained)
        return traces
