"""What sensors measure, each in one canonical unit, and how device units become it.

Inside Tocsin a value has no unit beside it: its quantity says which one it is in. Devices may
speak another; ``to_canonical`` is the only place where units are converted.

Bridges: CO 1 mg/m3 = 0.87 ppm and H2S 1 mg/m3 = 0.72 ppm at 25 degC and 101.325 kPa; the lower
explosive limit of CH4 is taken as 5 % vol (GB/T 50493, NFPA), not IEC 60079-20-1's 4.4 % vol;
optical density per metre D relates to attenuation by m[dB/m] = 10 D.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Quantity(StrEnum):
    """A measured quantity; its canonical unit is ``CANONICAL_UNIT[quantity]``."""

    CH4 = "ch4"
    CO = "co"
    CO2 = "co2"
    H2S = "h2s"
    O2 = "o2"
    SMOKE = "smoke"
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    WATER_PRESSURE = "water-pressure"
    FIRE_WATER_PRESSURE = "fire-water-pressure"
    FLOW = "flow"
    WATER_LEVEL = "water-level"
    RAIN = "rain"
    RUNNING = "running"
    VIBRATION = "vibration"
    CURRENT = "current"
    VOLTAGE = "voltage"


CANONICAL_UNIT: Final[dict[Quantity, str]] = {
    Quantity.CH4: "%vol",
    Quantity.CO: "ppm",
    Quantity.CO2: "ppm",
    Quantity.H2S: "ppm",
    Quantity.O2: "%vol",
    Quantity.SMOKE: "dB/m",
    Quantity.TEMPERATURE: "degC",
    Quantity.HUMIDITY: "%RH",
    Quantity.WATER_PRESSURE: "MPa",
    Quantity.FIRE_WATER_PRESSURE: "MPa",
    Quantity.FLOW: "L/s",
    Quantity.WATER_LEVEL: "m",
    Quantity.RAIN: "mm/h",
    Quantity.RUNNING: "1",
    Quantity.VIBRATION: "g",
    Quantity.CURRENT: "A",
    Quantity.VOLTAGE: "V",
}

_PRESSURE = {"MPa": 1.0, "kPa": 1e-3, "bar": 0.1, "mH2O": 0.00980665, "Pa": 1e-6}

# quantity -> unit -> factor; temperature is the one affine case and handled apart.
_FACTORS: Final[dict[Quantity, dict[str, float]]] = {
    Quantity.CH4: {"%vol": 1.0, "%LEL": 0.05, "ppm": 1e-4},
    Quantity.CO: {"ppm": 1.0, "mg/m3": 0.87, "%vol": 1e4},
    Quantity.CO2: {"ppm": 1.0, "%vol": 1e4},
    Quantity.H2S: {"ppm": 1.0, "mg/m3": 0.72},
    Quantity.O2: {"%vol": 1.0},
    Quantity.SMOKE: {"dB/m": 1.0, "1/m": 10.0},
    Quantity.HUMIDITY: {"%RH": 1.0, "1": 100.0},
    Quantity.WATER_PRESSURE: _PRESSURE,
    Quantity.FIRE_WATER_PRESSURE: _PRESSURE,
    Quantity.FLOW: {"L/s": 1.0, "m3/h": 1 / 3.6, "L/min": 1 / 60},
    Quantity.WATER_LEVEL: {"m": 1.0, "cm": 0.01, "mm": 0.001},
    Quantity.RAIN: {"mm/h": 1.0},
    Quantity.RUNNING: {"1": 1.0},
    Quantity.VIBRATION: {"g": 1.0},
    Quantity.CURRENT: {"A": 1.0, "mA": 1e-3},
    Quantity.VOLTAGE: {"V": 1.0},
}
_TEMPERATURE: Final[dict[str, tuple[float, float]]] = {
    "degC": (1.0, 0.0),
    "K": (1.0, -273.15),
    "degF": (5 / 9, -160 / 9),
}


def units_of(quantity: Quantity) -> tuple[str, ...]:
    """Every device unit the quantity may be given in, the canonical one first."""
    table = _TEMPERATURE if quantity is Quantity.TEMPERATURE else _FACTORS[quantity]
    return tuple(table)


def to_canonical(quantity: Quantity, unit: str, value: float) -> float:
    """``value`` of ``unit`` in the quantity's canonical unit.

    Raises KeyError for a unit the quantity is never given in.
    """
    if quantity is Quantity.TEMPERATURE:
        factor, offset = _TEMPERATURE[unit]
        return value * factor + offset
    return value * _FACTORS[quantity][unit]
