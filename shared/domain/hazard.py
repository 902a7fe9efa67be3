"""What can go wrong at an asset. An incident is about one asset and one hazard."""

from __future__ import annotations

from enum import StrEnum


class Hazard(StrEnum):
    """Bounded on purpose: each member is a routing key, a metric label and a column."""

    FIRE = "fire"
    """Heat, smoke or combustion gas in a building."""
    GAS = "gas"
    """Explosive or toxic gas, or air that cannot be breathed, in an underground space."""
    WATER = "water"
    """A supply network that loses pressure or water."""
    FIRE_WATER = "fire-water"
    """A building's fire main that could not feed a hose."""
    FLOOD = "flood"
    """Water where there should be none."""
    MACHINE = "machine"
    """A pump, fan or valve that no longer behaves like itself."""
