"""Vapour creeps along a closed culvert for hours before anybody smells it.

The sections of one site are boxes that breathe into each other and hardly outside; a rising tide
shuts the way out. What a bead shows above the explosive limit falls again; an optical cell does
not.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace
from simulators.happenings.common import Happening, steps
from simulators.happenings.gas.spaces import UNDERGROUND, airing_s, neighbours_in, seen_at
from simulators.physics import gas, gas_rooms, gas_sensors
from simulators.physics.gas import Floats

BLOCK_S: Final = 600.0
"""Rates are held so long while the vapour spreads: far less than it takes."""


class CulvertGas(Happening):
    kind: Literal["culvert-gas"]
    vapour_m3h: float = Field(default=15.0, gt=0)
    """What comes in where the pipe leaks."""
    reaches: int = Field(default=8, ge=1)
    """So many sections or wells of the site, in the order of their ids, are one space."""
    section_m3: float = Field(default=300.0, gt=0)
    exchange_m3h: float = Field(default=200.0, ge=0)
    """Air that neighbours swap."""
    outside_m3h: float = Field(default=5.0, ge=0)
    """Air each swaps with the street."""
    tide_m: float = Field(default=0.0, ge=0)
    """How far the water rises meanwhile, and falls again; at its top nothing goes outside."""
    aired_per_h: float = Field(default=10.0, gt=0)
    sensor: Literal["optical", "bead"] = "optical"

    def where(self) -> frozenset[AssetKind]:
        return UNDERGROUND

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.CH4})

    def traces(self, city: City) -> dict[str, Trace]:
        """Combustible gas, O2 and water level of every section the vapour can reach."""
        names = neighbours_in(city.registry, self.asset)
        first = max(0, min(names.index(self.asset), len(names) - self.reaches))
        names = names[first : first + self.reaches]
        times = steps(self.from_s, self.until_s + airing_s(self.aired_per_h))
        fractions = self._spread(times, len(names), names.index(self.asset))
        level = self._tide(times)
        found: dict[str, Trace] = {}
        for number, name in enumerate(names):
            fraction = fractions[:, number]
            o2 = 100.0 * gas.oxygen_beside(fraction)
            shown = 100.0 * fraction
            if self.sensor == "bead":
                shown = gas_sensors.bead_shows(shown, o2)
            added = {Quantity.CH4: shown, Quantity.O2: o2 - 100.0 * gas.O2_IN_AIR}
            if self.tide_m > 0.0:
                added[Quantity.WATER_LEVEL] = level
            found |= seen_at(city.registry, name, times, added)
        return found

    def _tide(self, times: Floats) -> Floats:
        phase = np.clip((times - self.from_s) / (self.until_s - self.from_s), 0.0, 1.0)
        return np.asarray(self.tide_m * np.sin(np.pi * phase) ** 2)

    def _spread(self, times: Floats, count: int, enters: int) -> Floats:
        """(times, sections); the way out narrows as the water rises."""
        leak = np.zeros(count)
        leak[enters] = self.vapour_m3h
        coarse = np.unique(
            np.concatenate((np.arange(times[0], self.until_s, BLOCK_S), [self.until_s]))
        )
        level = self._tide(coarse)
        here = np.zeros(count)
        rows = [here]
        for i in range(coarse.size - 1):
            open_share = 1.0 - level[i] / self.tide_m if self.tide_m > 0.0 else 1.0
            here = self._hold(coarse[i : i + 2], here, leak, self.outside_m3h * open_share)
            rows.append(here)
        after = times[times >= self.until_s]
        aired = here * np.exp(-self.aired_per_h * (after[:, None] - self.until_s) / 3600.0)
        stacked = np.array(rows)
        during = np.stack(
            [np.interp(times[times < self.until_s], coarse, stacked[:, c]) for c in range(count)],
            axis=1,
        )
        return np.concatenate((during, aired))

    def _hold(self, stretch: Floats, start: Floats, leak: Floats, outside: float) -> Floats:
        count = start.size
        exchange = np.zeros((count, count))
        for a in range(count - 1):
            exchange[a, a + 1] = exchange[a + 1, a] = self.exchange_m3h
        rooms = gas_rooms.Rooms(np.full(count, self.section_m3), exchange, np.full(count, outside))
        inside = gas_rooms.rooms_over(stretch, rooms=rooms, leak_m3h=leak, start=start)
        return np.asarray(inside.fractions[-1])
