"""A stretch of a city's life on a bus, and what a fresh detector makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from services.ingest.core.catalogue import Catalogue, catalogue_of
from services.ingest.core.freshness import from_datetime
from services.ingest.core.intake import accept
from services.ingest.settings import IngestSettings
from shared.bus.codec import Columns, Pack, columns, pack, unpack
from shared.bus.topics import READINGS
from shared.domain.event import RiskEvent
from simulators.frames import Frame
from tests.support.detector_city import city, watch

LIMITS = IngestSettings().limits
ON_THE_WAY = timedelta(milliseconds=120)


@cache
def catalogue() -> Catalogue:
    return catalogue_of(city())


def records_of(frames: Iterable[Frame], *, may_refuse: frozenset[str] = frozenset()):
    """What ingest puts on the bus for these frames: (site, record)."""
    for frame in frames:
        received_at_us = from_datetime(frame.sent_at + ON_THE_WAY)
        accepted = accept(
            frame.topic,
            frame.payload,
            received_at=received_at_us,
            catalogue=catalogue(),
            limits=LIMITS,
        )
        assert {refusal.reason.value for refusal in accepted.refusals} <= may_refuse
        for part in accepted.packs:
            shown = Columns(
                sensors=part.sensors,
                measured_at_us=part.measured_at_us,
                values=part.values,
                quality=part.quality,
                seq=part.seq,
            )
            yield (
                part.site,
                pack(
                    site=part.site,
                    device=frame.topic,
                    received_at_us=received_at_us,
                    run=part.run,
                    historical=part.historical,
                    columns=shown,
                ),
            )


def as_record(one: Pack) -> tuple[str, bytes]:
    """A decoded record, encoded again."""
    return one.site, pack(
        site=one.site,
        device=one.device,
        received_at_us=one.received_at_us,
        run=one.run,
        historical=one.historical,
        columns=columns(one),
    )


async def put(bus, records) -> int:
    count = 0
    for site, value in records:
        await bus.publish(READINGS, site, value)
        count += 1
    return count


async def packs_on(bus) -> dict[int, list[Pack]]:
    """By partition, in the order of the bus."""
    found = {}
    for partition, end in (await bus.ends(READINGS)).items():
        records = await bus.read(READINGS, partition.index, first=0, most=max(end, 1))
        found[partition.index] = [unpack(record.value) for record in records]
    return found


async def events_on(bus, *, sites: frozenset[str] | None = None) -> list[RiskEvent]:
    """What a detector that knows nothing yet says of everything on the bus."""
    said: list[RiskEvent] = []
    for packs in (await packs_on(bus)).values():
        said += watch().observe(packs).events
    return [event for event in said if sites is None or event.site in sites]


def ids(events: Iterable[RiskEvent]) -> list[str]:
    return [event.id for event in events]
