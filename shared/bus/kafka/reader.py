"""Reading outside any group: ends, ranges and snapshots, one question at a time.

Law: nothing here waits for records that are not there yet; the end is asked first, and reading
stops at it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.kafka.errors import mapped
from shared.bus.kafka.wire import CALL_S, WIRE_BYTES_MAX, Names, answered, client, ended, record
from shared.bus.ports import Partition, Record
from shared.config.sections import BusSettings

FETCH_WAIT_MS = 50
SNAPSHOT_S = 120.0
"""A partition of checkpoints is read whole in this time, or the bus counts as unavailable."""
PAGE_RECORDS = 5_000


class Reader:
    def __init__(self, settings: BusSettings, names: Names) -> None:
        self._settings = settings
        self._names = names
        self._turn = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None

    async def ends(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        async with self._asking("asking for ends", CALL_S) as consumer:
            ends = await answered(
                consumer.end_offsets([self._names.wire(one) for one in partitions])
            )
        return {self._names.ours(one): end for one, end in ends.items()}

    async def read(self, partition: Partition, *, first: int, most: int) -> list[Record]:
        async with self._asking(f"reading {partition.topic}", CALL_S * 3) as consumer:
            start, end = await self._range(consumer, partition, first)
            found: list[Record] = []
            async with aclosing(self._pages(consumer, partition, start, end, most)) as pages:
                async for page in pages:
                    found.extend(page)
                    if len(found) >= most:
                        break
        return found[:most]

    async def snapshot(self, partition: Partition) -> dict[str, bytes]:
        newest: dict[str, bytes] = {}
        async with self._asking(f"reading {partition.topic}", SNAPSHOT_S) as consumer:
            start, end = await self._range(consumer, partition, 0)
            async for page in self._pages(consumer, partition, start, end, PAGE_RECORDS):
                for one in page:
                    # Taken out first, so that the order is that of the last writes.
                    newest.pop(one.key, None)
                    if one.value:
                        newest[one.key] = one.value
        return newest

    async def close(self) -> None:
        async with self._turn:
            await self._drop()

    async def _range(
        self, consumer: AIOKafkaConsumer, partition: Partition, first: int
    ) -> tuple[int, int]:
        wire = self._names.wire(partition)
        oldest = (await answered(consumer.beginning_offsets([wire])))[wire]
        end = (await answered(consumer.end_offsets([wire])))[wire]
        return max(first, oldest), end

    async def _pages(
        self, consumer: AIOKafkaConsumer, partition: Partition, first: int, end: int, most: int
    ) -> AsyncGenerator[list[Record], None]:
        if first >= end:
            return
        wire: TopicPartition = self._names.wire(partition)
        consumer.assign([wire])
        consumer.seek(wire, first)
        # The position, not the last record, says when the end is reached: compaction leaves gaps.
        while await consumer.position(wire) < end:
            got = await consumer.getmany(wire, timeout_ms=200, max_records=most)
            yield [record(partition, one) for one in got.get(wire, []) if one.offset < end]

    @asynccontextmanager
    async def _asking(self, doing: str, patience_s: float) -> AsyncIterator[AIOKafkaConsumer]:
        """The consumer, ours alone; one that failed or was interrupted is not used again."""
        async with self._turn:
            try:
                with mapped(doing):
                    async with asyncio.timeout(patience_s):
                        yield await self._connected()
            except BaseException:
                await self._drop()
                raise

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = AIOKafkaConsumer(
                **client(self._settings),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=FETCH_WAIT_MS,
                max_partition_fetch_bytes=4 * WIRE_BYTES_MAX,
            )
            await answered(self._consumer.start())
        return self._consumer

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await ended(consumer.stop())
