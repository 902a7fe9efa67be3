"""What fills an underground space when no pipe leaks: sewage, rot, rust, microbes, engines.

Pure and vectorised. Volume fractions or ppm as named, volumes m3, times s, rates per hour. Every
space is one well-mixed box whose stretches of constant rates are solved exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulators.physics.gas import HENRY_H2S, O2_IN_AIR, Floats, box, pumping_pulse

H2S_PPM_PER_MG_M3: Final = 0.72
CO_PPM_PER_MG_M3: Final = 0.87
"""Both at 25 degC and 101.325 kPa."""
SULPHIDE_PK: Final = 7.05
"""pH at which half of dissolved sulphide is H2S and can leave the liquid."""


def relaxed(
    times_s: Floats, source_per_h: ArrayLike, rate_per_h: ArrayLike, start: float
) -> Floats:
    """dC/dt = s - k C with s and k held from each time to the next; exact, shape of times."""
    source = np.broadcast_to(np.asarray(source_per_h, dtype=np.float64), times_s.shape)
    rate = np.broadcast_to(np.asarray(rate_per_h, dtype=np.float64), times_s.shape)
    hours = np.diff(times_s) / 3600.0
    passed = rate[:-1] * hours
    fade = np.exp(-passed)
    still = passed < 1e-9  # too slow to notice, and too slow to divide by
    gone = np.where(still, 1.0, -np.expm1(-passed) / np.where(still, 1.0, passed))
    gain = source[:-1] * hours * gone
    seen = np.empty_like(times_s)
    seen[0] = here = start
    for i in range(hours.size):
        here = here * fade[i] + gain[i]
        seen[i + 1] = here
    return seen


def free_sulphide(ph: ArrayLike) -> Floats:
    """Share of dissolved sulphide that is H2S: 1 / (1 + 10^(pH - 7.05))."""
    return np.asarray(1.0 / (1.0 + 10.0 ** (np.asarray(ph, dtype=np.float64) - SULPHIDE_PK)))


@dataclass(frozen=True)
class Sewage:
    """What is in a wet well or a sewer reach; each value a scalar or one per time."""

    sulphide_mg_l: ArrayLike
    """Dissolved sulphide; 0.3 is fresh, 3 septic."""
    ph: ArrayLike = 7.0
    quiet_per_h: float = 1.0
    """KLa of sewage at rest."""
    stirred_per_h: float = 6.0
    """What a pumping event adds to KLa when it starts."""
    pumping_every_s: float = 1800.0
    pumping_fades_s: float = 240.0
    liquid_over_gas: float = 1.0

    def transfer_per_h(self, times_s: ArrayLike) -> Floats:
        """KLa over time: several gas peaks a day, one for each pumping event."""
        pulse = pumping_pulse(times_s, every_s=self.pumping_every_s, fade_s=self.pumping_fades_s)
        return self.quiet_per_h + self.stirred_per_h * pulse


def sewer_h2s(
    times_s: Floats, sewage: Sewage, *, air_changes_per_h: ArrayLike, start_ppm: float = 0.0
) -> Floats:
    """H2S above sewage over time, ppm.

    dC/dt = KLa f DS Vl/Vg - (ACH + KLa Vl/(H Vg)) C: release against ventilation and the gas that
    goes back into the liquid (Henry, 0.41). Its rest point is ``gas.sewer_h2s_ppm``.
    """
    transfer = sewage.transfer_per_h(times_s) * sewage.liquid_over_gas
    sulphide_mg_m3 = np.asarray(sewage.sulphide_mg_l, dtype=np.float64) * 1000.0
    release = transfer * free_sulphide(sewage.ph) * sulphide_mg_m3 * H2S_PPM_PER_MG_M3
    rate = np.asarray(air_changes_per_h) + transfer / HENRY_H2S
    return relaxed(times_s, release, rate, start_ppm)


@dataclass(frozen=True)
class Biogas:
    """Gas of rotting matter: mostly methane and CO2, with a trace of H2S."""

    methane: float = 0.6
    """Volume fraction at the source; 0.4 to 0.7."""
    h2s_ppm: float = 500.0
    """At the source."""

    @property
    def carbon_dioxide(self) -> float:
        return 1.0 - self.methane


@dataclass(frozen=True)
class Air:
    """What a space holds, each (times,): volume fractions, H2S in ppm."""

    ch4: Floats
    co2: Floats
    h2s_ppm: Floats
    o2: Floats


def biogas_air(
    times_s: Floats,
    gas: Biogas,
    *,
    seep_m3h: ArrayLike,
    volume_m3: float,
    air_changes_per_h: ArrayLike,
) -> Air:
    """A box into which biogas seeps: all its parts rise together, O2 falls by displacement."""
    fraction = box(
        times_s, volume_m3=volume_m3, leak_m3h=seep_m3h, air_changes_per_h=air_changes_per_h
    )
    return Air(
        ch4=gas.methane * fraction,
        co2=gas.carbon_dioxide * fraction,
        h2s_ppm=gas.h2s_ppm * fraction,
        o2=O2_IN_AIR * (1.0 - fraction),
    )


def diurnal(hours: ArrayLike, *, peak_hour: float = 5.0, swing: float = 0.3) -> Floats:
    """1 on average over a day, ``1 + swing`` at the peak: warmth and flow of sewage."""
    angle = 2.0 * np.pi * (np.asarray(hours, dtype=np.float64) - peak_hour) / 24.0
    return np.asarray(1.0 + swing * np.cos(angle))


def oxygen_consumed(
    times_s: Floats,
    *,
    uptake_per_h: ArrayLike,
    air_changes_per_h: ArrayLike,
    start: float = O2_IN_AIR,
) -> Floats:
    """O2 fraction of a space whose walls use it up.

    dO/dt = ACH (0.209 - O) - k O, rust and microbes both first-order in oxygen; rest point
    0.209 ACH / (ACH + k). The air that shrinking volume draws in is neglected.
    """
    air = np.asarray(air_changes_per_h, dtype=np.float64)
    return relaxed(times_s, air * O2_IN_AIR, air + np.asarray(uptake_per_h), start)


def uptake_for(*, to: float, after_s: float, air_changes_per_h: float) -> float:
    """The uptake per hour that brings O2 from 0.209 to ``to`` after so long; by bisection."""
    low, high = 0.0, 100.0
    times = np.array([0.0, after_s])
    for _ in range(60):
        middle = (low + high) / 2.0
        seen = oxygen_consumed(times, uptake_per_h=middle, air_changes_per_h=air_changes_per_h)
        low, high = (middle, high) if seen[-1] > to else (low, middle)
    return high


def rush(hours: ArrayLike, *, night: float = 0.05) -> Floats:
    """Cars moving in a garage over those of the busiest moment: 08:00 and 18:00 on five days."""
    hour = np.asarray(hours, dtype=np.float64)
    of_day = np.mod(hour, 24.0)
    peaks = np.exp(-0.5 * ((of_day - 8.0) / 0.7) ** 2) + 0.9 * np.exp(
        -0.5 * ((of_day - 18.0) / 1.0) ** 2
    )
    working = np.where(np.mod(hour, 168.0) < 120.0, 1.0, 0.4)
    return np.asarray(night + (1.0 - night) * working * peaks)


def garage_co(
    times_s: Floats,
    *,
    cars: ArrayLike,
    g_min_each: float,
    volume_m3: float,
    air_changes_per_h: ArrayLike,
    start_ppm: float = 0.0,
) -> Floats:
    """CO of a garage, ppm: dC/dt = n e / V - ACH C. A cold idling car gives 0.5 to 5 g/min."""
    mg_h = np.asarray(cars, dtype=np.float64) * g_min_each * 60_000.0
    return relaxed(times_s, mg_h / volume_m3 * CO_PPM_PER_MG_M3, air_changes_per_h, start_ppm)
