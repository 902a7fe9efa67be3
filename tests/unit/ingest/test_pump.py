"""The pump on good days: one record a site, acknowledgements in order, a bounded window."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from services.ingest.shell.statements import Statements
from shared.bus import codec, topics
from tests.support.ingest_city import NOON_US, own_topic
from tests.support.memory_bus import MemoryBus
from tests.support.pump_bench import LEVEL, O2, Bench, bench


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
        assert (refused.reason, refused.payload) == ("wrong-type", b'{"value"')
        assert refused.payload_size == len(b'{"value": "seventeen"}')
        assert it.field.acknowledged == [packet]
        assert it.ledger.totals()["refused.wrong-type"] == 1


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
            "received": 2, "stored": 1, "in_flight": 0, "returned": 0, "refused.wrong-type": 1,
        }  # fmt: skip
        assert last.instance.startswith("east-")
        assert it.bus.of(topics.LEDGER)[0].key == f"ingest/{last.instance}"
