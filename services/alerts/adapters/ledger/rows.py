"""Nouns to JSON and back; the one place that knows how bodies are written."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.alerts.core.cards import Card
from services.alerts.ports import Decision
from shared.domain.event import RiskEvent
from shared.domain.incident import Incident, Notification, TimelineEntry

_encoder: Final = msgspec.json.Encoder()
_incident: Final = msgspec.json.Decoder(Incident)
_notification: Final = msgspec.json.Decoder(Notification)
_event: Final = msgspec.json.Decoder(RiskEvent)
_entry: Final = msgspec.json.Decoder(TimelineEntry)


def written(
    noun: Incident | Notification | RiskEvent | TimelineEntry | Card | Decision | dict[str, Any],
) -> str:
    return _encoder.encode(noun).decode()


def incident_in(body: str) -> Incident:
    return _incident.decode(body)


def notification_in(body: str) -> Notification:
    return _notification.decode(body)


def event_in(body: str) -> RiskEvent:
    return _event.decode(body)


def entry_in(body: str) -> TimelineEntry:
    return _entry.decode(body)
