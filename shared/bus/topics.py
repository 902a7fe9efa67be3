"""The topics: one table that creates them, documents them (AsyncAPI) and places every key."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from shared.errors import BadRecord

READINGS: Final = "tocsin.readings"
REFUSED: Final = "tocsin.readings.refused"
EVENTS: Final = "tocsin.events"
CHECKPOINTS: Final = "tocsin.checkpoints"
DECISIONS: Final = "tocsin.decisions"
LEDGER: Final = "tocsin.ledger"

PARTITIONS_DEFAULT: Final = 8
RECORD_BYTES_MAX: Final = 1024 * 1024
"""The largest value, the same on every bus, so that what fits here fits there."""
KEY_BYTES_MAX: Final = 1024
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    key: str
    """What the key of a record is, in the words of the domain."""
    writer: str
    readers: tuple[str, ...]
    retention_ms: int | None
    """None keeps records for ever."""
    compacted: bool
    partitions: int
    payload: str
    """The codec struct a value decodes to."""
    summary: str


TOPICS: Final[tuple[Topic, ...]] = (
    Topic(READINGS, "site", "ingest", ("detector", "archive"), 7 * DAY_MS, False,
          PARTITIONS_DEFAULT, "Pack", "One device message of one site, many readings in columns."),
    Topic(REFUSED, "device", "ingest", ("people", "alerts"), 28 * DAY_MS, False,
          PARTITIONS_DEFAULT, "Refused", "What ingest could not take: original bytes and reason."),
    Topic(EVENTS, "site", "detector", ("alerts",), 28 * DAY_MS, False,
          PARTITIONS_DEFAULT, "RiskEvent", "What the detector says of an asset and a hazard."),
    Topic(CHECKPOINTS, "partition + shard", "detector", ("detector",), None, True,
          PARTITIONS_DEFAULT, "CheckpointShard", "Detector state and the position it stands for."),
    Topic(DECISIONS, "incident", "alerts", ("audit", "replay"), None, False,
          PARTITIONS_DEFAULT, "Decision", "What was decided about an incident, and why."),
    Topic(LEDGER, "service + partition", "ingest, detector", ("alerts",), None, True,
          1, "Statement", "Running totals, so that received and accounted for can be compared."),
)  # fmt: skip

BY_NAME: Final = {topic.name: topic for topic in TOPICS}


def partition_of(key: str, partitions: int) -> int:
    """Where a key lives: CRC-32 of its UTF-8 bytes, the same on every bus and every machine."""
    return zlib.crc32(key.encode()) % partitions


def check_size(topic: str, key: str, value: bytes) -> None:
    """Raise BadRecord for a record no bus would take."""
    if len(value) > RECORD_BYTES_MAX:
        raise BadRecord(
            f"record of {len(value)} bytes for {topic} is over the {RECORD_BYTES_MAX} a record "
            "may have; split it"
        )
    if len(key.encode()) > KEY_BYTES_MAX:
        raise BadRecord(f"key of a record for {topic} is over {KEY_BYTES_MAX} bytes; shorten it")
