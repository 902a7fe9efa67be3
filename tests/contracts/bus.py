"""What every bus promises, as tests. A bus is a bus when a subclass of this passes.

A subclass gives ``bus`` (open, topics made) and ``again`` (opens another connection to the same
records, as another process would). Topics have fixed names; how a subclass keeps tests apart is
its own affair.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import pytest

from shared.bus.ports import Assigned, Bus, Partition, Polled, Record, Subscription
from shared.bus.topics import (
    BY_NAME,
    CHECKPOINTS,
    EVENTS,
    LEDGER,
    READINGS,
    RECORD_BYTES_MAX,
    TOPICS,
    partition_of,
)
from shared.errors import BadRecord

PARTITIONS = BY_NAME[READINGS].partitions
DEADLINE_S = 40.0
"""How long a test waits for what must come; what is wrong shows as this timeout."""

Again = Callable[[], AbstractAsyncContextManager[Bus]]


@dataclass
class Reader:
    """A member that keeps what it was told, and starts where the group left off."""

    subscription: Subscription
    begin: bool = True
    epochs: dict[Partition, int] = field(default_factory=dict)
    assigned: dict[Partition, Assigned] = field(default_factory=dict)
    revoked: list[Partition] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    async def poll(self, *, wait_s: float = 0.2, records_max: int = 1000) -> Polled:
        polled = await self.subscription.poll(records_max=records_max, wait_s=wait_s)
        for partition in polled.revoked:
            self.revoked.append(partition)
            del self.epochs[partition]
        for one in polled.assigned:
            assert one.partition not in self.epochs, "assigned twice without a loss between"
            self.epochs[one.partition] = one.epoch
            self.assigned[one.partition] = one
            if self.begin:
                where = one.first if one.committed is None else one.committed
                await self.subscription.start(one.partition, where)
        for partition, records in polled.records.items():
            assert partition in self.epochs, "records of a partition that is not ours"
            self.records.extend(records)
        return polled

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not done():
                await self.poll()

    async def until_assigned(self, count: int = PARTITIONS) -> None:
        await self.until(lambda: len(self.epochs) == count)

    async def until_values(self, count: int) -> None:
        await self.until(lambda: len(self.records) >= count)

    def values(self) -> list[bytes]:
        return [record.value for record in self.records]


async def side_by_side(*readers: Reader, until: Callable[[], bool]) -> None:
    """Poll all of them, concurrently, until the condition holds."""

    async def keep_polling(reader: Reader) -> None:
        while not until():
            await reader.poll(wait_s=0.1)

    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        for reader in readers:
            group.create_task(keep_polling(reader))


async def fill(bus: Bus, topic: str, keys: int, each: int, *, start: int = 0) -> dict[str, list]:
    """Publish numbered records of many keys, all at once; what was sent, by key."""
    sent: dict[str, list] = {f"site-{key}": [] for key in range(keys)}
    waiting = []
    for number in range(start, start + each):
        for key, values in sent.items():
            values.append(f"{key} {number}".encode())
            waiting.append(bus.publish(topic, key, values[-1]))
    await asyncio.gather(*waiting)
    return sent


def by_key(records: list[Record]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for record in records:
        found.setdefault(record.key, []).append(record.value)
    return found


async def everything(bus: Bus, topic: str) -> list[Record]:
    """All records of a topic, read outside any group."""
    found: list[Record] = []
    for partition, end in (await bus.ends(topic)).items():
        at = 0
        while at < end:
            batch = await bus.read(topic, partition.index, first=at, most=500)
            if not batch:
                break
            found.extend(batch)
            at = batch[-1].offset + 1
    return found


class BusContract:
    @pytest.fixture
    async def bus(self, again: Again) -> AsyncIterator[Bus]:
        async with again() as bus:
            await bus.ensure_topics()
            yield bus

    # --- publishing

    async def test_records_of_one_key_keep_the_order_of_the_calls(self, bus):
        sent = await fill(bus, READINGS, keys=10, each=60)

        assert by_key(await everything(bus, READINGS)) == sent

    async def test_a_key_lives_where_the_table_says(self, bus):
        await fill(bus, READINGS, keys=30, each=1)

        found = await everything(bus, READINGS)
        assert len({record.partition for record in found}) > 1
        for record in found:
            assert record.partition.index == partition_of(record.key, PARTITIONS)
            assert record.partition.topic == READINGS

    async def test_a_named_partition_overrides_the_key(self, bus):
        other = (partition_of("site-1", PARTITIONS) + 1) % PARTITIONS
        await bus.publish(READINGS, "site-1", b"here", partition=other)

        assert [r.value for r in await bus.read(READINGS, other, first=0, most=5)] == [b"here"]

    async def test_publish_returns_the_offset_the_record_has(self, bus):
        offsets = [await bus.publish(EVENTS, "site", str(n).encode()) for n in range(5)]

        index = partition_of("site", PARTITIONS)
        found = await bus.read(EVENTS, index, first=0, most=10)
        assert [(r.offset, r.value) for r in found] == [
            (offset, str(n).encode()) for n, offset in enumerate(offsets)
        ]
        assert offsets == sorted(set(offsets))

    async def test_a_record_of_the_largest_size_comes_back_whole(self, bus):
        value = bytes(range(256)) * (RECORD_BYTES_MAX // 256)
        waiting = [bus.publish(READINGS, "site", value[n:]) for n in range(3)]
        await asyncio.gather(*waiting)
        reader = Reader(await bus.subscribe(READINGS, "large"))
        await reader.until_values(3)

        assert reader.values() == [value, value[1:], value[2:]]

    async def test_a_larger_one_is_refused_and_nothing_else_suffers(self, bus):
        with pytest.raises(BadRecord, match="split it"):
            await bus.publish(READINGS, "site", bytes(RECORD_BYTES_MAX + 1))
        await bus.publish(READINGS, "site", b"next")

        assert [r.value for r in await everything(bus, READINGS)] == [b"next"]

    # --- positions

    async def test_what_was_not_committed_comes_again(self, bus):
        sent = await fill(bus, READINGS, keys=5, each=4)
        first = Reader(await bus.subscribe(READINGS, "detector"))
        await first.until_values(20)
        await first.subscription.close()

        second = Reader(await bus.subscribe(READINGS, "detector"))
        await second.until_values(20)
        assert by_key(second.records) == by_key(first.records) == sent
        assert all(one.committed is None for one in second.assigned.values())

    async def test_what_was_committed_does_not_come_again(self, bus):
        await fill(bus, READINGS, keys=5, each=4)
        first = Reader(await bus.subscribe(READINGS, "detector"))
        await first.until_values(20)
        for partition in first.epochs:
            mine = [r.offset for r in first.records if r.partition == partition]
            if mine:
                epoch = first.epochs[partition]
                assert await first.subscription.commit(partition, epoch, max(mine) + 1)
        await first.subscription.close()
        later = await fill(bus, READINGS, keys=5, each=1, start=4)

        second = Reader(await bus.subscribe(READINGS, "detector"))
        await second.until_values(5)
        assert by_key(second.records) == later

    async def test_groups_do_not_see_each_others_commits(self, bus):
        await bus.publish(READINGS, "site", b"once")
        one = Reader(await bus.subscribe(READINGS, "detector"))
        await one.until_values(1)
        where = one.records[0].partition
        assert await one.subscription.commit(where, one.epochs[where], 1)

        other = Reader(await bus.subscribe(READINGS, "archive"))
        await other.until_values(1)
        assert other.values() == [b"once"]

    async def test_a_partition_is_quiet_until_it_is_started(self, bus):
        await fill(bus, READINGS, keys=8, each=3)
        reader = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
        await reader.until_assigned()
        for _ in range(3):
            assert not (await reader.poll(wait_s=0.1)).records

        chosen = partition_of("site-0", PARTITIONS)
        await reader.subscription.start(Partition(READINGS, chosen), 0)
        await reader.until_values(3)
        await reader.poll()
        assert {record.partition.index for record in reader.records} == {chosen}

    async def test_starting_below_the_first_offset_starts_at_the_first(self, bus):
        await fill(bus, READINGS, keys=1, each=3)
        reader = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
        await reader.until_assigned()
        where = Partition(READINGS, partition_of("site-0", PARTITIONS))
        await reader.subscription.start(where, -5)
        await reader.until_values(3)

        assert [record.offset for record in reader.records] == [0, 1, 2]

    async def test_starting_beyond_the_end_starts_at_the_first(self, bus):
        """The log lost what the position stood for, so everything that is left is read again."""
        await fill(bus, READINGS, keys=1, each=3)
        reader = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
        await reader.until_assigned()
        where = Partition(READINGS, partition_of("site-0", PARTITIONS))
        await reader.subscription.start(where, 700)
        await reader.until_values(3)

        assert [record.offset for record in reader.records] == [0, 1, 2]

    async def test_seeking_back_reads_the_same_again(self, bus):
        await fill(bus, READINGS, keys=1, each=50)
        reader = Reader(await bus.subscribe(READINGS, "detector"))
        await reader.until_values(50)
        once = list(reader.records)
        reader.records.clear()

        await reader.subscription.start(once[0].partition, 10)
        await reader.until_values(40)
        assert reader.records == once[10:]

    async def test_a_poll_gives_no_more_than_was_asked_for(self, bus):
        await fill(bus, READINGS, keys=1, each=25)
        reader = Reader(await bus.subscribe(READINGS, "detector"))
        sizes = []
        while len(reader.records) < 25:
            polled = await reader.poll(records_max=10)
            sizes += [len(records) for records in polled.records.values()]

        assert max(sizes) <= 10
        assert [record.offset for record in reader.records] == list(range(25))

    async def test_an_empty_poll_returns_in_time(self, bus):
        reader = Reader(await bus.subscribe(READINGS, "detector"))
        await reader.until_assigned()
        loop = asyncio.get_running_loop()
        for wait_s in (0.0, 0.3):
            began = loop.time()
            assert await reader.poll(wait_s=wait_s) == Polled()
            assert wait_s * 0.9 <= loop.time() - began < wait_s + 1.0

    async def test_a_waiting_poll_wakes_when_a_record_comes(self, bus):
        reader = Reader(await bus.subscribe(READINGS, "detector"))
        await reader.until_assigned()
        waiting = asyncio.create_task(reader.poll(wait_s=30))
        await asyncio.sleep(0)
        await bus.publish(READINGS, "site", b"now")
        async with asyncio.timeout(5):
            await waiting

        assert reader.values() == [b"now"]

    async def test_an_abandoned_poll_loses_nothing(self, bus):
        reader = Reader(await bus.subscribe(READINGS, "detector"))
        await fill(bus, READINGS, keys=3, each=5)
        for pause_s in (0.0, 0.001, 0.005, 0.02, 0.08):
            poll = asyncio.create_task(reader.subscription.poll(records_max=10, wait_s=5))
            done, _ = await asyncio.wait([poll], timeout=pause_s)
            if done:
                break
            poll.cancel()
            await asyncio.wait([poll])
        else:
            poll = asyncio.create_task(reader.subscription.poll(records_max=10, wait_s=5))
        told = await poll
        for one in told.assigned:
            reader.epochs[one.partition] = one.epoch
            await reader.subscription.start(one.partition, one.first)
        await reader.until_values(15)

        assert len(reader.epochs) == PARTITIONS
        assert len(reader.records) == 15

    # --- crews

    async def test_two_members_share_and_each_record_has_one_owner(self, bus):
        one = Reader(await bus.subscribe(READINGS, "detector"))
        await one.until_assigned()
        two = Reader(await bus.subscribe(READINGS, "detector"))
        await side_by_side(one, two, until=lambda: len(one.epochs) == len(two.epochs) == 4)
        assert not one.epochs.keys() & two.epochs.keys()

        sent = await fill(bus, READINGS, keys=24, each=5)
        await side_by_side(one, two, until=lambda: len(one.records) + len(two.records) >= 120)
        assert one.records
        assert two.records
        assert by_key(one.records) | by_key(two.records) == sent
        assert not by_key(one.records).keys() & by_key(two.records).keys()

    async def test_when_a_member_leaves_the_other_takes_over_where_it_left_off(self, bus):
        one = Reader(await bus.subscribe(READINGS, "detector"))
        two = Reader(await bus.subscribe(READINGS, "detector"))
        await side_by_side(one, two, until=lambda: len(one.epochs) == len(two.epochs) == 4)
        sent = await fill(bus, READINGS, keys=24, each=2)
        await side_by_side(one, two, until=lambda: len(one.records) + len(two.records) >= 48)
        for partition, epoch in two.epochs.items():
            mine = [r.offset for r in two.records if r.partition == partition]
            assert await two.subscription.commit(partition, epoch, max(mine, default=-1) + 1)
        for partition, epoch in one.epochs.items():
            mine = [r.offset for r in one.records if r.partition == partition]
            assert await one.subscription.commit(partition, epoch, max(mine, default=-1) + 1)
        before = by_key(two.records)
        await two.subscription.close()

        await one.until_assigned()
        more = await fill(bus, READINGS, keys=24, each=1, start=2)
        await one.until(lambda: len(one.records) + len(two.records) >= 72)
        found = by_key(one.records)
        for key, values in sent.items():
            assert before.get(key, []) + found[key] == values + more[key]

    async def test_a_commit_under_an_old_epoch_is_refused(self, bus):
        await fill(bus, READINGS, keys=24, each=2)
        one = Reader(await bus.subscribe(READINGS, "detector"))
        await one.until_assigned()
        old = dict(one.epochs)
        two = Reader(await bus.subscribe(READINGS, "detector"))
        await side_by_side(one, two, until=lambda: len(one.epochs) == len(two.epochs) == 4)

        for partition in two.epochs:
            assert not await one.subscription.commit(partition, old[partition], 1)
        for partition, epoch in two.epochs.items():
            assert await two.subscription.commit(partition, epoch, 2)
        for partition in two.epochs:
            assert not await one.subscription.commit(partition, old[partition], 1)
        await two.subscription.close()
        await one.until_assigned()

        taken = [one.assigned[partition] for partition in two.epochs]
        assert [assigned.committed for assigned in taken] == [2] * 4
        assert all(assigned.epoch != old[assigned.partition] for assigned in taken)

    async def test_an_epoch_that_was_never_ours_is_refused(self, bus):
        reader = Reader(await bus.subscribe(READINGS, "detector"))
        await reader.until_assigned()
        for partition, epoch in reader.epochs.items():
            assert not await reader.subscription.commit(partition, epoch + 1, 1)
        assert not await reader.subscription.commit(Partition(READINGS, 77), 1, 1)

    async def test_starting_a_lost_partition_does_nothing(self, bus):
        one = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
        await one.until_assigned()
        two = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
        await side_by_side(one, two, until=lambda: len(one.epochs) == len(two.epochs) == 4)
        await fill(bus, READINGS, keys=24, each=1)
        for partition in two.epochs:
            await one.subscription.start(partition, 0)
        await one.poll()
        await one.poll()

        assert not one.records

    async def test_a_member_on_another_connection_is_a_member(self, bus, again):
        sent = await fill(bus, READINGS, keys=24, each=3)
        async with again() as elsewhere:
            here = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
            there = Reader(await elsewhere.subscribe(READINGS, "detector"), begin=False)
            await side_by_side(
                here, there, until=lambda: len(here.epochs) == len(there.epochs) == 4
            )
            for reader in (here, there):
                for partition in reader.epochs:
                    await reader.subscription.start(partition, 0)
            await side_by_side(
                here, there, until=lambda: len(here.records) + len(there.records) >= 72
            )
            assert by_key(here.records) | by_key(there.records) == sent
        await here.until_assigned()

    # --- what lies on the bus

    async def test_a_snapshot_has_the_newest_of_each_key_and_no_deletions(self, bus):
        for number in range(3):
            for key in ("a", "b", "c"):
                await bus.publish(CHECKPOINTS, key, f"{key}{number}".encode(), partition=2)
        await bus.publish(CHECKPOINTS, "b", b"", partition=2)
        await bus.publish(CHECKPOINTS, "a", b"elsewhere", partition=3)

        assert await bus.snapshot(CHECKPOINTS, 2) == {"a": b"a2", "c": b"c2"}
        assert await bus.snapshot(CHECKPOINTS, 3) == {"a": b"elsewhere"}
        assert await bus.snapshot(CHECKPOINTS, 4) == {}

    async def test_a_deleted_key_can_come_back(self, bus):
        for value in (b"once", b"", b"again"):
            await bus.publish(LEDGER, "k", value)

        assert await bus.snapshot(LEDGER, 0) == {"k": b"again"}

    async def test_who_follows_a_compacted_topic_hears_of_a_deletion(self, bus):
        reader = Reader(await bus.subscribe(LEDGER, "alerts"))
        await reader.until_assigned(1)
        for value in (b"there", b""):
            await bus.publish(LEDGER, "k", value)
        await reader.until(lambda: b"" in reader.values())

        assert reader.records[-1].key == "k"

    async def test_ends_and_lag_count_what_is_waiting(self, bus):
        await fill(bus, READINGS, keys=24, each=5)
        ends = await bus.ends(READINGS)
        assert sum(ends.values()) == 120
        assert sorted(partition.index for partition in ends) == list(range(PARTITIONS))

        reader = Reader(await bus.subscribe(READINGS, "detector"), begin=False)
        await reader.until_assigned()
        assert await reader.subscription.lag() == ends
        for partition in reader.epochs:
            await reader.subscription.start(partition, 0)
        await reader.until_values(120)
        assert await reader.subscription.lag() == dict.fromkeys(ends, 0)

    async def test_reading_past_the_end_gives_nothing_at_once(self, bus):
        await fill(bus, READINGS, keys=1, each=2)
        index = partition_of("site-0", PARTITIONS)
        async with asyncio.timeout(5):
            assert len(await bus.read(READINGS, index, first=1, most=10)) == 1
            assert list(await bus.read(READINGS, index, first=2, most=10)) == []
            assert list(await bus.read(READINGS, index, first=90, most=10)) == []

    async def test_every_topic_of_the_table_is_there(self, bus):
        for topic in TOPICS:
            assert len(await bus.ends(topic.name)) == topic.partitions

    async def test_making_the_topics_again_leaves_them_alone(self, bus):
        sent: Mapping[str, list] = await fill(bus, READINGS, keys=3, each=3)
        await bus.ensure_topics()

        assert by_key(await everything(bus, READINGS)) == sent

    async def test_everything_is_there_after_opening_anew(self, again):
        async with again() as bus:
            await bus.ensure_topics()
            sent = await fill(bus, READINGS, keys=6, each=5)
            await bus.publish(CHECKPOINTS, "shard", b"state", partition=1)
            reader = Reader(await bus.subscribe(READINGS, "detector"))
            await reader.until_values(30)
            for partition, epoch in reader.epochs.items():
                end = (await bus.ends(READINGS))[partition]
                assert await reader.subscription.commit(partition, epoch, end)

        async with again() as bus:
            assert by_key(await everything(bus, READINGS)) == sent
            assert await bus.snapshot(CHECKPOINTS, 1) == {"shard": b"state"}
            after = Reader(await bus.subscribe(READINGS, "detector"))
            await after.until_assigned()
            assert {p: a.committed for p, a in after.assigned.items()} == await bus.ends(READINGS)
            assert not (await after.poll()).records
