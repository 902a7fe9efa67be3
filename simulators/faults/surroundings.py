"""Honest sensors that show something true, and harmless: a test, a flush, damp, the weather."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.quantity import Quantity
from simulators.channels import Channel, Lie, Stretch
from simulators.faults.common import Fault, put

LN10: Final = float(np.log(10.0))
DAY_S: Final = 86_400.0
TEST_MIX: Final[dict[Quantity, float]] = {
    Quantity.CH4: 2.5,  # half of the explosive limit
    Quantity.CO: 100.0,
    Quantity.H2S: 25.0,
    Quantity.O2: 18.0,
    Quantity.SMOKE: 1.0,  # a puff from a can, without heat and without CO
}
"""What a cylinder for bump tests holds, and an aerosol can sprays."""
FILM: Final[dict[Quantity, float]] = {
    Quantity.CH4: 0.3,
    Quantity.CO2: 3000.0,
    Quantity.SMOKE: 0.08,
}


class BumpTest(Fault):
    """Somebody holds test gas to every gas sensor of a node in the same second."""

    kind: Literal["bump-test"]
    lasts_s: float = Field(default=60.0, gt=0)
    """Of the gas; 30 to 120 s, smoke aerosol 10 to 30 s."""
    t90_s: float = Field(default=30.0, gt=0)
    every_s: float | None = Field(default=None, gt=0)
    """Left out: once."""

    together = True

    def fits(self) -> frozenset[Quantity]:
        return frozenset(TEST_MIX)

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        mix, rate = TEST_MIX[channel.sensor.quantity], LN10 / self.t90_s

        def test(stretch: Stretch) -> None:
            age = stretch.times_s - self.from_s
            if self.every_s is not None:
                age = np.where(age >= 0, np.mod(age, self.every_s), age)
            rising = 1.0 - np.exp(-rate * np.clip(age, 0.0, self.lasts_s))
            share = rising * np.exp(-rate * np.maximum(age - self.lasts_s, 0.0))
            active = stretch.during(self.from_s, self.until_s) & (share > 1e-3)
            put(channel, stretch, active, stretch.values + (mix - stretch.values) * share)

        return test


class Flushing(Fault):
    """Hydrants are flushed: pressure dips for half an hour to two, and nothing is broken."""

    kind: Literal["flushing"]
    share: float = Field(default=0.1, gt=0, lt=1)
    """Of the pressure lost; 5 to 20 % is usual."""
    edge_s: float = Field(default=60.0, gt=0)

    together = True

    def fits(self) -> frozenset[Quantity]:
        return frozenset({Quantity.WATER_PRESSURE, Quantity.FIRE_WATER_PRESSURE})

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        until_s = np.inf if self.until_s is None else self.until_s

        def dip(stretch: Stretch) -> None:
            opened = np.clip((stretch.times_s - self.from_s) / self.edge_s, 0.0, 1.0)
            shut = np.clip((until_s - stretch.times_s) / self.edge_s, 0.0, 1.0)
            active = stretch.during(self.from_s, self.until_s)
            dipped = stretch.values * (1.0 - self.share * np.minimum(opened, shut))
            put(channel, stretch, active, dipped)

        return dip


class HumidityFilm(Fault):
    """Water condenses on the optics: an offset at once, drying off over hours."""

    kind: Literal["humidity-film"]
    by: float | None = None
    """Left out: what is usual, 0.3 %vol for methane; 0.1 to 0.5 is seen."""
    dries_s: float = Field(default=7200.0, gt=0)
    onset_s: float = Field(default=300.0, gt=0)

    def fits(self) -> frozenset[Quantity]:
        return frozenset(FILM)

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        by = FILM[channel.sensor.quantity] if self.by is None else self.by

        def film(stretch: Stretch) -> None:
            age = np.maximum(stretch.times_s - self.from_s, 0.0)
            wet = np.minimum(age / self.onset_s, 1.0)
            drying = np.exp(-np.maximum(age - self.onset_s, 0.0) / self.dries_s)
            active = stretch.during(self.from_s, self.until_s)
            put(channel, stretch, active, stretch.values + by * wet * drying)

        return film


class Barometer(Fault):
    """An oxygen cell answers to partial pressure, so it follows the weather."""

    kind: Literal["barometer"]
    share: float = Field(default=0.03, gt=0, lt=0.2)
    """Of the reading, at the top and the bottom of the swing."""
    period_s: float = Field(default=4 * DAY_S, gt=0)
    """From one high to the next."""

    together = True

    def fits(self) -> frozenset[Quantity]:
        return frozenset({Quantity.O2})

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def weather(stretch: Stretch) -> None:
            turn = 2.0 * np.pi * (stretch.times_s - self.from_s) / self.period_s
            active = stretch.during(self.from_s, self.until_s)
            put(channel, stretch, active, stretch.values * (1.0 - self.share * np.sin(turn)))

        return weather
