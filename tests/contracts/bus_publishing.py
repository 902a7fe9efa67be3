"""The bus contract, first part: what becomes of a record that is published."""

from __future__ import annotations

import asyncio

import pytest

from shared.bus.topics import (
    EVENTS,
    READINGS,
    RECORD_BYTES_MAX,
    partition_of,
)
from shared.errors import BadRecord
from tests.contracts.bus_reader import PARTITIONS, Reader, by_key, everything, fill


class Publishing:
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
