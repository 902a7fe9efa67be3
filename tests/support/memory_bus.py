"""A bus in memory for tests of one service: it can be slow, stuck, or refuse what it is given."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Self

from shared.bus.ports import Partition, Record
from shared.bus.topics import BY_NAME, READINGS, partition_of
from shared.errors import BadRecord, BusUnavailable


class MemoryBus:
    """Publishing only; ``records`` is what it took, in the order it took it."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.refusing = False
        self.failing: Exception | None = None
        self.bytes_max = 1 << 20
        self._open = asyncio.Event()
        self._open.set()
        self._ends: dict[Partition, int] = defaultdict(int)
        self.asked: list[tuple[str, str, bytes]] = []

    def stick(self) -> None:
        """Answer nothing from now on."""
        self._open.clear()

    def unstick(self) -> None:
        self._open.set()

    async def publish(
        self, topic: str, key: str, value: bytes, *, partition: int | None = None
    ) -> int:
        self.asked.append((topic, key, value))
        await self._open.wait()
        if self.refusing:
            raise BusUnavailable("the bus in memory was told to refuse")
        if self.failing is not None:
            raise self.failing
        if topic == READINGS and len(value) > self.bytes_max:
            raise BadRecord(f"record of {len(value)} bytes is too large")
        index = partition_of(key, BY_NAME[topic].partitions) if partition is None else partition
        place = Partition(topic, index)
        offset = self._ends[place]
        self._ends[place] += 1
        self.records.append(Record(place, offset, key, value))
        return offset

    def of(self, topic: str) -> list[Record]:
        return [record for record in self.records if record.partition.topic == topic]

    async def ensure_topics(self) -> None:
        """All topics are there."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.unstick()
