"""Who owns what in a consumer group on the embedded bus."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bus.embedded import crews
from shared.bus.embedded.crews import LEASE_MS, Member, share_out
from shared.bus.embedded.schema import connect, transaction

PARTITIONS = 8
NAMES = st.sampled_from("abcdefgh")
OWNERS = st.dictionaries(st.integers(0, PARTITIONS - 1), NAMES)


def stranger(name: str) -> Member:
    """A member of whose process nothing is known here."""
    return Member(name=name, home="", pid=0, born=0)


@pytest.fixture
def conn(tmp_path):
    conn = connect(tmp_path / "bus.sqlite")
    yield conn
    conn.close()


@pytest.fixture
def crew(conn):
    with transaction(conn):
        return crews.crew_id(conn, "topic", "group")


def attend(conn, crew, me, *, now_ms=0):
    with transaction(conn):
        return crews.attend(conn, crew, me, partitions=PARTITIONS, now_ms=now_ms)


def settle(conn, crew, members, *, now_ms=0):
    """Let everybody look until nobody's share changes; the partitions of each."""
    before = None
    for _ in range(10):
        shares = {me.name: set(attend(conn, crew, me, now_ms=now_ms).owned) for me in members}
        if shares == before:
            return shares
        before = shares
    raise AssertionError(f"the crew never settled: {before}")


@given(st.sets(NAMES, min_size=1), OWNERS, st.integers(1, PARTITIONS))
def test_every_partition_has_one_owner_and_shares_are_even(members, owners, partitions):
    shares = share_out(members, partitions, owners)

    assert shares.keys() == members
    held = sorted(part for share in shares.values() for part in share)
    assert held == list(range(partitions))
    sizes = [len(share) for share in shares.values()]
    assert max(sizes) - min(sizes) <= 1


@given(st.sets(NAMES, min_size=1), OWNERS)
def test_sharing_out_twice_moves_nothing(members, owners):
    shares = share_out(members, PARTITIONS, owners)
    settled = {part: member for member, share in shares.items() for part in share}

    assert share_out(members, PARTITIONS, settled) == shares


@given(st.sets(NAMES, min_size=1), OWNERS)
def test_no_more_moves_than_evenness_needs(members, owners):
    shares = share_out(members, PARTITIONS, owners)
    fair = -(-PARTITIONS // len(members))

    for member, share in shares.items():
        had = {part for part, owner in owners.items() if owner == member}
        if len(had) <= PARTITIONS // len(members):
            assert had <= share, "a member below its fair share gave something up"
        assert len(had & share) >= min(len(had), fair - 1)


def test_nobody_to_share_with_is_no_error():
    assert share_out([], PARTITIONS, {0: "gone"}) == {}


def test_a_newcomer_gets_nothing_before_the_owner_let_go(conn, crew):
    old, new = stranger("old"), stranger("new")
    attend(conn, crew, old)

    assert attend(conn, crew, new).owned == {}
    assert len(attend(conn, crew, old).owned) == PARTITIONS / 2
    assert len(attend(conn, crew, new).owned) == PARTITIONS / 2


def test_a_partition_that_changed_hands_has_a_new_epoch(conn, crew):
    old, new = stranger("old"), stranger("new")
    before = attend(conn, crew, old).owned
    settle(conn, crew, [old, new])
    taken = attend(conn, crew, new).owned

    assert taken
    assert not set(taken.values()) & set(before.values())


def test_what_stays_keeps_its_epoch(conn, crew):
    old, new = stranger("old"), stranger("new")
    before = attend(conn, crew, old).owned
    settle(conn, crew, [old, new])
    kept = attend(conn, crew, old).owned

    assert kept
    assert kept.items() <= before.items()


def test_only_the_owner_of_the_epoch_may_commit(conn, crew):
    old, new = stranger("old"), stranger("new")
    before = attend(conn, crew, old).owned
    settle(conn, crew, [old, new])
    part, epoch = next(iter(attend(conn, crew, new).owned.items()))

    def commit(me, epoch, position):
        return crews.commit(conn, crew, me, part=part, epoch=epoch, position=position)

    assert not commit(old, before[part], 5)
    assert not commit(old, epoch, 5)
    assert not commit(new, before[part], 5)
    assert attend(conn, crew, new).committed == {}
    assert commit(new, epoch, 7)
    assert attend(conn, crew, new).committed == {part: 7}


def test_a_lease_that_ran_out_frees_the_partitions(conn, crew):
    silent, other = stranger("silent"), stranger("other")
    attend(conn, crew, silent)

    assert attend(conn, crew, other, now_ms=LEASE_MS - 1).owned == {}
    assert len(attend(conn, crew, other, now_ms=LEASE_MS).owned) == PARTITIONS
    late = attend(conn, crew, silent, now_ms=LEASE_MS)
    assert late.owned == {}, "who was taken for dead starts anew"


def test_a_member_nobody_buried_keeps_all_it_had(conn, crew):
    late = stranger("late")
    before = attend(conn, crew, late).owned

    assert attend(conn, crew, late, now_ms=100 * LEASE_MS).owned == before


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_a_process_that_is_gone_is_buried_at_once(conn, crew):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = crews.this_process("here")
    attend(conn, crew, replace(here, name="dead", pid=gone.pid, born=1))

    assert len(attend(conn, crew, here).owned) == PARTITIONS


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_a_pid_that_was_given_out_again_is_another_process(conn, crew):
    here = crews.this_process("here")
    attend(conn, crew, replace(here, name="earlier life", born=here.born - 1))

    assert len(attend(conn, crew, here).owned) == PARTITIONS


def test_a_living_process_and_one_of_another_machine_are_left_alone(conn, crew):
    here = crews.this_process("here")
    attend(conn, crew, replace(here, name="sibling"))
    attend(conn, crew, Member("far", home="another machine", pid=1, born=1))

    assert attend(conn, crew, here).owned == {}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), NAMES), min_size=1, max_size=12))
def test_however_members_come_and_go_the_crew_settles_evenly(tmp_path_factory, steps):
    conn = connect(tmp_path_factory.mktemp("crew") / "bus.sqlite")
    conn.execute("PRAGMA synchronous = OFF")
    with transaction(conn):
        crew = crews.crew_id(conn, "topic", "group")
    present: dict[str, Member] = {}
    for comes, name in steps:
        if comes:
            present[name] = stranger(name)
            attend(conn, crew, present[name])
        elif name in present:
            with transaction(conn):
                crews.leave(conn, crew, present.pop(name))
        if present:
            shares = settle(conn, crew, present.values())
            assert sorted(part for share in shares.values() for part in share) == list(range(8))
            assert max(map(len, shares.values())) - min(map(len, shares.values())) <= 1
    conn.close()
