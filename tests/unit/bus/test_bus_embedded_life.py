"""The embedded bus over time: retention, leases, restarts, several processes on one file."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from shared.bus.embedded import EmbeddedBus
from shared.bus.embedded import subscription as subscription_module
from shared.bus.embedded.crews import LEASE_MS
from shared.bus.embedded.subscription import EmbeddedSubscription
from shared.bus.ports import Partition
from shared.bus.topics import (
    BY_NAME,
    CHECKPOINTS,
    LEDGER,
    PARTITIONS_DEFAULT,
    READINGS,
    partition_of,
)
from shared.clock import ManualClock, SystemClock
from shared.errors import BadInput, BusUnavailable
from shared.metrics import Metrics

START = datetime(2026, 11, 23, tzinfo=UTC)
PARTITION = partition_of("site", PARTITIONS_DEFAULT)


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bus.sqlite"


@pytest.fixture
async def bus(path, clock):
    async with EmbeddedBus(path, clock=clock, metrics=Metrics()) as bus:
        await bus.ensure_topics()
        yield bus


async def join(bus, *, group="detector"):
    subscription = await bus.subscribe(READINGS, group)
    polled = await subscription.poll(records_max=10, wait_s=0)
    for one in polled.assigned:
        await subscription.start(one.partition, one.first)
    return subscription, polled


async def test_a_reader_that_slept_through_the_retention_goes_on_at_the_first(bus, clock):
    subscription, _ = await join(bus)
    await bus.publish(READINGS, "site", b"lost")
    await clock.advance(timedelta(milliseconds=BY_NAME[READINGS].retention_ms + 1))
    await bus.publish(READINGS, "site", b"kept")
    polled = await subscription.poll(records_max=10, wait_s=1)

    (records,) = polled.records.values()
    assert [(record.offset, record.value) for record in records] == [(1, b"kept")]
    (late,) = (await join(bus, group="archive"))[1].assigned[PARTITION : PARTITION + 1]
    assert late.first == 1


async def test_who_stops_polling_loses_its_partitions_when_the_lease_ends(bus, clock):
    silent, before = await join(bus)
    other, nothing = await join(bus)
    assert len(before.assigned) == PARTITIONS_DEFAULT
    assert not nothing.assigned
    await clock.advance(timedelta(milliseconds=LEASE_MS))
    taken = await other.poll(records_max=10, wait_s=1)
    assert len(taken.assigned) == PARTITIONS_DEFAULT

    first = before.assigned[0]
    assert not await silent.commit(first.partition, first.epoch, 1)
    after = await silent.poll(records_max=10, wait_s=0)
    assert sorted(after.revoked) == sorted(one.partition for one in before.assigned)
    assert not after.records


async def test_who_polls_keeps_its_partitions_for_ever(bus, clock):
    steady, before = await join(bus)
    for _ in range(10):
        await clock.advance(timedelta(milliseconds=LEASE_MS * 2 / 3))
        polled = await steady.poll(records_max=10, wait_s=0)
        assert not polled.revoked
        other = await bus.subscribe(READINGS, "detector")
        await other.close()
    one = before.assigned[0]
    assert await steady.commit(one.partition, one.epoch, 1)


async def test_leaving_the_bus_leaves_the_groups(path, clock):
    for _ in range(3):
        async with EmbeddedBus(path, clock=clock, metrics=Metrics()) as bus:
            await bus.ensure_topics()
            _, polled = await join(bus)
            assert len(polled.assigned) == PARTITIONS_DEFAULT


async def test_a_poll_that_outlives_its_subscription_does_not_join_again(bus):
    subscription, _ = await join(bus)
    polling = asyncio.create_task(subscription.poll(records_max=10, wait_s=5))
    await asyncio.sleep(0)
    await subscription.close()
    await asyncio.wait([polling], timeout=5)

    assert isinstance(polling.exception(), BusUnavailable)
    _, polled = await join(bus)
    assert len(polled.assigned) == PARTITIONS_DEFAULT


async def test_nothing_of_sqlite_runs_on_the_event_loop(bus, monkeypatch):
    loop_thread = threading.get_ident()
    looked: list[bool] = []
    whole = EmbeddedSubscription._look

    def look(self, *arguments):
        looked.append(threading.get_ident() == loop_thread)
        return whole(self, *arguments)

    monkeypatch.setattr(EmbeddedSubscription, "_look", look)
    await join(bus)

    assert looked
    assert not any(looked)


async def test_a_start_while_a_poll_is_reading_is_not_undone_by_it(bus, monkeypatch):
    for value in (b"0", b"1", b"2"):
        await bus.publish(READINGS, "site", value)
    subscription, _ = await join(bus)
    reading, gate = threading.Event(), threading.Event()
    whole = EmbeddedSubscription._look

    def look(self, *arguments):
        sight = whole(self, *arguments)
        reading.set()
        gate.wait(5)
        return sight

    monkeypatch.setattr(EmbeddedSubscription, "_look", look)
    polling = asyncio.create_task(subscription.poll(records_max=10, wait_s=5))
    await asyncio.to_thread(reading.wait, 5)
    await subscription.start(Partition(READINGS, PARTITION), 2)
    gate.set()
    (records,) = (await polling).records.values()

    assert [record.value for record in records] == [b"2"]


async def test_a_record_of_this_process_wakes_a_poll_at_once(bus, monkeypatch):
    monkeypatch.setattr(subscription_module, "OTHERS_EVERY_S", 60)
    subscription, _ = await join(bus)
    polling = asyncio.create_task(subscription.poll(records_max=10, wait_s=60))
    await asyncio.sleep(0)
    await bus.publish(READINGS, "site", b"now")
    async with asyncio.timeout(10):
        assert (await polling).records


async def test_a_poll_with_nothing_to_do_rests(bus, monkeypatch):
    looks = []
    whole = EmbeddedSubscription._look
    monkeypatch.setattr(
        EmbeddedSubscription, "_look", lambda *arguments: looks.append(1) or whole(*arguments)
    )
    subscription, _ = await join(bus)
    looks.clear()
    await subscription.poll(records_max=10, wait_s=0.25)

    assert 1 <= len(looks) <= 6


async def test_a_publish_is_measured(path, clock):
    metrics = Metrics()
    async with EmbeddedBus(path, clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        await bus.publish(READINGS, "site", b"x")

    assert b'tocsin_bus_publish_seconds_count{topic="tocsin.readings"} 1.0' in metrics.render()


async def test_a_topic_that_is_not_there_says_what_to_call(path, clock):
    async with EmbeddedBus(path, clock=clock, metrics=Metrics()) as bus:
        with pytest.raises(BadInput, match="call ensure_topics first"):
            await bus.publish(READINGS, "site", b"x")
        with pytest.raises(BadInput, match="call ensure_topics first"):
            await bus.subscribe(READINGS, "detector")


async def test_topics_made_by_another_process_are_found(path, clock):
    async with EmbeddedBus(path, clock=clock, metrics=Metrics()) as early:
        async with EmbeddedBus(path, clock=clock, metrics=Metrics()) as other:
            await other.ensure_topics()
        assert await early.publish(READINGS, "site", b"x") == 0


async def test_only_a_compacted_topic_has_a_snapshot(bus):
    with pytest.raises(BadInput, match="is not compacted"):
        await bus.snapshot(READINGS, 0)


async def test_rewriting_a_checkpoint_does_not_let_the_file_grow(bus, path):
    for _ in range(5):
        await bus.publish(CHECKPOINTS, "shard", bytes(200_000), partition=0)
    before = path.stat().st_size
    for _ in range(30):
        await bus.publish(CHECKPOINTS, "shard", bytes(200_000), partition=0)

    assert path.stat().st_size < before + 1_000_000


async def test_a_bus_that_cannot_open_leaves_nothing_open(tmp_path, clock):
    with pytest.raises(BadInput, match="cannot be opened"):
        async with EmbeddedBus(tmp_path, clock=clock, metrics=Metrics()):
            pass


WRITER = """
import asyncio, sys
from pathlib import Path
from shared.bus.embedded import EmbeddedBus
from shared.bus.embedded import subscription as subscription_module
from shared.bus.topics import LEDGER, READINGS
from shared.clock import SystemClock
from shared.metrics import Metrics

async def main():
    async with EmbeddedBus(Path(sys.argv[1]), clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()
        reader = await bus.subscribe(READINGS, "detector")
        await reader.poll(records_max=10, wait_s=0)
        async def one(number):
            value = str(number).encode() * 20
            offset = await bus.publish(READINGS, f"site-{number % 7}", value)
            await bus.publish(LEDGER, f"site-{number % 7}", value)
            sys.stdout.write(f"[{number}, {offset}]\\n")
            sys.stdout.flush()
        number = 0
        while True:
            await asyncio.gather(*(one(number + extra) for extra in range(20)))
            number += 20

asyncio.run(main())
"""


def killed_while_writing(path, rootpath, *, after: int) -> list[tuple[int, int]]:
    """What a process had been told is safe when SIGKILL hit it in the middle of its writing."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=rootpath
    )
    lines = [writer.stdout.readline() for _ in range(after)]
    writer.send_signal(signal.SIGKILL)
    lines += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    assert writer.returncode == -signal.SIGKILL
    return [tuple(json.loads(line)) for line in lines if line.endswith(b"\n")]


@pytest.mark.slow
async def test_sigkill_loses_nothing_that_was_acknowledged(path, pytestconfig):
    acknowledged = await asyncio.to_thread(
        killed_while_writing, path, pytestconfig.rootpath, after=300
    )
    assert len(acknowledged) >= 300

    async with EmbeddedBus(path, clock=SystemClock(), metrics=Metrics()) as bus:
        there = {}
        for partition, end in (await bus.ends(READINGS)).items():
            records = await bus.read(READINGS, partition.index, first=0, most=100_000)
            assert [record.offset for record in records] == list(range(end)), "a hole in the log"
            there |= {(partition.index, record.offset): record.value for record in records}
        for number, offset in acknowledged:
            where = (partition_of(f"site-{number % 7}", PARTITIONS_DEFAULT), offset)
            assert there[where] == str(number).encode() * 20
        newest = await bus.snapshot(LEDGER, 0)
        for key, value in newest.items():
            said = [n for n, _ in acknowledged if f"site-{n % 7}" == key]
            assert int(value[: len(value) // 20]) >= max(said)


@pytest.mark.slow
async def test_after_sigkill_the_next_process_has_the_partitions_at_once(path, pytestconfig):
    await asyncio.to_thread(killed_while_writing, path, pytestconfig.rootpath, after=1)
    async with EmbeddedBus(path, clock=SystemClock(), metrics=Metrics()) as bus:
        _, polled = await join(bus)

        assert len(polled.assigned) == PARTITIONS_DEFAULT
