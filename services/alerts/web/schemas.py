"""The shapes of the API, for the OpenAPI document and for checking what people send.

Answers are written from the ledger as they are; a test holds them against these shapes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.hazard import Hazard
from shared.domain.incident import Phase, Receipt, Resolution
from shared.domain.level import Level
from shared.domain.place import AreaKind
from shared.domain.quantity import Quantity

NAME_CHARS_MAX = 120
NOTE_CHARS_MAX = 2000
LIMIT_MAX = 500
POINTS_MAX = 10_000

Text = Annotated[
    dict[str, str], Field(examples=[{"en": "Harbour tower, floor 12", "zh": "港湾大厦12层"}])
]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Place(Shape):
    id: str
    kind: AreaKind
    en: str
    zh: str


class Told(Shape):
    person: str
    name: str
    team: str
    channel: str
    state: Receipt
    at: datetime


class Card(Shape):
    """One incident, complete in itself."""

    id: str = Field(examples=["5b0c7a3f9d21e84c6f10"])
    sequence: int = Field(description="Position in the feed of the change that made this card.")
    version: int = Field(description="Counts the incident's changes; send it back when you act.")
    run: str = Field(description="Empty for the real city; the name of a drill, demo or replay.")
    exercise: bool
    site: str
    asset: str
    asset_name: Text
    place: list[Place] = Field(description="The area tree, the city first.")
    position: tuple[float, float] | None = Field(description="Longitude, latitude (WGS 84).")
    hazard: Hazard
    level: Level
    worst_level: Level
    phase: Phase
    verified: bool = Field(description="False while the data that would show the hazard are gone.")
    opened_at: datetime
    changed_at: datetime
    decided_at: datetime = Field(description="Event time of the newest risk event.")
    sentence: Text
    headline: Text
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: Resolution | None
    next_deadline: datetime | None
    next_step: Text | None
    told: list[Told]
    actions: list[Literal["ack", "resolve"]]
    spark: list[float] | None = Field(max_length=40)
    previous: str | None = Field(description="The resolved incident this one follows.")


class IncidentQuery(Shape):
    state: Literal["open", "resolved", "all"] = "open"
    level: list[str] = Field(default=[], description="Colours, repeated or comma separated")
    hazard: list[str] = Field(default=[], description="Hazards, repeated or comma separated")
    area: str | None = Field(default=None, description="An area, and all below it")
    run: str | None = Field(default=None, description="A run; empty is the real city")
    cursor: str | None = None
    limit: int = Field(default=100, ge=1, le=LIMIT_MAX)


class IncidentList(Shape):
    incidents: list[Card]
    cursor: str | None = Field(description="Ask with it for the next page; null on the last.")
    sequence: int = Field(description="The feed after this sequence completes the list.")
    now: datetime


class LimitLine(Shape):
    level: Level
    value: float
    source: str
    confidence: str


class Curve(Shape):
    """The readings of one sensor that caused it, canonical unit."""

    sensor: str
    quantity: str
    unit: str
    points: list[tuple[datetime, float]]
    expected_low: float | None
    expected_high: float | None
    limits: list[LimitLine]


class TimelineLine(Shape):
    at: datetime
    kind: str
    by: str
    text: Text


class NotificationLine(Shape):
    person: str
    name: str
    team: str
    channel: str
    why: str
    level: Level
    round: int
    step: int
    reminder: int
    state: Receipt
    attempts: int
    owed_at: datetime
    settled_at: datetime | None
    because: str
    text: Text


class IncidentDetail(Card):
    events: list[dict[str, Any]] = Field(description="Risk events as they lie on the bus.")
    evidence: list[Curve]
    timeline: list[TimelineLine]
    notifications: list[NotificationLine]


class Ack(Shape):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"by": "Chen Wei", "note": "on my way", "version": 3}},
    )

    by: str = Field(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"\S")
    note: str | None = Field(default=None, max_length=NOTE_CHARS_MAX)
    version: int | None = Field(
        default=None, ge=1, description="The version seen; refused when it has risen since."
    )


class Resolve(Ack):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"by": "Chen Wei", "reason": "fixed", "note": "fan restarted", "version": 5}
        },
    )

    reason: Resolution


class Problem(Shape):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"error": "there is no incident abc", "mend": "look at the list again"}
        },
    )

    error: str
    mend: str


class Conflict(Problem):
    model_config = ConfigDict(extra="forbid", json_schema_extra={})

    card: Card = Field(description="The incident as it is.")


class Assets(Shape):
    assets: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    links: list[dict[str, Any]]
    city: dict[str, str]


class ReadingsQuery(Shape):
    from_: datetime | None = Field(
        default=None, alias="from", description="First moment; an hour before `to` if absent."
    )
    to: datetime | None = Field(default=None, description="Last moment; now if absent.")
    points: int = Field(default=1000, ge=2, le=POINTS_MAX, description="At most so many.")
    run: str = Field(default="", description="A run; empty is the real city.")


class SensorReadings(Shape):
    sensor: str
    quantity: Quantity
    unit: str = Field(description="The canonical unit of the quantity.")
    run: str
    from_: datetime = Field(alias="from")
    to: datetime
    readings: int = Field(description="How many there are; `points` shows some of them.")
    points: list[tuple[datetime, float | None]] = Field(
        description="Moment and value, oldest first; a null value breaks the line."
    )
    known_until: datetime | None = Field(
        description="What was received later may not be shown yet; null with an empty archive."
    )
