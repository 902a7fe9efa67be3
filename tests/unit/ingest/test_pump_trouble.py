"""The pump in trouble: lost connections, a bus that is stuck or refuses, poison."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from shared.bus import codec, topics
from shared.errors import BadInput
from tests.support.pump_bench import Bench, bench


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


async def test_a_topic_of_any_length_can_be_refused():
    async with bench() as it:
        packet = it.push(1.0, "tocsin/v1/" + "气" * 20_000)
        await it.settle()

        (record,) = it.bus.of(topics.REFUSED)
        assert codec.decode_refused(record.value).reason == "unknown-topic"
        assert len(record.key) == 256
        assert it.field.acknowledged == [packet]


async def test_a_pack_no_bus_would_take_is_refused_instead_of_tried_for_ever():
    async with bench() as it:
        it.bus.bytes_max = 400
        readings = [{"sensor": "t3-s1-o2", "value": 1}] * 40 + [{"sensor": "vc-07-o2", "value": 2}]
        payload = json.dumps({"readings": readings}).encode()
        packet = it.field.push(it.pump, "tocsin/v1/dongmen/gateway/_", payload)
        await it.settle()

        (record,) = it.bus.of(topics.REFUSED)
        refused = codec.decode_refused(record.value)
        assert (refused.reason, refused.readings) == ("too-large", 40)
        assert it.values() == [2.0]
        assert it.field.acknowledged == [packet]


async def test_what_neither_trying_again_nor_refusing_can_mend_ends_the_watch():
    it = Bench()
    it.bus.failing = BadInput("topic is not in the table of topics")
    watching = asyncio.create_task(it.pump.watch())
    it.push(1.0)
    await it.settle(1)

    with pytest.raises(BadInput):
        watching.result()
    assert it.field.acknowledged == []


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


async def test_retained_messages_are_no_sign_of_poison():
    async with bench(brake_messages=40, brake_messages_least=20) as it:
        for _ in range(30):
            it.push(1.0, retained=True)
        await it.settle(1)

        assert it.pump.wrong() == {}
        assert it.ledger.totals()["refused.retained"] == 30


async def test_a_stop_while_the_bus_is_stuck_leaves_the_rest_with_the_broker():
    async with bench() as it:
        it.bus.stick()
        for value in range(3):
            it.push(value)
        await it.settle()
        await it.pump.abandon()

        assert it.field.acknowledged == []
        assert it.ledger.totals()["in_flight"] == 0
        assert it.ledger.totals()["returned"] == 3
