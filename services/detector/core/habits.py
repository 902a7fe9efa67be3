"""How finely a baseline may look at each quantity, and whether its surprise is an alarm.

A floor is the smallest scale a score is measured in: sensor noise and resolution, with room for
what a quiet day brings. Surprise is an alarm from eight scales on, so a floor of 0.5 K means that
less than 4 K away from its habits no thermometer is ever surprising.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.domain.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Habit:
    floor: float
    """Smallest scale, in the canonical unit."""
    share: float
    """Smallest scale as a share of the level."""
    speaks: bool
    """False where normal life steps and jumps: rain, a sump, a switch."""


HABITS: Final[dict[Quantity, Habit]] = {
    Quantity.CH4: Habit(0.02, 0.0, speaks=True),
    Quantity.CO: Habit(2.0, 0.0, speaks=True),
    Quantity.CO2: Habit(100.0, 0.0, speaks=False),
    Quantity.H2S: Habit(0.4, 0.0, speaks=True),
    Quantity.O2: Habit(0.1, 0.0, speaks=True),
    Quantity.SMOKE: Habit(0.01, 0.0, speaks=True),
    Quantity.TEMPERATURE: Habit(0.5, 0.0, speaks=True),
    Quantity.HUMIDITY: Habit(3.0, 0.0, speaks=False),
    Quantity.WATER_PRESSURE: Habit(0.004, 0.01, speaks=True),
    Quantity.FIRE_WATER_PRESSURE: Habit(0.004, 0.01, speaks=True),
    Quantity.FLOW: Habit(0.02, 0.03, speaks=True),
    Quantity.WATER_LEVEL: Habit(0.05, 0.0, speaks=False),
    Quantity.RAIN: Habit(1.0, 0.0, speaks=False),
    Quantity.RUNNING: Habit(0.5, 0.0, speaks=False),
    Quantity.VIBRATION: Habit(0.0005, 0.03, speaks=True),
    Quantity.CURRENT: Habit(0.05, 0.02, speaks=True),
    Quantity.VOLTAGE: Habit(3.0, 0.01, speaks=True),
}
