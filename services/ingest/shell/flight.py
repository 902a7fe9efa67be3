"""A message on its way: what the bus still owes us for it before it may be acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.core.intake import Accepted
from services.ingest.core.packs import SitePack
from services.ingest.core.refusal import Reason, Refusal
from services.ingest.ports import Message
from shared.bus import codec, topics


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
    parts: Sequence[Part]
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


def _refused(message: Message, refusal: Refusal, received_at_us: int, kept_bytes_max: int) -> Part:
    value = codec.encode_refused(
        codec.Refused(
            reason=refusal.reason.value,
            detail=refusal.detail,
            topic=message.topic,
            received_at_us=received_at_us,
            payload=refusal.payload[:kept_bytes_max],
            payload_size=len(refusal.payload),
            readings=refusal.readings,
            run=refusal.run,
        )
    )
    return Part(topics.REFUSED, message.topic, value, refusal.readings, refusal.reason)
