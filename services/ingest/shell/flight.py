"""A message on its way: what the bus still owes us for it before it may be acknowledged.

No refusal is ever too large for the bus: whatever a device sent, its topic and bytes are cut.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from services.ingest.core.intake import Accepted
from services.ingest.core.packs import SitePack
from services.ingest.core.refusal import Reason, Refusal
from services.ingest.ports import Message
from shared.bus import codec, topics

TOPIC_CHARS_MAX: Final = 256
"""How much of a device's topic a refusal keeps; MQTT allows 65,535 bytes."""


@dataclass(slots=True, eq=False)
class Part:
    """One record to be published."""

    topic: str
    key: str
    value: bytes
    readings: int
    reason: Reason | None
    """Why its readings are refused; None when they are stored."""
    taken: bool = False


@dataclass(slots=True, eq=False)
class Flight:
    message: Message
    parts: list[Part]
    since: float
    """When it was received, on the clock's monotonic scale."""
    owed: int
    """Parts the bus has not taken yet."""
    abandoned: bool = False
    """Handed back to the broker; whatever still becomes of its parts counts for nothing."""
    tasks: set[asyncio.Task[int]] = field(default_factory=set)


def flight_of(
    message: Message, accepted: Accepted, *, received_at_us: int, since: float, kept_bytes_max: int
) -> Flight:
    """The message with every record that must be on the bus before it is acknowledged."""
    parts = [_stored(message, pack, received_at_us) for pack in accepted.packs]
    parts += [
        _refused(message, refusal, received_at_us, kept_bytes_max) for refusal in accepted.refusals
    ]
    return Flight(message=message, parts=parts, since=since, owed=len(parts))


def _stored(message: Message, pack: SitePack, received_at_us: int) -> Part:
    value = codec.pack(
        site=pack.site,
        device=message.topic,
        received_at_us=received_at_us,
        run=pack.run,
        historical=pack.historical,
        columns=codec.Columns(
            sensors=pack.sensors,
            measured_at_us=pack.measured_at_us,
            values=pack.values,
            quality=pack.quality,
            seq=pack.seq,
        ),
    )
    return Part(topics.READINGS, pack.site, value, len(pack.sensors), None)


def oversized(flight: Flight, part: Part, *, received_at_us: int, kept_bytes_max: int) -> Part:
    """The refusal of a pack that is more than the bus takes in one record."""
    words = (
        f"{part.readings} readings of {part.key} are too much for one record; send fewer at once"
    )
    refusal = Refusal(Reason.TOO_LARGE, words, flight.message.payload, part.readings)
    return _refused(flight.message, refusal, received_at_us, kept_bytes_max)


def _refused(message: Message, refusal: Refusal, received_at_us: int, kept_bytes_max: int) -> Part:
    topic = message.topic[:TOPIC_CHARS_MAX]
    value = codec.encode_refused(
        codec.Refused(
            reason=refusal.reason.value,
            detail=refusal.detail,
            topic=topic,
            received_at_us=received_at_us,
            payload=refusal.payload[:kept_bytes_max],
            payload_size=len(refusal.payload),
            readings=refusal.readings,
            run=refusal.run,
        )
    )
    return Part(topics.REFUSED, topic, value, refusal.readings, refusal.reason)
