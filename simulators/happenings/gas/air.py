"""Bad air without a leaking pipe: sewage, rot, rust and microbes, engines."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from simulators.city import City, Trace
from simulators.happenings.common import Happening, steps
from simulators.happenings.gas.spaces import UNDERGROUND, airing_s, seen_at
from simulators.physics import gas, gas_sensors, gas_sources
from simulators.physics.gas import Floats


class Space(Happening):
    """One closed space, aired by people in the end."""

    volume_m3: float = Field(default=20.0, gt=0)
    aired_per_h: float = Field(default=30.0, gt=0)
    """Air changes once people have opened it."""

    def where(self) -> frozenset[AssetKind]:
        return UNDERGROUND

    def _times(self) -> Floats:
        return steps(self.from_s, self.until_s + airing_s(self.aired_per_h))

    def _air(self, times: Floats, usual_per_h: float) -> Floats:
        return np.where(times < self.until_s, usual_per_h, self.aired_per_h)


def _on_cells(h2s_ppm: Floats) -> dict[Quantity, Floats]:
    """What H2S shows: on its own cell all of it, on a CO cell beside it a tenth."""
    air = np.zeros((h2s_ppm.size, len(gas_sensors.GASES)))
    air[:, gas_sensors.GASES.index("h2s")] = h2s_ppm
    shown = gas_sensors.cells_show(air)
    return {
        quantity: shown[:, gas_sensors.CELLS.index(quantity.value)]
        for quantity in (Quantity.CO, Quantity.H2S)
    }


class SewerH2s(Space):
    """Septic sewage gives off H2S, most of it whenever the pumps stir it up."""

    kind: Literal["sewer-h2s"]
    sulphide_mg_l: float = Field(default=1.0, gt=0, le=50)
    """0.3 is fresh sewage, 3 has stood for long."""
    ph: float = Field(default=7.0, ge=4, le=10)
    air_changes_per_h: float = Field(default=1.0, ge=0)
    liquid_over_gas: float = Field(default=1.0, gt=0)
    pumping_every_s: float = Field(default=1800.0, gt=0)
    stirred_per_h: float = Field(default=6.0, ge=0)
    """What a pumping event adds to the liquid's KLa of 1 an hour."""

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.H2S})

    def traces(self, city: City) -> dict[str, Trace]:
        """H2S of the asset: peaks with every pumping event."""
        times = self._times()
        sewage = gas_sources.Sewage(
            sulphide_mg_l=np.where(times < self.until_s, self.sulphide_mg_l, 0.0),
            ph=self.ph,
            stirred_per_h=self.stirred_per_h,
            pumping_every_s=self.pumping_every_s,
            liquid_over_gas=self.liquid_over_gas,
        )
        ppm = gas_sources.sewer_h2s(
            times, sewage, air_changes_per_h=self._air(times, self.air_changes_per_h)
        )
        return seen_at(city.registry, self.asset, times, _on_cells(ppm))


class Biogas(Space):
    """Rotting matter: CH4 with CO2 and H2S, slow and with the day; no pipe loses pressure."""

    kind: Literal["biogas"]
    seep_m3h: float = Field(default=0.1, gt=0)
    methane: float = Field(default=0.6, gt=0, le=1)
    h2s_ppm: float = Field(default=500.0, ge=0)
    """At the source."""
    air_changes_per_h: float = Field(default=0.1, ge=0)
    swing: float = Field(default=0.3, ge=0, le=1)
    """Of the day, warmest at 15:00."""

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.CH4})

    def traces(self, city: City) -> dict[str, Trace]:
        """CH4, CO2, H2S and O2 of the asset."""
        times = self._times()
        day = gas_sources.diurnal(city.hours(times), peak_hour=15.0, swing=self.swing)
        air = gas_sources.biogas_air(
            times - self.from_s,
            gas_sources.Biogas(methane=self.methane, h2s_ppm=self.h2s_ppm),
            seep_m3h=np.where(times < self.until_s, self.seep_m3h * day, 0.0),
            volume_m3=self.volume_m3,
            air_changes_per_h=self._air(times, self.air_changes_per_h),
        )
        added = {
            Quantity.CH4: 100.0 * air.ch4,
            Quantity.CO2: 1e6 * air.co2,
            Quantity.O2: 100.0 * (air.o2 - gas.O2_IN_AIR),
            **_on_cells(air.h2s_ppm),
        }
        return seen_at(city.registry, self.asset, times, added)


class OxygenConsumption(Space):
    """Rust or microbes use the oxygen of a closed space; no other gas shows."""

    kind: Literal["oxygen-consumption"]
    to_percent: float = Field(default=17.0, gt=0, lt=20.9)
    """What it comes down to ``after_s``."""
    after_s: float = Field(default=43_200.0, gt=0)
    air_changes_per_h: float = Field(default=0.02, ge=0)

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.O2})

    def traces(self, city: City) -> dict[str, Trace]:
        """O2 of the asset."""
        times = self._times()
        uptake = gas_sources.uptake_for(
            to=self.to_percent / 100.0, after_s=self.after_s,
            air_changes_per_h=self.air_changes_per_h,
        )  # fmt: skip
        o2 = gas_sources.oxygen_consumed(
            times,
            uptake_per_h=np.where(times < self.until_s, uptake, 0.0),
            air_changes_per_h=self._air(times, self.air_changes_per_h),
        )
        lost = 100.0 * (o2 - gas.O2_IN_AIR)
        return seen_at(city.registry, self.asset, times, {Quantity.O2: lost})


class GarageCo(Space):
    """Cars leave and come home; their CO gathers as far as the fans let it."""

    kind: Literal["garage-co"]
    volume_m3: float = Field(default=9000.0, gt=0)
    cars: float = Field(default=6.0, gt=0)
    """Moving or idling at the busiest moment."""
    g_min_each: float = Field(default=2.0, gt=0)
    """A cold idling engine gives 0.5 to 5."""
    air_changes_per_h: float = Field(default=2.0, ge=0)
    aired_per_h: float = Field(default=6.0, gt=0)
    idling: bool = False
    """True: as many all the time, as in a jam; else they follow the working day."""

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.FLOOR, AssetKind.TUNNEL_SECTION, AssetKind.CHAMBER})

    def needs(self) -> frozenset[Quantity]:
        return frozenset({Quantity.CO})

    def traces(self, city: City) -> dict[str, Trace]:
        """CO of the asset."""
        times = self._times()
        share = 1.0 if self.idling else gas_sources.rush(city.hours(times))
        ppm = gas_sources.garage_co(
            times,
            cars=np.where(times < self.until_s, self.cars * share, 0.0),
            g_min_each=self.g_min_each,
            volume_m3=self.volume_m3,
            air_changes_per_h=self._air(times, self.air_changes_per_h),
        )
        return seen_at(city.registry, self.asset, times, {Quantity.CO: ppm})
