"""What a limit is, and which hazard a sensor's trouble belongs to.

A limit stands alone: it has its own raise value, its own clear value, its own patience both ways,
and the place it was taken from. Everything is in the quantity's canonical unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity


class Sense(StrEnum):
    ABOVE = "above"
    """Crossed at ``value >= raises_at``."""
    BELOW = "below"
    """Crossed at ``value < raises_at``."""
    RISE = "rise"
    """Crossed when the value rose by at least ``raises_at`` within ``window_s``."""
    FALL = "fall"
    """Crossed when the value fell by at least ``raises_at`` within ``window_s``."""

    @property
    def is_rate(self) -> bool:
        return self in (Sense.RISE, Sense.FALL)


class Confidence(StrEnum):
    """How sure we are of a limit's source."""

    SEEN = "seen"
    SECOND_HAND = "second-hand"
    MEMORY = "memory"
    PROPOSAL = "proposal"
    """Our own band; no standard names the figure."""


class Family(StrEnum):
    """Assets that share limits and hazards."""

    BUILDING = "building"
    UNDERGROUND = "underground"
    SEWER = "sewer"
    """Underground too, but water belongs there."""
    NETWORK = "network"
    RISER = "riser"
    TALL_RISER = "tall-riser"
    """A riser of a building above 100 m."""
    PUMP = "pump"


@dataclass(frozen=True, slots=True)
class Limit:
    level: Level
    sense: Sense
    raises_at: float
    clears_at: float
    """Recovered strictly beyond this, on the healthy side."""
    on_after_s: float
    """Event time the crossing must last; 0 lets a single reading decide."""
    off_after_s: float
    """Event time the recovery must last."""
    source: str
    confidence: Confidence
    window_s: float = 0.0
    """Of a rate; 0 for the rest."""


TALL_M: Final = 100.0
_FAMILIES: Final = {
    AssetKind.FLOOR: Family.BUILDING,
    AssetKind.SHAFT: Family.BUILDING,
    AssetKind.TUNNEL_SECTION: Family.UNDERGROUND,
    AssetKind.CHAMBER: Family.UNDERGROUND,
    AssetKind.SEWER_WELL: Family.SEWER,
    AssetKind.PIPE_NODE: Family.NETWORK,
    AssetKind.PIPE: Family.NETWORK,
    AssetKind.RISER: Family.RISER,
    AssetKind.PUMP: Family.PUMP,
}


def family_of(kind: AssetKind, height_m: float | None) -> Family:
    """The family of an asset; a riser's depends on the height of its building."""
    family = _FAMILIES[kind]
    if family is Family.RISER and height_m is not None and height_m > TALL_M:
        return Family.TALL_RISER
    return family


_IN_AIR: Final = {
    Quantity.CH4: Hazard.GAS,
    Quantity.H2S: Hazard.GAS,
    Quantity.O2: Hazard.GAS,
    Quantity.SMOKE: Hazard.FIRE,
    Quantity.WATER_LEVEL: Hazard.FLOOD,
    Quantity.RAIN: Hazard.FLOOD,
    Quantity.WATER_PRESSURE: Hazard.WATER,
    Quantity.FLOW: Hazard.WATER,
    Quantity.FIRE_WATER_PRESSURE: Hazard.FIRE_WATER,
    Quantity.VIBRATION: Hazard.MACHINE,
    Quantity.CURRENT: Hazard.MACHINE,
    Quantity.VOLTAGE: Hazard.MACHINE,
}
_MIXED: Final = (Quantity.TEMPERATURE, Quantity.CO, Quantity.CO2, Quantity.HUMIDITY)
_MIXED_HAZARD: Final = {
    Family.BUILDING: Hazard.FIRE,
    Family.UNDERGROUND: Hazard.GAS,
    Family.SEWER: Hazard.GAS,
    Family.NETWORK: Hazard.WATER,
    Family.RISER: Hazard.FIRE,
    Family.TALL_RISER: Hazard.FIRE,
    Family.PUMP: Hazard.MACHINE,
}
_RISER_WATER: Final = (Quantity.WATER_PRESSURE, Quantity.FLOW, Quantity.FIRE_WATER_PRESSURE)


def hazard_of(family: Family, quantity: Quantity) -> Hazard | None:
    """What trouble of this sensor means; None for one that only informs rules (a running fan)."""
    if quantity is Quantity.RUNNING:
        return None
    if family is Family.PUMP:
        return Hazard.MACHINE
    if family in (Family.RISER, Family.TALL_RISER) and quantity in _RISER_WATER:
        return Hazard.FIRE_WATER
    if quantity in _MIXED:
        return _MIXED_HAZARD[family]
    return _IN_AIR[quantity]
