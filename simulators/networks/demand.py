"""What people draw, by chance but from one seed: LeakDB's demand model.

d = base (Cw + 1)(Cy + 1)(Cr + 1): a week as a Fourier series of 20 terms, a year as one of 3, and
a random part of standard deviation 0.33 at every step; the coefficients of each node differ by up
to 10 % (Vrachimis et al., LeakDB, WDSA/CCWI 2018). The week's own shape here is made up: little
at night, peaks near 08:00 and 19:00, later mornings at the weekend. Where the network's file has
patterns of its own, only the random part comes from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from simulators.networks.layout import Draws

Floats = NDArray[np.float64]

WEEKLY_TERMS: Final = 20
YEARLY_TERMS: Final = 3
SPREAD: Final = 0.10
"""Relative, uniform, on every coefficient of every node."""
RANDOM_SD: Final = 0.33
WEEK_H: Final = 168.0
YEAR_H: Final = 8766.0

_WEEKDAY: Final = (
    0.45, 0.36, 0.32, 0.31, 0.36, 0.58, 1.05, 1.52, 1.62, 1.34, 1.12, 1.06,
    1.10, 1.04, 0.96, 0.95, 1.03, 1.24, 1.46, 1.55, 1.42, 1.17, 0.88, 0.61,
)  # fmt: skip
_WEEKEND: Final = (
    0.53, 0.42, 0.35, 0.32, 0.33, 0.42, 0.66, 1.03, 1.42, 1.60, 1.56, 1.42,
    1.34, 1.24, 1.13, 1.08, 1.12, 1.26, 1.42, 1.46, 1.34, 1.13, 0.90, 0.66,
)  # fmt: skip
_YEARLY: Final = ((0.06, 200.0), (0.02, 30.0), (0.01, 120.0))
"""Amplitude and day of the peak: more in summer."""

Demand = Callable[[float], Floats]
"""Scenario second -> demand of every junction, L/s."""


@dataclass(frozen=True)
class Weeks:
    """Everybody's week and year: Fourier coefficients, one row per node."""

    orders: Floats
    """(terms,) cycles a week."""
    weekly: NDArray[np.complex128]
    """(nodes, terms)"""
    yearly: Floats
    """(nodes, 3) amplitudes."""

    def factor(self, hour_of_week: float, hour_of_year: float) -> Floats:
        """(Cw + 1)(Cy + 1) of every node."""
        turn = np.exp(2j * np.pi * self.orders * hour_of_week / WEEK_H)
        week = 1.0 + np.real(self.weekly @ turn)
        days = np.array([day for _, day in _YEARLY])
        cycles = np.arange(1, YEARLY_TERMS + 1)
        year = np.cos(2.0 * np.pi * cycles * (hour_of_year - 24.0 * days) / YEAR_H)
        return np.asarray(np.maximum(week, 0.0) * (1.0 + self.yearly @ year))


def weeks_of(nodes: int, *, seed: int) -> Weeks:
    """Each node's own week, near the common one."""
    rng = np.random.default_rng([seed, 0x0EE5])
    orders, common = _common_week()
    shape = (nodes, WEEKLY_TERMS)
    cosine = common.real * (1.0 + rng.uniform(-SPREAD, SPREAD, shape))
    sine = common.imag * (1.0 + rng.uniform(-SPREAD, SPREAD, shape))
    amplitudes = np.array([amplitude for amplitude, _ in _YEARLY])
    yearly = amplitudes * (1.0 + rng.uniform(-SPREAD, SPREAD, (nodes, YEARLY_TERMS)))
    return Weeks(orders, cosine + 1j * sine, np.asarray(yearly))


def _common_week() -> tuple[Floats, NDArray[np.complex128]]:
    """The strongest 20 terms of the made-up week, and how often each turns in a week."""
    hourly = np.array(_WEEKDAY * 5 + _WEEKEND * 2)
    terms = np.fft.rfft(hourly / hourly.mean())[1:-1] * 2.0 / hourly.size
    strongest = np.sort(np.argsort(-np.abs(terms), kind="stable")[:WEEKLY_TERMS])
    return (strongest + 1).astype(np.float64), terms[strongest]


@dataclass(frozen=True, slots=True)
class People:
    """How demand is played."""

    model: Literal["file", "leakdb"] = "file"
    """``file``: the network's own patterns, from Monday 00:00; ``leakdb``: its means, our weeks."""
    random_sd: float = RANDOM_SD
    """Of the random part of every node and step; 0 plays no chance at all."""


def demand_of(
    draws: Draws,
    people: People,
    *,
    seed: int,
    step_s: int,
    hour_of_week: float,
    hour_of_year: float = 0.0,
) -> Demand:
    """The demand of a play whose second 0 stands at these hours.

    The random part of a step depends on the seed and the step's number, so two plays that differ
    only in what goes wrong draw the same water.
    """
    count = len(draws.junctions)
    mean = draws.mean_ls()
    weeks = weeks_of(count, seed=seed) if people.model == "leakdb" else None

    def at(time_s: float) -> Floats:
        if weeks is None:
            wanted = draws.at(3600.0 * hour_of_week + time_s)
        else:
            hours = time_s / 3600.0
            wanted = mean * weeks.factor(hour_of_week + hours, hour_of_year + hours)
        if people.random_sd > 0.0:
            rng = np.random.default_rng([seed, 0xD12A, int(time_s // step_s)])
            chance = 1.0 + people.random_sd * rng.standard_normal(count)
            wanted = wanted * np.maximum(chance, 0.0)
        return wanted

    return at
