"""The bus contract, fourth part: what lies on the bus, seen from outside any group."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from shared.bus.topics import (
    CHECKPOINTS,
    LEDGER,
    READINGS,
    TOPICS,
    partition_of,
)
from tests.contracts.bus_reader import PARTITIONS, Reader, by_key, everything, fill


class Contents:
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
