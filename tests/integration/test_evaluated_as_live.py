"""What is judged offline is what is said live: the same events from the services on their bus."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from services.detector.main import Detector
from services.detector.settings import DetectorSettings
from services.evaluation.chain import run_case
from services.evaluation.library import open_case
from services.evaluation.setting import Configuration
from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.intake import accept
from services.ingest.core.limits import Limits
from services.ingest.ports import Message
from services.ingest.shell.flight import flight_of
from shared.bus.codec import decode_event, decode_statement
from shared.bus.embedded import EmbeddedBus
from shared.bus.topics import EVENTS, LEDGER
from shared.clock import SystemClock
from shared.metrics import Metrics
from shared.registry.load import load_registry

SWIFT = DetectorSettings(wait_s=0.05, checkpoint_every_s=0.1, retry_at_most_s=0.1)
DEADLINE_S = 60.0
CITY = load_registry()


async def publish(bus, frames) -> int:
    """Everything ingest would put on the bus for these messages; returns the readings stored."""
    catalogue, stored = catalogue_of(CITY), 0
    for number, frame in enumerate(frames):
        received_at_us = round(frame.sent_at.timestamp() * 1e6)
        accepted = accept(
            frame.topic, frame.payload, received_at=received_at_us, catalogue=catalogue,
            limits=Limits(),
        )  # fmt: skip
        message = Message(frame.topic, frame.payload, 1, False, number + 1, 1)
        flight = flight_of(
            message, accepted, received_at_us=received_at_us, since=0.0, kept_bytes_max=1024
        )
        for part in flight.parts:
            await bus.publish(part.topic, part.key, part.value)
            stored += 0 if part.reason else part.readings
    return stored


async def until_read(bus, readings: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            stated = await bus.snapshot(LEDGER, 0)
            counts = [decode_statement(value).counts for value in stated.values()]
            if sum(one.get("read", 0) for one in counts) >= readings:
                return
            stirred = asyncio.Event()
            asyncio.get_running_loop().call_later(0.05, stirred.set)
            await stirred.wait()


@asynccontextmanager
async def detecting(bus):
    service = Detector(SWIFT, registry=CITY, bus=bus, clock=SystemClock(), metrics=Metrics())
    stop = asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chamber-gas", "burst", "S14"])
async def test_the_detector_service_says_the_same_events(tmp_path, name):
    case = open_case(name, CITY, 2)
    (offline,) = run_case(case, [Configuration("current")], picture=False)
    clock, metrics = SystemClock(), Metrics()
    async with EmbeddedBus(tmp_path / "bus.sqlite", clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        async with detecting(bus):
            stored = await publish(bus, case.frames())
            await until_read(bus, stored)
        said = []
        for partition in await bus.ends(EVENTS):
            records = await bus.read(EVENTS, partition.index, first=0, most=100_000)
            said += [decode_event(record.value).id for record in records]
    assert stored == offline.readings > 0
    assert len(said) > 3
    assert sorted(said) == sorted(offline.event_ids)


@pytest.mark.parametrize("seed", [1, 2])
def test_where_batches_are_cut_changes_no_event(seed):
    case = open_case("chamber-gas", CITY, seed)
    (wide,) = run_case(case, [Configuration("current")], picture=False)
    (narrow,) = run_case(case, [Configuration("current")], picture=True)
    assert wide.event_ids == narrow.event_ids
    assert wide.judged == narrow.judged
    assert narrow.trails
    assert not wide.trails
