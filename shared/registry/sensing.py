"""What a sensor must be in itself: a unit its quantity has, a range, an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from shared.config.complaint import did_you_mean, shown
from shared.domain.quantity import Quantity, units_of
from shared.domain.sensor import Sensor

UNITS: Final = {quantity: units_of(quantity) for quantity in Quantity}
INTERVAL_S_MAX: Final = 31 * 86_400.0
"""A sensor that is heard less than once a month tells nothing in time."""


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    what: str
    mend: str


def sensor_faults(sensor: Sensor) -> list[Fault]:
    """What is wrong with a sensor, looking at nothing else; nan stands for a missing number."""
    faults = []
    units = UNITS[sensor.quantity]
    if sensor.unit not in units:
        mend = did_you_mean(sensor.unit, units, otherwise=f"use one of {', '.join(units)}")
        what = f"unit {shown(sensor.unit)} is no unit of {sensor.quantity}"
        faults.append(Fault("unit", what, mend))
    if sensor.low >= sensor.high:
        what = f"low {sensor.low:g} is not below high {sensor.high:g}"
        faults.append(Fault("low", what, "swap or widen them"))
    if sensor.interval_s <= 0:
        what = f"interval_s {sensor.interval_s:g} is not above 0"
        faults.append(Fault("interval_s", what, "give the seconds between two readings"))
    elif sensor.interval_s > INTERVAL_S_MAX:
        what = f"interval_s {sensor.interval_s:g} is longer than a month"
        faults.append(Fault("interval_s", what, "give the seconds between two readings"))
    if any(math.isinf(x) for x in (sensor.interval_s, sensor.low, sensor.high)):
        faults.append(Fault("high", "a number is infinite", "write it in digits"))
    return faults
