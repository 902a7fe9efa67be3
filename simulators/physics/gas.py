"""How gas gathers in one well-mixed underground space, and how a first-order sensor sees it.

Pure and vectorised; fractions are volume fractions (0.01 = 1 %vol), volumes m3, flows m3/h, times
s unless a name says otherwise. Stretches of constant rates are solved exactly, however long.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

O2_IN_AIR: Final = 0.209
"""Volume fraction of oxygen in dry air."""
HENRY_H2S: Final = 0.41
"""Dimensionless Henry constant of H2S at 25 degC (gas over liquid, by volume)."""
T90_OVER_TAU: Final = float(np.log(10.0))
"""A first-order sensor shows 90 % of a step after ln 10 time constants."""


def box_rate_per_h(volume_m3: float, leak_m3h: ArrayLike, air_changes_per_h: ArrayLike) -> Floats:
    """How fast a well-mixed box forgets, 1/h: ventilation plus dilution by the leak itself."""
    return np.asarray(air_changes_per_h) + np.asarray(leak_m3h) / volume_m3


def box_steady(volume_m3: float, leak_m3h: ArrayLike, air_changes_per_h: ArrayLike) -> Floats:
    """Fraction a box settles at: S / (S + ACH V); NaN for no leak and no air.

    The stationary point of dC/dt = S/V - (ACH + S/V) C, the well-mixed mass balance.
    """
    leak = np.asarray(leak_m3h, dtype=np.float64)
    through = leak + np.asarray(air_changes_per_h) * volume_m3
    return np.divide(leak, through, out=np.full_like(through, np.nan), where=through > 0)


def box(
    times_s: ArrayLike,
    *,
    volume_m3: float,
    leak_m3h: ArrayLike,
    air_changes_per_h: ArrayLike,
    start: float = 0.0,
) -> Floats:
    """Fraction over time in a well-mixed box, shape of ``times_s``.

    ``leak_m3h`` and ``air_changes_per_h`` are scalars or one value per time, held from that time
    to the next; each such stretch is solved exactly, so the step may be as long as the rates are
    constant.
    """
    times = np.asarray(times_s, dtype=np.float64)
    leak = np.broadcast_to(np.asarray(leak_m3h, dtype=np.float64), times.shape)
    air = np.broadcast_to(np.asarray(air_changes_per_h, dtype=np.float64), times.shape)
    rate = box_rate_per_h(volume_m3, leak, air)
    source = leak / volume_m3
    fractions = np.empty_like(times)
    here = start
    for i in range(times.size):
        fractions[i] = here
        if i + 1 < times.size:
            hours = (times[i + 1] - times[i]) / 3600.0
            if rate[i] > 0:
                settled = source[i] / rate[i]
                here = settled + (here - settled) * np.exp(-rate[i] * hours)
    return fractions


def oxygen_beside(fraction: ArrayLike) -> Floats:
    """O2 fraction where ``fraction`` of the air is another gas: displacement, 0.209 (1 - C)."""
    return O2_IN_AIR * (1.0 - np.asarray(fraction, dtype=np.float64))


def sensor_response(times_s: Floats, truth: Floats, *, t90_s: float) -> Floats:
    """What a first-order sensor shows of ``truth``: y' = (x - y) / tau, tau = T90 / ln 10.

    Exact for an input that is linear between the given times; starts settled on the first value.
    ``truth`` has shape (times,) or (times, sensors).
    """
    tau = t90_s / T90_OVER_TAU
    shown = np.empty_like(truth)
    shown[0] = truth[0]
    for i in range(1, times_s.size):
        step = times_s[i] - times_s[i - 1]
        slope = (truth[i] - truth[i - 1]) / step
        fade = np.exp(-step / tau)
        shown[i] = truth[i] - slope * tau + (shown[i - 1] - truth[i - 1] + slope * tau) * fade
    return shown


def sewer_h2s_ppm(
    *,
    transfer_per_h: ArrayLike,
    sulphide_mg_l: ArrayLike,
    ph: float,
    liquid_over_gas: float,
    air_changes_per_h: ArrayLike,
) -> Floats:
    """H2S above sewage at rest, ppm at 25 degC.

    C = KLa f DS Vl / (ACH Vg + KLa Vl / H): release from the liquid against ventilation and
    back-pressure, with f = 1 / (1 + 10^(pH - 7.05)) the undissociated share and 1 mg/m3 =
    0.72 ppm.
    """
    share = 1.0 / (1.0 + 10.0 ** (ph - 7.05))
    transfer = np.asarray(transfer_per_h, dtype=np.float64) * liquid_over_gas
    sulphide_mg_m3 = np.asarray(sulphide_mg_l, dtype=np.float64) * 1000.0
    mg_m3 = transfer * share * sulphide_mg_m3
    return np.asarray(0.72 * mg_m3 / (np.asarray(air_changes_per_h) + transfer / HENRY_H2S))


def pumping_pulse(
    times_s: ArrayLike, *, every_s: ArrayLike = 1800.0, fade_s: float = 240.0
) -> Floats:
    """What a pump upstream stirs up: 1 when it starts, fading until it starts again.

    Gas above sewage and its level peak with every pumping event and decay between them.
    """
    since = np.mod(np.asarray(times_s, dtype=np.float64), every_s)
    return np.asarray(np.exp(-since / fade_s))
