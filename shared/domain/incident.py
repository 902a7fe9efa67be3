"""What people work on: one hazard at one asset, from the first event to a person's closing word.

An incident carries everything its escalation needs to go on: which ladder it climbs, how far it
got and when the next step is due. So a restart forgets nothing, and the engine needs no memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.hazard import Hazard
from shared.domain.level import Level


class Phase(StrEnum):
    CALLING = "calling"
    """Nobody has it in hand yet; the ladder climbs."""
    UNANSWERED = "unanswered"
    """Everybody on the ladder was called and nobody answered; the top step is called again."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody has it in hand."""
    RETURNED = "returned"
    """The data say it is over; a person has still to look and close it."""
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """Why a person closed it."""

    FIXED = "fixed"
    FALSE_ALARM = "false-alarm"
    DRILL = "drill"
    NO_ACTION = "no-action"


class Why(StrEnum):
    """What a message to a person is about."""

    OPENED = "opened"
    RAISED = "raised"
    """The level rose above what was known."""
    REOPENED = "reopened"
    CLIMBED = "climbed"
    """Those called before did not answer."""
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    RESOLVED = "resolved"

    @property
    def asks(self) -> bool:
        """True for a call that wants an answer, False for a message that stands people down."""
        return self not in {Why.ACKNOWLEDGED, Why.RETURNED, Why.RESOLVED}


class Receipt(StrEnum):
    """How far a notification got; each member is a column value and a label."""

    OWED = "owed"
    SENT = "sent"
    """The channel has taken it; whether a person saw it is another matter."""
    WRITTEN_OFF = "written-off"
    WITHDRAWN = "withdrawn"
    """No longer worth sending: the question was answered before the message left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: str
    run: str
    """Empty for the real city; the name of the drill, demo or replay otherwise."""
    site: str
    asset: str
    hazard: Hazard
    phase: Phase
    level: Level
    """What the newest event says; on a clear, the level that ended."""
    worst_level: Level
    present: bool
    """The data still show the hazard."""
    verified: bool
    """False while the data that would show it are gone."""
    opened_at: datetime
    changed_at: datetime
    decided_at: datetime
    """Event time of the newest event."""
    sentence: dict[str, str]
    version: int
    """Counts every change, from 1."""
    round: int
    """Counts the ladders begun: at the opening, at each rise and at each re-opening."""
    round_level: Level
    """The level whose ladder is climbed."""
    round_version: int
    """The version at which this round began; whoever acts on an older one has not seen it."""
    round_why: Why
    called: int
    """Steps of this round's ladder that were called."""
    reminders: int = 0
    """Times the top step was due again in this round."""
    next_deadline: datetime | None = None
    """When the ladder moves by itself; None when it waits for people or data."""
    spark: tuple[float, ...] = ()
    """Newest values of the deciding sensor, canonical unit, oldest first."""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_level: Level | None = None
    """The level the acknowledgement stands for; a rise above it calls again."""
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    previous: str | None = None
    """The resolved incident of the same asset and hazard that this one follows."""

    @property
    def open(self) -> bool:
        return self.phase is not Phase.RESOLVED

    @property
    def exercise(self) -> bool:
        return self.run != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to one person on one channel, and how far it got."""

    key: str
    """Made from what it says, so that owing it twice is owing it once."""
    incident: str
    run: str
    why: Why
    level: Level
    round: int
    step: int
    reminder: int = 0
    """Which reminder of the step it is; 0 is the step's own call."""
    person: str
    name: str
    team: str
    channel: str
    target: str
    text: dict[str, str]
    """By language: ``en``, ``zh``."""
    language: str
    owed_at: datetime
    deadline: datetime
    """After this it is not worth sending and is written off."""
    state: Receipt = Receipt.OWED
    attempts: int = 0
    settled_at: datetime | None = None
    because: str = ""
    """Why it was postponed or written off, newest reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of an incident's story."""

    at: datetime
    kind: str
    by: str
    """A person's name, or ``tocsin``."""
    text: dict[str, str] = field(default_factory=dict)
