"""Kafka goes away and comes back, and nobody loses a record over it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from structlog.testing import capture_logs

from deploy.real.kafka import KafkaServer
from shared.bus.kafka import KafkaBus
from shared.bus.kafka.line import Line
from shared.bus.kafka.wire import Names
from shared.bus.ports import Partition
from shared.bus.topics import READINGS
from shared.clock import SystemClock
from shared.config.sections import BusSettings
from shared.errors import BusUnavailable
from shared.metrics import Metrics
from tests.contracts.bus_reader import Reader, by_key, everything, fill
from tests.support.servers import real_server

OUTAGE_S = 3.0
DEADLINE_S = 90.0

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture
def server():
    """A Kafka of our own: the session's must not be killed."""
    with real_server(KafkaServer) as server:
        yield server


def kafka(server, **settings):
    return KafkaBus(
        BusSettings(kind="kafka", servers=server.bootstrap, **settings),
        clock=SystemClock(),
        metrics=Metrics(),
        prefix=f"test-{secrets.token_hex(4)}.",
    )


async def down(server, how):
    """Away for a while, as a machine that lost power or one that stalls."""
    if how == "killed":
        await asyncio.to_thread(server.kill)
    else:
        server.pause()
    await SystemClock().sleep(OUTAGE_S)
    if how == "killed":
        await asyncio.to_thread(server.start)
    else:
        server.resume()


async def read_on(reader, stop):
    while not stop.is_set():
        with contextlib.suppress(BusUnavailable):
            await reader.poll(wait_s=0.5)


@pytest.mark.parametrize("how", ["killed", "stalled"])
async def test_records_published_across_an_outage_arrive_once_and_in_order(server, how):
    async with kafka(server) as bus:
        await bus.ensure_topics()
        reader, stop = Reader(await bus.subscribe(READINGS, "detector")), asyncio.Event()
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
            group.create_task(read_on(reader, stop))
            sent = await fill(bus, READINGS, keys=6, each=20)
            outage = group.create_task(down(server, how))
            number = itertools.count(20)
            while not outage.done():
                for key, values in (await fill(bus, READINGS, 6, 1, start=next(number))).items():
                    sent[key] += values
            count = sum(map(len, sent.values()))
            while len(reader.records) < count:
                await SystemClock().sleep(0.05)
            stop.set()

        assert by_key(reader.records) == sent
        assert by_key(await everything(bus, READINGS)) == sent


async def test_a_bus_may_be_entered_before_kafka_is_there(server):
    await asyncio.to_thread(server.stop)
    with capture_logs() as logs:
        entering = asyncio.create_task(kafka(server).__aenter__())
        async with asyncio.timeout(DEADLINE_S):
            while not logs:
                await SystemClock().sleep(0.05)
            assert not entering.done()
            await asyncio.to_thread(server.start)
            bus = await entering
    try:
        await bus.ensure_topics()
        assert await bus.publish(READINGS, "site", b"x") == 0
    finally:
        await bus.__aexit__(None, None, None)
    assert {line["event"] for line in logs} == {"bus.waiting_for_kafka"}
    assert logs[0]["servers"] == server.bootstrap


async def test_patience_with_a_dead_kafka_ends_in_time_and_so_does_leaving(server):
    loop = asyncio.get_running_loop()
    async with kafka(server, publish_timeout_s=1.5) as bus:
        await bus.ensure_topics()
        joined = Reader(await bus.subscribe(READINGS, "detector"))
        await joined.until_assigned()
        late = await bus.subscribe(READINGS, "archive")
        await asyncio.to_thread(server.kill)

        began = loop.time()
        with pytest.raises(BusUnavailable, match=r"publishing to .*tocsin\.readings"):
            await bus.publish(READINGS, "site", b"x")
        assert 1.0 < loop.time() - began < 5

        began = loop.time()
        with pytest.raises(BusUnavailable, match=r"polling tocsin\.readings"):
            await late.poll(records_max=10, wait_s=1)
        assert 0.9 < loop.time() - began < 5, "a failed poll takes its time, and no more"

        unsure = asyncio.create_task(bus.publish(READINGS, "site", b"y"))
        await asyncio.sleep(0)
        began = loop.time()
    assert loop.time() - began < 20
    with pytest.raises(BusUnavailable):
        await unsure
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, "the client left tasks behind"


async def test_a_commit_that_waits_when_its_partition_is_lost_is_never_sent():
    """The client would send it later, in the name of whoever owns the partition by then."""
    line = Line(BusSettings(kind="kafka"), Names(""), "detector", itertools.count(1))
    await line.close()
    sent, gate = [], asyncio.Event()

    async def commit(positions):
        await gate.wait()
        sent.append(positions)

    line._consumer = SimpleNamespace(commit=commit, pause=lambda _: None, seek=lambda *_: None)
    wire = TopicPartition(READINGS, 0)
    line.books.on_partitions_assigned({wire})
    committing = asyncio.create_task(line.commit(wire, 7))
    for _ in range(3):
        await asyncio.sleep(0)
    line.books.on_partitions_revoked({wire})
    gate.set()

    assert await committing is False
    assert sent == []
    assert Partition(READINGS, 0) not in line.books.held
