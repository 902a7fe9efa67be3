"""What all sensors of a city share at one moment: the hour's cosines, demand, pumps starting.

Every value that comes from a cosine, a power or an exponential is rounded to nine decimals before
it is used: the mathematics libraries of two machines may differ in the last bit, the bytes that
devices show may not.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from shared.domain.quantity import Quantity
from simulators.generator.devices import DEVICES
from simulators.habits import habit_of
from simulators.physics.gas import pumping_pulse
from simulators.physics.water import demand_factor

PULSE_S: Final = 1800
"""From one start of a pump upstream of a sewer to the next."""
HEAD_LOSS_POWER: Final = 1.852
"""Of the flow, after Hazen-Williams."""
_DECIMALS: Final = 9

DEMAND, LOSS = "demand", "loss"
"""Rhythms of a water network: its flow, and what friction takes from its pressure."""


def rhythm_of(number: int) -> str | float:
    """What moves a device: demand, friction, or a cosine that peaks at an hour of the day."""
    device = DEVICES[number]
    if device.key in {"main", "main-kpa", "inlet"}:
        return LOSS
    if device.quantity is Quantity.FLOW and device.key.startswith("meter"):
        return DEMAND
    return habit_of(device.kind, device.quantity).peak_hour


class Rhythms:
    """The shared part of every device's value at a moment of the city's week."""

    def __init__(self, start: datetime, timezone: str) -> None:
        local = start.astimezone(ZoneInfo(timezone))
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        self._start_ms = (local.weekday() * 86_400 + seconds) * 1000 + local.microsecond // 1000
        self._of_device = [rhythm_of(number) for number in range(len(DEVICES))]
        self._kinds = sorted(set(self._of_device), key=str)
        self._place = np.array([self._kinds.index(one) for one in self._of_device])
        fading = pumping_pulse(np.arange(PULSE_S), every_s=float(PULSE_S))
        self._pulse = np.round(fading, _DECIMALS)
        self._newest: tuple[int, NDArray[np.float64]] | None = None

    def at(self, time_ms: int) -> NDArray[np.float64]:
        """By device number, at scenario milliseconds."""
        if self._newest is not None and self._newest[0] == time_ms:
            return self._newest[1]
        hour = (self._start_ms + time_ms) / 3_600_000.0
        demand = round(float(demand_factor(np.array([hour]))[0]), _DECIMALS)
        found = [_value(kind, hour, demand) for kind in self._kinds]
        self._newest = time_ms, np.asarray(np.array(found)[self._place])
        return self._newest[1]

    def pulse(self, time_ms: int, shift_s: NDArray[np.int64]) -> NDArray[np.float64]:
        """1 when a pump upstream starts, fading until the next start; each pump has its shift."""
        since = (self._start_ms + time_ms) // 1000 + shift_s
        return np.asarray(self._pulse[since % PULSE_S])


def _value(kind: str | float, hour: float, demand: float) -> float:
    if isinstance(kind, float):
        return round(math.cos(2.0 * math.pi * (hour - kind) / 24.0), _DECIMALS)
    return demand if kind == DEMAND else round(demand**HEAD_LOSS_POWER, _DECIMALS)
