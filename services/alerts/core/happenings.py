"""What may happen to an incident, and what should be done because of it. Both are plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from shared.domain.event import EventKind, RiskEvent
from shared.domain.incident import Resolution, Why
from shared.domain.level import Level
from shared.domain.place import AreaKind


@dataclass(frozen=True, slots=True)
class Shown:
    """The data show the hazard: it was raised or its level changed."""

    event: RiskEvent


@dataclass(frozen=True, slots=True)
class Cleared:
    """The data show that it is over."""

    event: RiskEvent


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """The data that would show it are gone."""

    event: RiskEvent


@dataclass(frozen=True, slots=True)
class TimePassed:
    pass


@dataclass(frozen=True, slots=True)
class Acknowledged:
    by: str
    note: str = ""
    version: int | None = None
    """The version of the incident this person saw; None takes their word for the newest."""


@dataclass(frozen=True, slots=True)
class Resolved:
    by: str
    reason: Resolution
    note: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A call was written off and there is no other way to that person."""

    round: int
    step: int
    name: str
    because: str
    step_lost: bool
    """Nobody of this step was reached or can be any more."""


Happening: TypeAlias = (
    Shown | Cleared | Unverifiable | TimePassed | Acknowledged | Resolved | DeliveryFailed
)


@dataclass(frozen=True, slots=True)
class Notify:
    """Call the owners at these heights of the area tree."""

    round: int
    step: int
    areas: tuple[AreaKind, ...]
    level: Level
    why: Why
    whole_team: bool = False
    reminder: int = 0
    """Which reminder of the top step this is; 0 is the step's own call."""


@dataclass(frozen=True, slots=True)
class StandDown:
    """Tell those who were called that they need not come, and call nobody who is still owed."""

    why: Why
    by: str = ""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Everybody on the ladder was called and nobody answered."""

    round: int


Effect: TypeAlias = Notify | StandDown | Exhausted

_KINDS: dict[EventKind, type[Shown | Cleared | Unverifiable]] = {
    EventKind.RAISED: Shown,
    EventKind.CHANGED: Shown,
    EventKind.CLEARED: Cleared,
    EventKind.UNVERIFIABLE: Unverifiable,
}


def arrived(event: RiskEvent) -> Shown | Cleared | Unverifiable:
    """The happening an event on the bus is."""
    return _KINDS[event.kind](event)
