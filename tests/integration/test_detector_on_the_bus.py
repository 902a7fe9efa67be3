"""The whole detector on the embedded bus: from records to events, through deaths and handovers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from services.detector.core.admission import OUTCOMES
from services.detector.main import Detector
from services.detector.settings import DetectorSettings
from shared.bus.codec import columns, decode_event, decode_statement, unpack
from shared.bus.embedded import EmbeddedBus
from shared.bus.topics import CHECKPOINTS, EVENTS, LEDGER, READINGS, partition_of
from shared.clock import SystemClock
from shared.domain.level import Level
from shared.errors import BusUnavailable
from shared.metrics import Metrics
from tests.support.detector_city import NOON_US, city, pack_bytes, watch
from tests.support.detector_story import in_portions, morning

SWIFT = DetectorSettings(wait_s=0.05, checkpoint_every_s=0.1, retry_at_most_s=0.1)
DEADLINE_S = 20.0


@pytest.fixture
async def bus(tmp_path):
    async with EmbeddedBus(tmp_path / "bus.sqlite", clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()
        yield bus


def detector(bus, settings=SWIFT):
    return Detector(settings, registry=city(), bus=bus, clock=SystemClock(), metrics=Metrics())


@asynccontextmanager
async def running(service: Detector):
    """The detector at work; leaves it gracefully."""
    stop = asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await task


async def die(task: asyncio.Task) -> None:
    """As near to SIGKILL as one process allows: nothing is written down any more."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(what: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    while True:
        answer = what()
        if await answer if asyncio.iscoroutine(answer) else answer:
            return
        assert loop.time() < deadline, "waited in vain"
        stirred = asyncio.Event()
        loop.call_later(0.02, stirred.set)
        await stirred.wait()


async def events(bus):
    found = []
    for partition in await bus.ends(EVENTS):
        records = await bus.read(EVENTS, partition.index, first=0, most=100_000)
        found += [decode_event(record.value) for record in records]
    return found


async def totals(bus):
    """Counts of all partitions as stated."""
    stated = await bus.snapshot(LEDGER, 0)
    sums = dict.fromkeys(("read", *OUTCOMES), 0)
    for value in stated.values():
        for name, count in decode_statement(value).counts.items():
            sums[name] = sums.get(name, 0) + count
    return sums


async def put(bus, packs):
    """Publish packs under their sites, in order."""
    for site, value in packs:
        await bus.publish(READINGS, site, value)


def as_records(packs):
    return [
        (one.site, pack_bytes(one.site, _readings(one), historical=one.historical, run=one.run))
        for one in packs
    ]


def _readings(one):
    shown = columns(one)
    return [
        (sensor, (int(at) - NOON_US) / 1e6, float(value), int(quality))
        for sensor, at, value, quality in zip(
            shown.sensors, shown.measured_at_us, shown.values, shown.quality, strict=True
        )
    ]


def expected_of(records):
    """What an undisturbed mind says of each partition's records."""
    by_partition = {}
    for site, value in records:
        by_partition.setdefault(partition_of(site, 8), []).append(unpack(value))
    said, read = [], 0
    for packs in by_partition.values():
        mind = watch()
        found, _ = in_portions(mind, packs, [])
        said += found
        read += mind.counts["read"]
    return {event.id for event in said}, read


async def test_one_reading_of_17_percent_oxygen_raises_one_orange_event(bus):
    service = detector(bus)
    async with running(service):
        await put(bus, [("t3", pack_bytes("t3", [("t3-s4-o2", 0, 17.0)]))])
        await until(lambda: events(bus))
        await until(lambda: service.probes().ledger()["counts"].get("scored") == 1)
        assert service.probes().ready() == {}
        assert service.probes().healthy() == {}
    (event,) = await events(bus)
    assert (event.asset, event.level) == ("t3-s4", Level.ORANGE)
    assert (await totals(bus))["scored"] == 1
    assert b'tocsin_detector_events_total{kind="raised",level="orange"} 1.0' in (
        service.probes().metrics.render()
    )


async def test_after_a_graceful_stop_nothing_is_read_again(bus):
    records = as_records(morning(2))
    async with running(detector(bus)):
        await put(bus, records[:100])
        await until(lambda: events(bus))
    said = len(await events(bus))
    async with running(detector(bus)):
        await put(bus, records[100:])
        expected, read = expected_of(records)
        await until(lambda: _read_all(bus, read))
    assert said > 0
    names = [event.id for event in await events(bus)]
    assert len(names) == len(set(names))
    assert set(names) == expected


def _has_read(service):
    return service.probes().ledger()["counts"].get("read", 0) > 0


async def _read_all(bus, read):
    return (await totals(bus))["read"] == read


async def test_killed_again_and_again_it_says_what_it_would_have_said(bus):
    records = as_records(morning(4))
    expected, read = expected_of(records)
    for first in range(0, len(records), 60):
        service = detector(bus)
        task = asyncio.create_task(service.run(asyncio.Event()))
        await put(bus, records[first : first + 60])
        await until(partial(_has_read, service))
        await die(task)
    async with running(detector(bus)):
        await until(lambda: _read_all(bus, read))
    assert {event.id for event in await events(bus)} == expected
    sums = await totals(bus)
    assert sums["read"] == read == sum(sums[name] for name in OUTCOMES)


async def test_two_workers_share_the_city_and_one_takes_over_from_the_other(bus):
    records = as_records(morning(6))
    expected, read = expected_of(records)
    one, two = detector(bus), detector(bus)
    first = asyncio.create_task(one.run(asyncio.Event()))
    await put(bus, records[:80])
    await until(lambda: events(bus))
    async with running(two):
        await until(lambda: len(two.probes().ledger()["partitions"]) == 4)
        await until(lambda: len(one.probes().ledger()["partitions"]) == 4)
        await put(bus, records[80:150])
        await die(first)
        await put(bus, records[150:])
        await until(lambda: _read_all(bus, read))
        assert len(two.probes().ledger()["partitions"]) == 8
    assert {event.id for event in await events(bus)} == expected


async def test_records_nobody_can_decode_are_counted_and_passed_over(bus):
    service = detector(bus)
    async with running(service):
        good = pack_bytes("t3", [("t3-s4-o2", 0, 17.0)])
        await put(bus, [("t3", b"rubbish"), ("t3", b""), ("t3", good)])
        await until(lambda: events(bus))
        await until(lambda: service.probes().ledger()["counts"].get("undecodable") == 2)
    assert (await totals(bus))["undecodable"] == 2


async def test_half_written_checkpoints_lead_to_the_older_one_or_to_the_first_offset(bus):
    records = as_records(morning(8))
    expected, read = expected_of(records)
    async with running(detector(bus)):
        await put(bus, records)
        await until(lambda: _read_all(bus, read))
    partition = partition_of("t3", 8)
    for parity in (0, 1):
        await bus.publish(CHECKPOINTS, f"{partition}/{parity}/0", b"half", partition=partition)
    service = detector(bus)
    async with running(service):
        await until(lambda: service.probes().ledger()["counts"].get("read") == read)
    again = await events(bus)
    assert len(again) > len(expected)
    assert {event.id for event in again} == expected
    assert (await totals(bus))["read"] == read


class Moody:
    """A bus that does not answer while ``down``."""

    def __init__(self, bus):
        self._bus = bus
        self.down = False

    def __getattr__(self, name):
        return getattr(self._bus, name)

    async def publish(self, *args, **more):
        if self.down:
            raise BusUnavailable("no broker answers; start one")
        return await self._bus.publish(*args, **more)


async def test_while_the_bus_refuses_it_waits_says_so_and_goes_on(bus):
    moody = Moody(bus)
    service = detector(moody)
    async with running(service):
        await until(lambda: service.probes().ready() == {})
        moody.down = True
        await bus.publish(READINGS, "t3", pack_bytes("t3", [("t3-s4-o2", 0, 17.0)]))
        await until(lambda: "bus" in service.probes().healthy())
        assert "no broker answers" in service.probes().healthy()["bus"]
        moody.down = False
        await until(lambda: events(bus))
        await until(lambda: service.probes().healthy() == {})
    assert len(await events(bus)) == 1


async def test_told_to_stop_while_the_bus_is_down_it_stops_and_repeats_itself_later(bus):
    moody = Moody(bus)
    async with running(detector(moody)) as task:
        moody.down = True
        await bus.publish(READINGS, "t3", pack_bytes("t3", [("t3-s4-o2", 0, 17.0)]))
    assert task.done()
    async with running(detector(bus)):
        await until(lambda: events(bus))
    assert len(await events(bus)) == 1
