"""The embedded log against a list that does the same by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bus.embedded import log
from shared.bus.embedded.log import SWEEP_RECORDS_MAX, TOMBSTONE_KEPT_MS, Entry
from shared.bus.embedded.schema import OFFSET_BITS, connect, offset_of, row_id, transaction
from shared.bus.topics import BY_NAME, CHECKPOINTS, DECISIONS, LEDGER, READINGS, TOPICS

RETENTION_MS = BY_NAME[READINGS].retention_ms


@pytest.fixture
def conn(tmp_path):
    conn = connect(tmp_path / "bus.sqlite")
    with transaction(conn):
        log.make_topics(conn, TOPICS)
    yield conn
    conn.close()


def lane(conn, topic=READINGS, index=0):
    return log.lanes(conn)[topic][index]


def put(conn, lane, *values, at_ms=0, key="k"):
    with transaction(conn):
        return log.append(conn, [Entry(lane, key, value) for value in values], at_ms=at_ms)


def values(conn, lane, first=0, most=1000, bytes_max=1 << 30):
    found = log.fetch(conn, lane, first=first, most=most, bytes_max=bytes_max)
    return [record.value for record in found]


def sweep(conn, now_ms):
    with transaction(conn):
        return log.sweep(conn, now_ms=now_ms)


@given(st.integers(0, 2**20), st.integers(0, 2**OFFSET_BITS - 1))
def test_a_row_is_its_lane_and_its_offset(lane_id, offset):
    row = row_id(lane_id, offset)
    assert offset_of(row) == offset
    assert row >> OFFSET_BITS == lane_id
    assert row < 2**63


def test_offsets_of_each_lane_count_up_from_zero(conn):
    one, two = lane(conn, index=0), lane(conn, index=1)
    with transaction(conn):
        mixed = [Entry(one, "a", b"1"), Entry(two, "b", b"2"), Entry(one, "a", b"3")]
        assert log.append(conn, mixed, at_ms=0) == [0, 0, 1]
    assert put(conn, two, b"4") == [1]
    assert values(conn, one) == [b"1", b"3"]
    assert values(conn, two) == [b"2", b"4"]


@given(key=st.text(max_size=20), value=st.binary(max_size=50))
@settings(max_examples=30)
def test_any_key_and_any_bytes_come_back(tmp_path_factory, key, value):
    conn = connect(tmp_path_factory.mktemp("log") / "bus.sqlite")
    conn.execute("PRAGMA synchronous = OFF")
    with transaction(conn):
        log.make_topics(conn, TOPICS)
    where = lane(conn)
    put(conn, where, value, key=key)
    (found,) = log.fetch(conn, where, first=0, most=1, bytes_max=1)
    conn.close()

    assert (found.key, found.value, found.partition) == (key, value, where.partition)


def test_a_fetch_stops_at_the_size_but_gives_at_least_one(conn):
    where = lane(conn)
    put(conn, where, *[bytes(100)] * 10)

    assert len(values(conn, where, bytes_max=1)) == 1
    assert len(values(conn, where, bytes_max=250)) == 3
    assert len(values(conn, where, first=8, bytes_max=250)) == 2


def test_topics_made_twice_keep_their_records(conn):
    where = lane(conn)
    put(conn, where, b"kept")
    with transaction(conn):
        log.make_topics(conn, TOPICS)

    assert values(conn, lane(conn)) == [b"kept"]
    assert {name: len(found) for name, found in log.lanes(conn).items()} == {
        topic.name: topic.partitions for topic in TOPICS
    }


def test_retention_removes_the_old_and_keeps_the_offsets(conn):
    where = lane(conn)
    put(conn, where, b"old", b"old too", at_ms=0)
    put(conn, where, b"young", at_ms=1)
    sweep(conn, RETENTION_MS)
    assert len(values(conn, where)) == 3, "exactly as old as allowed is still allowed"
    sweep(conn, RETENTION_MS + 1)

    assert values(conn, where) == [b"young"]
    assert log.bounds(conn, READINGS)[where.id] == log.Bounds(first=2, next=3)
    sweep(conn, RETENTION_MS + 2)
    assert log.bounds(conn, READINGS)[where.id] == log.Bounds(first=3, next=3)
    assert put(conn, where, b"after") == [3]


def test_a_young_record_before_an_old_one_shelters_it(conn):
    """A clock was set back; what it wrote then lives a little longer, nothing young is lost."""
    where = lane(conn)
    put(conn, where, b"young", at_ms=1000)
    put(conn, where, b"stamped old", at_ms=0)
    sweep(conn, RETENTION_MS + 500)

    assert values(conn, where) == [b"young", b"stamped old"]


def test_a_long_backlog_is_removed_in_several_sweeps(conn):
    where = lane(conn)
    put(conn, where, *[b"x"] * (SWEEP_RECORDS_MAX + 10), at_ms=0)

    assert sweep(conn, RETENTION_MS + 1)
    assert len(values(conn, where, most=100)) == 10
    assert not sweep(conn, RETENTION_MS + 1)
    assert values(conn, where) == []


def test_what_is_kept_for_ever_outlives_every_sweep(conn):
    where = lane(conn, DECISIONS)
    put(conn, where, b"decided", at_ms=0)
    sweep(conn, 10**15)

    assert values(conn, where) == [b"decided"]


WRITES = st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=2)), max_size=30)


@given(WRITES)
@settings(max_examples=30, deadline=None)
def test_a_compacted_lane_is_a_dictionary_of_the_last_writes(tmp_path_factory, writes):
    conn = connect(tmp_path_factory.mktemp("log") / "bus.sqlite")
    conn.execute("PRAGMA synchronous = OFF")
    with transaction(conn):
        log.make_topics(conn, TOPICS)
    where = lane(conn, CHECKPOINTS, 3)
    by_hand: dict[str, bytes] = {}
    last: dict[str, int] = {}
    for offset, (key, value) in enumerate(writes):
        assert put(conn, where, value, key=key) == [offset]
        by_hand[key] = value
        last[key] = offset
    found = log.newest(conn, where)
    left = log.fetch(conn, where, first=0, most=100, bytes_max=1 << 20)
    conn.close()

    assert found == {key: value for key, value in by_hand.items() if value}
    assert {record.key: record.offset for record in left} == last
    assert len(left) == len(last), "only the newest of each key is left in the file"


def test_several_writes_of_a_key_in_one_transaction_leave_the_last(conn):
    where = lane(conn, LEDGER)
    put(conn, where, b"1", b"2", b"3")

    assert values(conn, where) == [b"3"]
    assert log.newest(conn, where) == {"k": b"3"}


def test_a_deletion_is_forgotten_after_a_while_and_its_key_may_return(conn):
    where = lane(conn, LEDGER)
    put(conn, where, b"here", b"", at_ms=0)
    sweep(conn, TOMBSTONE_KEPT_MS)
    assert values(conn, where) == [b""]
    sweep(conn, TOMBSTONE_KEPT_MS + 1)
    assert values(conn, where) == []
    put(conn, where, b"back")

    assert log.newest(conn, where) == {"k": b"back"}
