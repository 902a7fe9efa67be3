"""Faults of the measuring itself: the value is wrong, and nothing else.

Amounts are in the quantity's canonical unit. Where a scenario gives none, the default is the
middle of what is usual in the field for the quantity.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from shared.domain.quantity import Quantity, to_canonical, units_of
from simulators.channels import Channel, Floats, Lie, Stretch
from simulators.faults.common import Fault, put

MONTH_S: Final = 30 * 86_400.0
OPEN_LOOP: Final = 0.25
"""A 4-20 mA loop without current reads a quarter of its span below its lowest value."""

BIAS: Final[dict[Quantity, float]] = {
    Quantity.CH4: 0.25,  # 5 % of the explosive limit
    Quantity.H2S: 2.0,
    Quantity.SMOKE: 0.03,
    Quantity.TEMPERATURE: 1.5,
    Quantity.WATER_LEVEL: 0.05,
    Quantity.O2: 0.5,
    Quantity.CO: 10.0,  # an electrochemical cell's zero may be off by 15 ppm and still be to plate
    Quantity.WATER_PRESSURE: 0.01,  # a metre of wrong elevation
    Quantity.FIRE_WATER_PRESSURE: 0.01,
}
BIAS_SHARE: Final = 0.03
"""Of full scale, for every other quantity; 1 to 10 % is usual."""
DRIFT_PER_MONTH: Final[dict[Quantity, float]] = {
    Quantity.CH4: 0.15,  # a catalytic bead's zero: 1 to 5 % of the explosive limit
    Quantity.O2: -0.1,
    Quantity.SMOKE: 0.02,  # dust in the chamber: 0.001 to 0.003 1/m
    Quantity.TEMPERATURE: 0.3,
    Quantity.WATER_LEVEL: 0.01,
    Quantity.WATER_PRESSURE: 0.001,
    Quantity.FIRE_WATER_PRESSURE: 0.001,
}
DRIFT_SHARE: Final = 0.01
"""Of full scale in a month, for a quantity that has neither."""
GAIN_PER_MONTH: Final[dict[Quantity, float]] = {Quantity.CO: -0.02, Quantity.H2S: -0.02}
STEPS: Final[dict[Quantity, float]] = {
    Quantity.CH4: 0.05,  # 1 % of the explosive limit
    Quantity.CO: 1.0,
    Quantity.H2S: 1.0,
    Quantity.O2: 0.1,
    Quantity.SMOKE: 0.05,
    Quantity.TEMPERATURE: 1.0,
    Quantity.WATER_LEVEL: 0.05,
    Quantity.WATER_PRESSURE: 0.001,
    Quantity.FIRE_WATER_PRESSURE: 0.01,
}
FULL_AT: Final[dict[Quantity, float]] = {Quantity.CH4: 5.0}
"""Where a coarse device stops counting: 100 % of the explosive limit."""


class Stuck(Fault):
    """Shows one value whatever happens: the last one, nothing, full scale, or a given one."""

    kind: Literal["stuck"]
    at: Literal["last", "zero", "full"] | float = "last"

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        held: list[float] = []
        if not isinstance(self.at, str):
            held = [self.at]
        elif self.at != "last":
            held = [channel.high if self.at == "full" else max(0.0, channel.low)]

        def hold(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            if not active.any():
                before = stretch.values[stretch.times_s < self.from_s]
                if self.at == "last" and before.size:
                    held[:] = [float(before[-1])]
                return
            first = int(np.argmax(active))
            if self.at == "last" and (first > 0 or not held):
                held[:] = [float(stretch.values[max(0, first - 1)])]
            stretch.values = np.where(active, held[0], stretch.values)

        return hold


class Rail(Fault):
    """A current loop that is broken or shorted, or a device that sends no number."""

    kind: Literal["rail"]
    shows: Literal["open", "short", "nan"] = "open"

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        span = channel.high - channel.low
        value = {
            "open": channel.low - OPEN_LOOP * span,
            "short": channel.high,
            "nan": float("nan"),
        }[self.shows]

        def break_off(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            stretch.values = np.where(active, value, stretch.values)

        return break_off


class Bias(Fault):
    """Everything it shows is too high by the same amount, or too low."""

    kind: Literal["bias"]
    by: float | None = None
    """Left out: what is usual for the quantity."""

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        quantity = channel.sensor.quantity
        usual = BIAS.get(quantity, BIAS_SHARE * (channel.high - channel.low))
        by = usual if self.by is None else self.by

        def shift(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            put(channel, stretch, active, stretch.values + by)

        return shift


class Drift(Fault):
    """Grows wrong slowly: a zero that wanders, a cell that loses its sense."""

    kind: Literal["drift"]
    per_month: float | None = None
    gain_per_month: float | None = None
    """Share of its sense gained, or lost if negative; neither given: what is usual."""
    walk: float = Field(default=0.0, ge=0)
    """Deviation a random walk gains in a month, on top."""
    times: float = Field(default=1.0, gt=0)
    """How much faster than in the field, for scenarios shorter than months."""

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        quantity = channel.sensor.quantity
        given = self.per_month is not None or self.gain_per_month is not None
        zero, gain = self.per_month or 0.0, self.gain_per_month or 0.0
        if not given:
            gain = GAIN_PER_MONTH.get(quantity, 0.0)
            other = 0.0 if gain else DRIFT_SHARE * (channel.high - channel.low)
            zero = DRIFT_PER_MONTH.get(quantity, other)
        walked = [0.0]
        step = self.walk * np.sqrt(channel.interval_s * self.times / MONTH_S)

        def drift(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            months = self.times * np.maximum(stretch.times_s - self.from_s, 0.0) / MONTH_S
            strides = np.where(active, step * rng.standard_normal(active.size), 0.0)
            away = walked[0] + np.cumsum(strides)
            walked[0] = float(away[-1]) if away.size else walked[0]
            sense = np.maximum(1.0 + gain * months, 0.0)
            put(channel, stretch, active, stretch.values * sense + zero * months + away)

        return drift


class GainLoss(Fault):
    """A poisoned cell: it shows ever less of what is there, and says nothing about it."""

    kind: Literal["gain-loss"]
    left: float = Field(default=0.1, ge=0, le=1)
    """Of its sense, in the end; silicone takes 90 % from a catalytic bead."""
    over_s: float = Field(default=1200.0, gt=0)

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def fade(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            gone = np.clip((stretch.times_s - self.from_s) / self.over_s, 0.0, 1.0)
            put(channel, stretch, active, stretch.values * (1.0 - (1.0 - self.left) * gone))

        return fade


class Spike(Fault):
    """Single wild readings, or the settling of a device that was just switched on."""

    kind: Literal["spike"]
    chance: float = Field(default=5e-4, ge=0, le=1)
    """For each reading to begin a spike."""
    sigmas: tuple[float, float] = (5.0, 50.0)
    """Least and greatest height, in deviations of an honest reading."""
    samples_max: int = Field(default=3, ge=1, le=100)
    sign: Literal["up", "down", "both"] = "both"
    power_up_s: float = Field(default=0.0, ge=0)
    """How long the device settles from its greatest height after ``from_s``; 1 to 10 minutes."""

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        least, greatest = self.sigmas
        sigma = channel.noise or 0.001 * (channel.high - channel.low)

        def spike(stretch: Stretch) -> None:
            drawn = rng.random((stretch.times_s.size, 4))
            active = stretch.during(self.from_s, self.until_s)
            height = sigma * (least + (greatest - least) * drawn[:, 1])
            turn = {"up": 1.0, "down": -1.0}.get(self.sign)
            signed = height * (np.where(drawn[:, 2] < 0.5, -1.0, 1.0) if turn is None else turn)
            added = np.zeros_like(stretch.values)
            for start in np.flatnonzero(active & (drawn[:, 0] < self.chance)):
                length = 1 + int(drawn[start, 3] * self.samples_max)
                added[start : start + length] = signed[start]
            if self.power_up_s:
                age = (stretch.times_s - self.from_s) / self.power_up_s
                settling = np.where((age >= 0) & (age < 1), np.exp(-4.0 * np.abs(age)), 0.0)
                added += (turn or 1.0) * greatest * sigma * settling
            put(channel, stretch, active, stretch.values + added)

        return spike


class Noise(Fault):
    """Shows the right value, shaken: interference, or a battery near its end."""

    kind: Literal["noise"]
    times: float = Field(default=5.0, ge=1)
    """Deviation over that of an honest reading; 3 to 10 is usual."""

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        more = channel.noise * np.sqrt(self.times**2 - 1.0)

        def shake(stretch: Stretch) -> None:
            shaken = stretch.values + more * rng.standard_normal(stretch.values.size)
            put(channel, stretch, stretch.during(self.from_s, self.until_s), shaken)

        return shake


class Coarse(Fault):
    """Shows only whole steps, and nothing above its own full scale."""

    kind: Literal["coarse"]
    step: float | None = Field(default=None, gt=0)
    """Left out: what a coarse device of the quantity shows."""
    most: float | None = None

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        quantity = channel.sensor.quantity
        step = self.step or STEPS.get(quantity, 0.01 * (channel.high - channel.low))
        most = FULL_AT.get(quantity, channel.high) if self.most is None else self.most

        def round_off(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            whole = np.minimum(np.round(stretch.values / step) * step, most)
            put(channel, stretch, active, whole)

        return round_off


class UnitSlip(Fault):
    """Speaks another unit than the registry believes: ten times too much, or kPa for MPa."""

    kind: Literal["unit-slip"]
    times: float = 10.0
    reads: str | None = None
    """The unit it really speaks, in place of ``times``."""

    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        def slip(stretch: Stretch) -> None:
            active = stretch.during(self.from_s, self.until_s)
            stretch.values = np.where(active, self._said(channel, stretch.values), stretch.values)

        return slip

    def _said(self, channel: Channel, values: Floats) -> Floats:
        if self.reads is None:
            return values * self.times
        quantity, believed = channel.sensor.quantity, channel.sensor.unit
        zero, one = (to_canonical(quantity, self.reads, number) for number in (0.0, 1.0))
        said = (values - zero) / (one - zero)
        zero, one = (to_canonical(quantity, believed, number) for number in (0.0, 1.0))
        return zero + said * (one - zero)

    def fits(self) -> frozenset[Quantity]:
        if self.reads is None:
            return frozenset(Quantity)
        return frozenset(quantity for quantity in Quantity if self.reads in units_of(quantity))
