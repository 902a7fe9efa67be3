"""Packs of readings of the demo city, and minds that watch it, for tests of the detector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from services.detector.core.watch import Watch, new_watch
from shared.bus.codec import UNNUMBERED, Columns, Pack, pack, unpack
from shared.domain.event import RiskEvent
from shared.domain.registry import Registry
from shared.registry.load import load_registry

NOON_US = 1_793_000_000_000_000
"""A moment of 2026."""
SECOND_US = 1_000_000


@cache
def city() -> Registry:
    return load_registry()


def watch(**settings) -> Watch:
    return new_watch(city(), **settings)


def pack_bytes(
    site: str,
    readings: Iterable[Sequence],
    *,
    run: str = "",
    historical: bool = False,
    received_at_us: int | None = None,
) -> bytes:
    """A record; a reading is (sensor, seconds after noon, value[, quality code[, seq]])."""
    rows = [(*reading, *(0, UNNUMBERED)[len(reading) - 3 :]) for reading in readings]
    at = [NOON_US + round(row[1] * SECOND_US) for row in rows]
    return pack(
        site=site,
        device="test",
        received_at_us=received_at_us if received_at_us is not None else max(at, default=NOON_US),
        run=run,
        historical=historical,
        columns=Columns(
            sensors=[row[0] for row in rows],
            measured_at_us=np.array(at, np.int64),
            values=np.array([row[2] for row in rows], np.float64),
            quality=np.array([row[3] for row in rows], np.uint8),
            seq=np.array([row[4] for row in rows], np.int64),
        ),
    )


def packed(site: str, *readings: Sequence, **more) -> Pack:
    """A decoded record, as the detector's mind takes it."""
    return unpack(pack_bytes(site, readings, **more))


def told(events: Iterable[RiskEvent]) -> list[tuple[str, str, str]]:
    """Kind, asset and level of each event."""
    return [(event.kind.value, event.asset, event.level.value) for event in events]
