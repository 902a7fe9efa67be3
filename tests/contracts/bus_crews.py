"""The bus contract, third part: several members of one group."""

from __future__ import annotations

from shared.bus.ports import Partition
from shared.bus.topics import (
    READINGS,
)
from tests.contracts.bus_reader import Reader, by_key, fill, side_by_side


class Crews:
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
