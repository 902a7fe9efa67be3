"""A sensor hangs on one asset and measures one quantity."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Sensor:
    id: str
    asset: str
    quantity: Quantity
    unit: str
    """The unit its device speaks; one of ``units_of(quantity)``."""
    interval_s: float
    """How often it should be heard; silence is measured in multiples of it."""
    low: float
    """Lowest value the device can show, in ``unit``; what lies below is refused."""
    high: float
    """Highest value the device can show, in ``unit``."""
    name: str = ""
