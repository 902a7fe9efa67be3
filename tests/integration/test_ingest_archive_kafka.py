"""The archive on a real Kafka: the same promises in a group of its own."""

from __future__ import annotations

import uuid

import pytest

from shared.archive import query
from shared.bus.kafka import KafkaBus
from shared.clock import SystemClock
from shared.config.sections import BusSettings
from shared.metrics import Metrics
from tests.support.archived import archiving
from tests.support.detector_city import city, packed
from tests.support.ingest_run import until
from tests.support.replayed import as_record, put

pytestmark = [pytest.mark.real, pytest.mark.slow]


async def test_everything_on_kafka_is_archived_once_also_by_two_one_after_the_other(
    kafka_server, tmp_path
):
    root = tmp_path / "archive"
    prefix = f"archive-{uuid.uuid4().hex[:8]}."
    settings = BusSettings(kind="kafka", servers=kafka_server.bootstrap, prefix=prefix)
    records = [
        as_record(packed(site, (sensor, 60.0 * step, float(step))))
        for step in range(100)
        for site, sensor in (("t3", "t3-s4-o2"), ("harbour-tower", "harbour-f12-temp"))
    ]
    async with KafkaBus(settings, clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()
        await put(bus, records[:120])
        async with archiving(bus, root, city(), flush_s=0.5) as first:
            await until(lambda: first._ledger.archived == 120, within_s=60)
        await put(bus, records[120:])
        async with archiving(bus, root, city(), flush_s=0.5) as second:
            await until(lambda: second._ledger.archived == 80, within_s=60)
            assert not second.wrong()
    wanted = {"t3-s4-o2": None, "harbour-f12-temp": None}
    found = query.read_series(root, wanted, run="", first_us=0, last_us=2**62)
    assert {name: one.values.tolist() for name, one in found.items()} == {
        name: [float(step) for step in range(100)] for name in wanted
    }
    assert query.known_until_us(root) is not None
