"""What alerts needs of the world: a ledger that keeps promises, and channels to people.

Law 1: an incident, its events, the messages it owes, its place in the feed and the decision behind
it are saved in one transaction, or not at all.

Law 2: the order of sequences in the feed is the order in which the changes were committed, without
gaps. So a reader who has seen N has seen everything up to N.

Law 3: a message is claimed before it is sent and settled after. Whoever dies in between leaves a
claim that runs out, so the message goes out at least once and, for each death, at most twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.alerts.core.cards import Card
from shared.domain.event import RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.incident import Incident, Notification, TimelineEntry
from shared.domain.level import Level
from shared.errors import ChannelFailed


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed."""

    sequence: int
    incident: str
    at: datetime
    card: str
    """The card as JSON, exactly as it was then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about an incident, and on what grounds; goes to the decisions topic."""

    incident: str
    run: str
    at: datetime
    happening: str
    by: str
    event: str | None
    """Id of the risk event that caused it."""
    phase_before: str | None
    phase: str
    level: Level
    version: int
    effects: tuple[str, ...]
    owed: tuple[str, ...]
    """Keys of the messages it owes."""
    policy: str
    """Version of the policy it was made under."""


@dataclass(frozen=True, slots=True)
class Query:
    state: str = "open"
    """``open``, ``resolved`` or ``all``."""
    levels: tuple[Level, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    areas: frozenset[str] | None = None
    """None is everywhere."""
    run: str | None = None
    """None is every run; an empty string is the real city."""
    cursor: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Page:
    cards: Sequence[str]
    """JSON, in order."""
    cursor: str | None
    sequence: int
    """Every change up to this one is in the cards; the feed after it completes them."""


@dataclass(frozen=True, slots=True)
class Detail:
    card: str
    incident: Incident
    events: Sequence[RiskEvent]
    timeline: Sequence[TimelineEntry]
    notifications: Sequence[Notification]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the ledger stands, for probes and gauges."""

    open_by_level: Mapping[Level, int] = field(default_factory=dict)
    owed: int = 0
    without_deadline: int = 0
    """Incidents that should be called and have no deadline; never anything but 0."""
    oldest_deadline: datetime | None = None


class Work(Protocol):
    """One transaction; committed when its context ends without an error."""

    async def knows(self, run: str, event: str) -> bool: ...

    async def latest(self, run: str, asset: str, hazard: Hazard) -> Incident | None:
        """The newest incident of that run, asset and hazard, open or resolved."""

    async def incident(self, incident: str) -> Incident | None: ...

    async def told(self, incident: str) -> Sequence[Notification]:
        """Every message of the incident, oldest first."""

    async def record(
        self, event: RiskEvent, *, incident: str | None, received_at: datetime, fault: str = ""
    ) -> None: ...

    async def save(self, incident: Incident) -> None: ...

    async def owe(self, notifications: Sequence[Notification]) -> None:
        """Owing a key twice is owing it once."""

    async def withdraw(self, incident: str, *, now: datetime) -> None:
        """Calls of the incident that were not sent are owed no longer."""

    async def settle(self, notification: Notification) -> None:
        """Save its state; when still owed, it is due again at ``settled_at``."""

    async def tell(self, incident: str, entries: Sequence[TimelineEntry]) -> None: ...

    async def decide(self, decision: Decision) -> None: ...

    def next_sequence(self) -> int: ...

    async def show(self, card: Card, *, now: datetime) -> None:
        """Put the card, which carries a sequence of ``next_sequence``, onto the feed."""


class Ledger(Protocol):
    def write(self) -> AbstractAsyncContextManager[Work]:
        """One transaction; writers wait for each other. Raises StoreUnavailable."""

    async def page(self, query: Query) -> Page: ...

    async def detail(self, incident: str) -> Detail | None: ...

    async def changes(self, after: int, *, most: int) -> Sequence[Change]: ...

    async def span(self) -> tuple[int, int]:
        """The oldest change still kept and the newest; (1, 0) while there is none."""

    async def due(self, now: datetime, *, most: int) -> Sequence[str]:
        """Incidents whose deadline has come, the most overdue first."""

    async def claim(
        self, *, now: datetime, lease: timedelta, lane_max: int, busy: Mapping[str, int]
    ) -> Sequence[Notification]:
        """Take due messages, at most ``lane_max`` less ``busy`` of each (channel:target) lane."""

    async def release(self) -> None:
        """Let go of every claim; only for who knows that no other process is alive."""

    async def unrelayed(self, *, most: int) -> Sequence[tuple[int, str, bytes]]:
        """Decisions not yet on the bus: number, incident, JSON; oldest first."""

    async def relayed(self, numbers: Collection[int]) -> None: ...

    async def standing(self) -> Standing: ...

    async def refused(self) -> tuple[Mapping[int, int], Mapping[str, int]]:
        """The next offset of each partition of the refused topic, and readings by reason."""

    async def count_refused(
        self, partition: int, *, first: int, following: int, by: Mapping[str, int]
    ) -> bool:
        """Add to the counts and move the partition's position, in one transaction.

        False, and nothing counted, when the position is already beyond ``first``.
        """

    async def prune(self, *, changes_kept: int) -> None: ...


class Later(ChannelFailed):
    """The far end asks to be left alone for a while."""

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    async def send(self, notification: Notification, *, now: datetime) -> None:
        """Hand it over; raises ChannelFailed (try again) or ChannelRefused (never again)."""

    async def close(self) -> None: ...


def lane(notification: Notification) -> str:
    """What must not be starved by another: one address on one channel."""
    return f"{notification.channel}:{notification.target}"
