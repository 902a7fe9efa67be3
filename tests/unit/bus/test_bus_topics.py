"""The table of topics is whole, and a key's place never moves."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.topics import (
    BY_NAME,
    CHECKPOINTS,
    DECISIONS,
    KEY_BYTES_MAX,
    PARTITIONS_DEFAULT,
    READINGS,
    RECORD_BYTES_MAX,
    TOPICS,
    check_size,
    partition_of,
)
from shared.errors import BadRecord


def test_no_two_topics_share_a_name():
    assert len(BY_NAME) == len(TOPICS) > 0


def test_what_is_compacted_is_not_also_cut_by_age():
    compacted = [topic for topic in TOPICS if topic.compacted]
    assert compacted
    assert all(topic.retention_ms is None for topic in compacted)


def test_decisions_are_kept_for_ever():
    decisions = BY_NAME[DECISIONS]
    assert decisions.retention_ms is None
    assert not decisions.compacted


def test_a_checkpoint_partition_exists_for_each_partition_of_readings():
    assert BY_NAME[CHECKPOINTS].partitions == BY_NAME[READINGS].partitions


@pytest.mark.parametrize(
    ("key", "place"),
    [("", 0), ("z1", 1), ("harbour-tower", 7), ("t3", 3), ("地铁", 1)],
)
def test_the_place_of_a_key_is_written_in_stone(key, place):
    """Another answer would put old and new records of one site in two partitions."""
    assert partition_of(key, PARTITIONS_DEFAULT) == place


@given(st.text(), st.integers(1, 64))
def test_every_key_has_a_place(key, partitions):
    assert 0 <= partition_of(key, partitions) < partitions


def test_many_sites_spread_over_all_partitions():
    spread = Counter(partition_of(f"site-{number}", 8) for number in range(4000))
    assert set(spread) == set(range(8))
    assert max(spread.values()) < 2 * min(spread.values())


def test_a_record_at_the_limit_passes_and_one_over_it_does_not():
    check_size(READINGS, "k" * KEY_BYTES_MAX, bytes(RECORD_BYTES_MAX))
    with pytest.raises(BadRecord, match=r"record of 1048577 bytes for tocsin\.readings"):
        check_size(READINGS, "k", bytes(RECORD_BYTES_MAX + 1))
    with pytest.raises(BadRecord, match="key of a record"):
        check_size(READINGS, "键" * KEY_BYTES_MAX, b"")
