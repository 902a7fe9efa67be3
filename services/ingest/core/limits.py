"""How much and how old a message may be: the figures the decisions need, apart from settings."""

from __future__ import annotations

from dataclasses import dataclass

from services.ingest.core.freshness import SECOND_US


@dataclass(frozen=True, slots=True)
class Limits:
    payload_bytes_max: int = 256 * 1024
    pack_readings_max: int = 10_000
    age_max_us: int = 31 * 86_400 * SECOND_US
    future_max_us: int = 300 * SECOND_US
