"""What the page shows of an incident: one flat card, complete in itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.alerts.core import messages
from services.alerts.core.messages import Text
from services.alerts.core.policy import Policy
from shared.domain.hazard import Hazard
from shared.domain.incident import Incident, Notification, Phase, Receipt, Resolution
from shared.domain.level import Level
from shared.domain.place import AreaKind, Geometry, GeometryKind, Position
from shared.domain.registry import Registry

TOLD_MAX = 50


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    kind: AreaKind
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Told:
    person: str
    name: str
    team: str
    channel: str
    state: Receipt
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    id: str
    sequence: int
    """Position in the feed of the change that made this card."""
    version: int
    run: str
    exercise: bool
    site: str
    asset: str
    asset_name: Text
    place: tuple[Place, ...]
    """The area tree down to the smallest area, the city first."""
    position: Position | None
    hazard: Hazard
    level: Level
    worst_level: Level
    phase: Phase
    verified: bool
    opened_at: datetime
    changed_at: datetime
    decided_at: datetime
    sentence: Text
    headline: Text
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: Resolution | None
    next_deadline: datetime | None
    next_step: Text | None
    told: tuple[Told, ...]
    actions: tuple[str, ...]
    spark: tuple[float, ...] | None
    previous: str | None


def card(
    incident: Incident,
    *,
    sequence: int,
    told: Sequence[Notification],
    registry: Registry,
    policy: Policy,
) -> Card:
    """The incident's card at this moment; ``told`` is every message of it, oldest first."""
    en, zh = messages.names_of(incident.asset, registry)
    return Card(
        id=incident.id,
        sequence=sequence,
        version=incident.version,
        run=incident.run,
        exercise=incident.exercise,
        site=incident.site,
        asset=incident.asset,
        asset_name=messages.both(en, zh),
        place=_place(incident, registry),
        position=_position(incident, registry),
        hazard=incident.hazard,
        level=incident.level,
        worst_level=incident.worst_level,
        phase=incident.phase,
        verified=incident.verified,
        opened_at=incident.opened_at,
        changed_at=incident.changed_at,
        decided_at=incident.decided_at,
        sentence=incident.sentence,
        headline=messages.headline(incident, registry),
        acknowledged_by=incident.acknowledged_by,
        acknowledged_at=incident.acknowledged_at,
        resolved_by=incident.resolved_by,
        resolved_at=incident.resolved_at,
        resolution=incident.resolution,
        next_deadline=incident.next_deadline,
        next_step=messages.next_step(incident, policy),
        told=_told(told),
        actions=_actions(incident),
        spark=incident.spark or None,
        previous=incident.previous,
    )


def _told(notifications: Sequence[Notification]) -> tuple[Told, ...]:
    """The newest message to each person on each channel, newest last."""
    newest: dict[tuple[str, str], Told] = {}
    for one in notifications:
        if one.state is Receipt.WITHDRAWN:
            continue
        newest.pop((one.person, one.channel), None)
        newest[one.person, one.channel] = Told(
            one.person, one.name, one.team, one.channel, one.state, one.settled_at or one.owed_at
        )
    return tuple(newest.values())[-TOLD_MAX:]


def _actions(incident: Incident) -> tuple[str, ...]:
    if incident.phase is Phase.RESOLVED:
        return ()
    if incident.acknowledged_by is not None:
        return ("resolve",)
    return ("ack", "resolve")


def _place(incident: Incident, registry: Registry) -> tuple[Place, ...]:
    asset = registry.assets.get(incident.asset)
    if asset is None:
        return ()
    areas = list(registry.upwards(asset.area))
    return tuple(Place(area.id, area.kind, area.name, area.name_zh) for area in reversed(areas))


def _position(incident: Incident, registry: Registry) -> Position | None:
    asset = registry.assets.get(incident.asset)
    if asset is None:
        return None
    shape = asset.geometry
    if shape is None:
        beside = (one.geometry for one in registry.assets.values() if one.site == incident.site)
        shape = next((geometry for geometry in beside if geometry is not None), None)
    return middle(shape) if shape is not None else None


def middle(shape: Geometry) -> Position:
    """A point to put a mark at: mean of the corners, of a line's two middle ones."""
    corners = shape.positions
    if shape.kind is GeometryKind.POLYGON:
        corners = corners[:-1]
    elif shape.kind is GeometryKind.LINE:
        half = len(corners) // 2
        corners = corners[max(0, half - 1) : half + 1]
    count = len(corners)
    return sum(x for x, _ in corners) / count, sum(y for _, y in corners) / count
