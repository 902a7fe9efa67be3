"""A frame is one message a gateway would send: when it was measured, its topic, its bytes.

Nothing here depends on speed: frames are made first and paced later, so playing faster changes
when a frame is sent and never what is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

TOPIC_ROOT = "tocsin/v1"
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Frame:
    measured_at: datetime
    """The true moment, whatever the device's clock said."""
    topic: str
    payload: bytes
    readings: int
    late: timedelta = timedelta(0)
    """Between measuring and sending."""

    @property
    def sent_at(self) -> datetime:
        """When it leaves the gateway."""
        return self.measured_at + self.late


class PackedReading(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reading inside a pack of the JSON v1 dialect."""

    sensor: str
    value: float
    unit: str | None = None
    """None: the unit the registry says its device speaks."""
    quality: str | None = None
    """None: good."""
    measured_at: str | None = None
    """None: that of the pack."""


class _Pack(msgspec.Struct, frozen=True, omit_defaults=True):
    measured_at: str
    readings: Sequence[PackedReading]
    run: str = ""


def pack_topic(area: str, device: str) -> str:
    """Where a gateway publishes packs: the area it stands in and its own name."""
    return f"{TOPIC_ROOT}/{area}/{device}/_"


def pack_frame(
    *,
    topic: str,
    measured_at: datetime,
    run: str,
    readings: Sequence[PackedReading],
    late: timedelta = timedelta(0),
) -> Frame:
    """One pack of readings that share a moment (to the microsecond, timezone-aware)."""
    moment = moment_text(measured_at)
    payload = _json.encode(_Pack(measured_at=moment, readings=readings, run=run))
    return Frame(measured_at, topic, payload, len(readings), late)


def moment_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond or, if it does not end there, the microsecond."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    exact = "milliseconds" if utc.microsecond % 1000 == 0 else "microseconds"
    return f"{utc.isoformat(timespec=exact)}Z"
