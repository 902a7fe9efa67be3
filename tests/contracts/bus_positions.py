"""The bus contract, second part: where a reader stands, and what it gets from there."""

from __future__ import annotations

import asyncio

from shared.bus.ports import Partition, Polled
from shared.bus.topics import (
    READINGS,
    partition_of,
)
from tests.contracts.bus_reader import PARTITIONS, Reader, by_key, fill


class Positions:
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
