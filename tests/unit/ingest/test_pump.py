"""The pump: acknowledgements in order, a window that never leaks, a bus that gets stuck."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.ledger import Ledger
from services.ingest.settings import IngestSettings
from services.ingest.shell.pump import Pump
from services.ingest.shell.statements import Statements
from shared.bus import codec, topics
from shared.clock import ManualClock
from shared.metrics import Metrics
from tests.support.ingest_city import NOON, NOON_US, own_topic, small_city
from tests.support.ingest_field import PaperField
from tests.support.memory_bus import MemoryBus

O2 = own_topic("t3-s1-o2")
LEVEL = own_topic("vc-07-level")
CATALOGUE = catalogue_of(small_city())


class Bench:
    """A pump between paper and memory, on a clock that the test moves."""

    def __init__(self, **settings: Any) -> None:
        self.settings = IngestSettings(**settings)
        self.clock = ManualClock(NOON)
        self.field = PaperField()
        self.bus = MemoryBus()
        self.ledger = Ledger()
        self.pump = Pump(
            self.settings,
            catalogue=CATALOGUE,
            field=self.field,
            bus=self.bus,
            ledger=self.ledger,
            clock=self.clock,
            metrics=Metrics(),
            rng=np.random.default_rng(1),
        )

    def push(self, value: object, topic: str = O2, **how: Any) -> int:
        return self.field.push(self.pump, topic, json.dumps({"value": value}).encode(), **how)

    async def settle(self, seconds: float = 0.0) -> None:
        await self.clock.advance(timedelta(seconds=seconds))

    def values(self) -> list[float]:
        packs = [codec.unpack(record.value) for record in self.bus.of(topics.READINGS)]
        return [value for pack in packs for value in codec.columns(pack).values.tolist()]


@asynccontextmanager
async def bench(**settings: Any) -> AsyncIterator[Bench]:
    made = Bench(**settings)
    watching = asyncio.create_task(made.pump.watch())
    try:
        yield made
        assert made.ledger.balanced(), made.ledger.totals()
    finally:
        watching.cancel()
        made.bus.unstick()
        await made.pump.abandon()


async def test_a_reading_becomes_one_record_of_its_site_and_is_then_acknowledged():
    async with bench() as it:
        packet = it.push(17.0)
        assert it.field.acknowledged == []
        await it.settle()

        (record,) = it.bus.of(topics.READINGS)
        pack = codec.unpack(record.value)
        assert record.key == "t3"
        assert (pack.device, pack.received_at_us, pack.sensors) == (O2, NOON_US, ["t3-s1-o2"])
        assert it.field.acknowledged == [packet]
        assert it.ledger.totals() == {"received": 1, "stored": 1, "in_flight": 0, "returned": 0}


async def test_a_refusal_is_kept_with_its_bytes_before_it_is_acknowledged():
    async with bench(kept_bytes_max=8) as it:
        it.bus.stick()
        packet = it.push("seventeen")
        await it.settle()
        assert it.field.acknowledged == []
        it.bus.unstick()
        await it.settle()

        (record,) = it.bus.of(topics.REFUSED)
        refused = codec.decode_refused(record.value)
        assert record.key == refused.topic == O2
        assert (refused.reason, refused.payload) == ("not-a-number", b'{"value"')
        assert refused.payload_size == len(b'{"value": "seventeen"}')
        assert it.field.acknowledged == [packet]
        assert it.ledger.totals()["refused.not-a-number"] == 1


class ShuffledBus(MemoryBus):
    """Answers in whatever order the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[asyncio.Future[None]] = []

    async def publish(self, topic, key, value, *, partition=None):
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked.append((topic, key, value))
        self.waiting.append(answer)
        await answer
        return len(self.asked)


@pytest.mark.parametrize("seed", range(10), ids="seed={}".format)
async def test_acks_leave_in_receive_order_whatever_order_the_bus_answers_in(seed):
    rng = np.random.default_rng(seed)
    it = Bench()
    it.bus = it.pump._bus = ShuffledBus()
    packets = [it.push(17.0 if rng.random() < 0.7 else None) for _ in range(40)]
    await it.settle()
    assert len(it.bus.waiting) == 40

    for count, place in enumerate(rng.permutation(40)):
        it.bus.waiting[place].set_result(None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert it.field.acknowledged == packets[: len(it.field.acknowledged)]
        assert len(it.field.acknowledged) <= count + 1

    assert it.field.acknowledged == packets
    assert it.ledger.balanced()


async def test_records_are_given_to_the_bus_in_receive_order():
    async with bench() as it:
        for value in range(30):
            it.push(value, O2 if value % 3 else own_topic("t3-s1-temp"))
        await it.settle()

        assert it.values() == list(range(30))


async def test_a_full_window_takes_nothing_more_and_asks_for_more_when_there_is_room():
    async with bench(receive_window=3) as it:
        it.bus.stick()
        for value in range(3):
            it.push(value)
        assert not it.pump.has_room()
        it.bus.unstick()
        await it.settle()

        assert it.pump.has_room()
        assert it.field.resumed == 1


@pytest.mark.parametrize("seed", range(6), ids="seed={}".format)
async def test_the_window_is_whole_again_after_any_mix_of_good_bad_lost_and_stuck(seed):
    rng = np.random.default_rng(seed)
    async with bench(receive_window=8, stuck_publish_s=4.0) as it:
        sent = 0
        for _ in range(200):
            act = rng.choice(["good", "bad", "qos0", "stick", "unstick", "refuse", "lost", "wait"])
            it.bus.refusing = act == "refuse"
            if act in ("good", "bad", "qos0") and it.pump.has_room():
                it.push(1.0 if act != "bad" else "x", qos=0 if act == "qos0" else 1)
                sent += 1
            elif act == "stick":
                it.bus.stick()
            elif act == "unstick":
                it.bus.unstick()
            elif act == "lost" and it.pump.has_room() and len(it.field._session) <= 8:
                it.field.reconnect(it.pump)
            await it.settle(float(rng.uniform(0, 3)))
        it.bus.refusing = False
        it.bus.unstick()
        await it.settle(120)
        while it.field._session:
            it.field.reconnect(it.pump)
            await it.settle(120)

        assert sent > 40, "the mix hardly sent anything"
        assert it.ledger.returned > 0, "nothing was ever handed back"
        assert (it.pump.in_flight, it.pump.has_room()) == (0, True)
        assert it.ledger.totals()["in_flight"] == 0
        assert not it.field._session
        for _ in range(8):
            it.push(2.0)
        assert not it.pump.has_room()
        await it.settle()


async def test_an_acknowledgement_never_goes_to_a_later_connection():
    async with bench() as it:
        it.bus.stick()
        it.push(1.0)
        await it.settle()
        it.field.connection += 1  # lost, and the broker has not sent anything again yet
        it.bus.unstick()
        await it.settle()

        assert it.values() == [1.0]
        assert it.field.acknowledged == []


async def test_a_stuck_bus_ends_in_a_deliberate_reconnect_and_nothing_is_lost():
    async with bench(stuck_publish_s=10) as it:
        it.bus.stick()
        packets = [it.push(value) for value in range(5)]
        await it.settle(9)
        assert it.field.dropped == []
        await it.settle(1.6)
        assert it.field.dropped == ["stuck"]
        assert not it.pump.has_room()
        assert it.ledger.totals()["returned"] == 5
        assert it.pump.wrong()["bus"].startswith("input waits")

        it.bus.unstick()
        await it.settle(1)
        assert it.pump.has_room()
        assert it.field.resumed == 1
        assert it.field.reconnect(it.pump) == 5
        await it.settle()

        assert it.values() == [0, 1, 2, 3, 4]
        assert it.field.acknowledged == packets
        assert it.pump.wrong() == {}


async def test_a_bus_that_refuses_ends_in_a_reconnect_at_once_and_waits_grow():
    async with bench() as it:
        it.bus.refusing = True
        it.push(1.0)
        await it.settle()
        assert it.field.dropped == ["bus"]
        for _ in range(6):
            await it.settle(31)
            it.field.reconnect(it.pump)
            await it.settle()

        assert it.field.dropped == ["bus"] * 7
        assert not it.pump.has_room(), "it is waiting before it tries again"


async def test_messages_without_qos_are_kept_through_trouble_for_they_cannot_come_again():
    async with bench() as it:
        it.bus.refusing = True
        for value in (1.0, 2.0, 3.0):
            it.push(value, qos=0)
        await it.settle()
        assert it.pump.in_flight == 3
        it.bus.refusing = False
        await it.settle(31)

        assert it.values() == [1.0, 2.0, 3.0]
        assert it.ledger.totals() == {"received": 3, "stored": 3, "in_flight": 0, "returned": 0}


async def test_mostly_refused_messages_are_said_loudly_and_stop_nothing():
    async with bench(brake_messages=40, brake_messages_least=20) as it:
        for _ in range(20):
            it.push("poison")
        await it.settle(1)
        assert "20 of the last 20 messages" in it.pump.wrong()["refusals"]
        assert it.pump.has_room()

        for _ in range(30):
            it.push(20.0)
        await it.settle(1)
        assert it.pump.wrong() == {}
        assert len(it.values()) == 30


async def test_a_stop_takes_nothing_more_and_waits_for_what_is_in_flight():
    async with bench() as it:
        it.bus.stick()
        packet = it.push(1.0)
        finishing = asyncio.create_task(it.pump.finish())
        await it.settle()
        assert not it.pump.has_room()
        assert not finishing.done()
        it.bus.unstick()
        await finishing

        assert it.field.acknowledged == [packet]
        assert not it.pump.has_room()


async def test_totals_are_stated_when_they_changed_and_only_then():
    async with bench() as it:
        statements = Statements(it.ledger, instance="east", bus=it.bus, clock=it.clock, every_s=1.0)
        stating = asyncio.create_task(statements.run())
        await it.settle(5)
        it.push(1.0)
        it.push("x", LEVEL)
        await it.settle(5)
        stating.cancel()

        first, last = (codec.decode_statement(r.value) for r in it.bus.of(topics.LEDGER))
        assert first.counts["received"] == 0
        assert last.counts == {
            "received": 2, "stored": 1, "in_flight": 0, "returned": 0, "refused.not-a-number": 1,
        }  # fmt: skip
        assert last.instance.startswith("east-")
        assert it.bus.of(topics.LEDGER)[0].key == f"ingest/{last.instance}"
