"""What the Kafka bus decides without Kafka: its books, its names, its topics, its words."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
)
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.kafka import wire
from shared.bus.kafka.errors import mapped, ours
from shared.bus.kafka.holdings import Holdings
from shared.bus.kafka.topics import plan
from shared.bus.kafka.wire import WIRE_BYTES_MAX, Names, patiently
from shared.bus.ports import Partition
from shared.bus.topics import READINGS, RECORD_BYTES_MAX, TOPICS
from shared.clock import ManualClock
from shared.errors import BadInput, BadRecord, BusUnavailable

NAMES = Names("test.")


def wires(*indices):
    return {TopicPartition("test." + READINGS, index) for index in indices}


def part(index):
    return Partition(READINGS, index)


class Books:
    """Holdings and what they did to the client."""

    def __init__(self):
        self.did = []
        self.books = Holdings(
            NAMES,
            itertools.count(1),
            hush=lambda found: self.did.append(("hush", sorted(found))),
            let_go=lambda: self.did.append("let go"),
        )

    def assign(self, *indices):
        self.books.on_partitions_assigned(wires(*indices))

    def revoke(self, *indices):
        self.books.on_partitions_revoked(wires(*indices))

    def tell_all(self):
        for held in self.books.held.values():
            held.told = True


def test_what_is_won_is_hushed_before_it_is_in_the_books():
    books = Books()
    books.assign(1, 0)

    assert books.did == [("hush", sorted(wires(0, 1)))]
    assert list(books.books.untold()) == [part(0), part(1)]
    assert books.books.changed.is_set()


def test_each_assignment_has_its_own_epoch():
    books = Books()
    epochs = []
    for _ in range(3):
        books.assign(0, 1)
        epochs += [held.epoch for held in books.books.held.values()]
        books.revoke(0, 1)

    assert len(set(epochs)) == 6


def test_commits_are_let_go_before_anything_else_when_partitions_are_lost():
    books = Books()
    books.assign(0)
    books.revoke(0)

    assert books.did[-1] == "let go"
    assert books.books.owner(part(0), 1) is None


def test_only_the_epoch_that_holds_it_owns_it():
    books = Books()
    books.assign(0)
    books.revoke(0)
    books.assign(0)

    assert books.books.owner(part(0), 1) is None
    assert books.books.owner(part(0), 2) is not None
    assert books.books.owner(part(5), 2) is None


def test_a_loss_the_caller_never_knew_as_a_gain_is_not_told():
    books = Books()
    books.assign(0)
    books.tell_all()
    books.revoke(0)
    books.assign(0, 1)
    books.revoke(0, 1)

    assert books.books.any_losses()
    assert books.books.losses() == (part(0),)
    assert not books.books.any_losses()


def test_between_two_assignments_the_member_is_joining():
    books = Books()
    assert books.books.joining
    books.assign()
    assert not books.books.joining
    books.revoke()
    assert books.books.joining


STEPS = st.lists(
    st.tuples(st.sampled_from(["assign", "tell", "collect"]), st.sets(st.integers(0, 3)))
)


@given(STEPS)
def test_the_caller_sees_gains_and_losses_alternate(steps):
    """Whatever a group does, a partition is lost between two gains and gained before a loss."""
    books = Books()
    known: set[Partition] = set()
    gains = 0

    def collect():
        for lost in books.books.losses():
            known.remove(lost)

    for kind, indices in steps:
        if kind == "assign":
            books.revoke()
            books.assign(*indices)
        elif kind == "tell":
            collect()
            for partition, held in books.books.untold().items():
                assert partition not in known
                known.add(partition)
                held.told = True
                gains += 1
        else:
            collect()
    books.revoke()
    collect()
    assert not known


def test_names_on_the_wire_carry_the_prefix_and_ours_do_not():
    there = NAMES.wire(part(3))

    assert there == TopicPartition("test.tocsin.readings", 3)
    assert NAMES.ours(there) == part(3)
    assert Names("").topic(READINGS) == READINGS
    assert NAMES.group("detector") == "test.detector"


def test_the_topics_asked_for_are_the_tables():
    asked = {one.name.removeprefix("test."): one for one in plan(TOPICS, NAMES, brokers=1)}

    assert asked.keys() == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        one = asked[topic.name]
        assert one.num_partitions == topic.partitions
        policy = "compact" if topic.compacted else "delete"
        assert one.topic_configs["cleanup.policy"] == policy
        if not topic.compacted:
            kept = -1 if topic.retention_ms is None else topic.retention_ms
            assert one.topic_configs["retention.ms"] == str(kept)


@pytest.mark.parametrize(
    ("brokers", "replicas", "in_sync"), [(0, 1, 1), (1, 1, 1), (2, 2, 1), (3, 3, 2), (9, 3, 2)]
)
def test_one_broker_may_fail_where_there_are_enough(brokers, replicas, in_sync):
    for one in plan(TOPICS, NAMES, brokers=brokers):
        assert one.replication_factor == replicas
        assert one.topic_configs["min.insync.replicas"] == str(in_sync)


def test_the_largest_record_fits_the_wire():
    assert WIRE_BYTES_MAX > RECORD_BYTES_MAX


@pytest.mark.parametrize(
    ("theirs", "kind", "words"),
    [
        (KafkaConnectionError("nobody there"), BusUnavailable, "did not answer while x: .*nobody"),
        (NotLeaderForPartitionError(), BusUnavailable, "NotLeader"),
        (MessageSizeTooLargeError("2 MiB"), BadRecord, "split it"),
        (TopicAuthorizationFailedError("t"), BadInput, "grant this client the right"),
    ],
)
def test_each_error_says_whether_to_try_again(theirs, kind, words):
    with pytest.raises(kind, match=words), mapped("x"):
        raise theirs
    assert isinstance(ours("x", theirs), kind)


async def test_a_time_out_is_worth_another_try():
    with pytest.raises(BusUnavailable, match="TimeoutError"), mapped("x"):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()


async def test_patience_grows_and_ends_when_kafka_is_there(monkeypatch):
    clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    monkeypatch.setattr(clock, "sleep", sleep)
    tries = iter([KafkaConnectionError("no")] * 5)

    async def attempt():
        for error in tries:
            raise error
        return "connected"

    assert await patiently("test", "here:1", attempt, clock=clock) == "connected"
    assert waits == sorted(waits)
    assert waits[0] == wire.RETRY_FIRST_S
    assert waits[-1] == wire.RETRY_MOST_S


async def test_servers_that_cannot_be_read_are_not_tried_again():
    async def attempt():
        raise ValueError("invalid literal for int(): 'port'")

    clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(BadInput, match="write host:port"):
        await patiently("test", "here:port", attempt, clock=clock)
