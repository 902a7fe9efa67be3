"""A reader for the bus contract, and the small acts its tests are made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from shared.bus.ports import Assigned, Bus, Partition, Polled, Record, Subscription
from shared.bus.topics import (
    BY_NAME,
    READINGS,
)

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
