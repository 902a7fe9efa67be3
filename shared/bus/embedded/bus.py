"""The embedded bus: a durable log in one SQLite file, shared by the processes of one machine.

Law: no SQL on the event loop. What is written goes through one thread that commits in groups,
what is read through another; the loop only keeps the order in which it was asked.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.bus.embedded import crews, log
from shared.bus.embedded.log import Entry, Lane
from shared.bus.embedded.reader import Reader
from shared.bus.embedded.subscription import FETCH_BYTES_MAX, EmbeddedSubscription
from shared.bus.embedded.writer import Writer
from shared.bus.ports import Partition, Record
from shared.bus.topics import TOPICS, check_size, partition_of
from shared.clock import Clock
from shared.errors import BadInput
from shared.metrics import Metrics


class EmbeddedBus:
    """``path`` is the file; it and its folder are made when they are not there.

    Entering raises BadInput when the file is damaged, of another version or cannot be written.
    """

    def __init__(self, path: Path, *, clock: Clock, metrics: Metrics) -> None:
        self._path = path
        self._clock = clock
        self._metrics = metrics
        self._writer = Writer(path, clock)
        self._reader = Reader(path)
        self._lanes: Mapping[str, Sequence[Lane]] = {}
        self._subscriptions: set[EmbeddedSubscription] = set()
        # Names tell members apart in the file, also those of an earlier life of this process.
        self._life = secrets.token_hex(4)
        self._count = itertools.count()

    async def __aenter__(self) -> Self:
        try:
            await self._writer.open()
            await self._reader.open()
            self._lanes = await self._reader.ask(log.lanes)
        except BaseException:
            await self._close_file()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            for subscription in list(self._subscriptions):
                await subscription.close()
        finally:
            await self._close_file()

    async def ensure_topics(self) -> None:
        self._lanes = await self._writer.do(_make_and_list)

    async def publish(
        self, topic: str, key: str, value: bytes, *, partition: int | None = None
    ) -> int:
        check_size(topic, key, value)
        lanes = self._lanes.get(topic) or await self._lanes_of(topic)
        index = partition_of(key, len(lanes)) if partition is None else partition
        began = self._clock.monotonic()
        offset = await self._writer.append(Entry(lanes[index], key, value))
        self._metrics.observe("bus_publish_seconds", self._clock.monotonic() - began, topic=topic)
        self._stir(topic)
        return offset

    async def subscribe(self, topic: str, group: str) -> EmbeddedSubscription:
        lanes = await self._lanes_of(topic)
        crew = await self._writer.do(partial(crews.crew_id, topic=topic, name=group))
        subscription = EmbeddedSubscription(
            topic=topic,
            group=group,
            crew=crew,
            me=await asyncio.to_thread(crews.this_process, f"{self._life}-{next(self._count)}"),
            lanes=lanes,
            reader=self._reader,
            writer=self._writer,
            clock=self._clock,
            on_leave=self._subscriptions.discard,
            on_shift=self._stir,
        )
        self._subscriptions.add(subscription)
        return subscription

    async def snapshot(self, topic: str, partition: int) -> Mapping[str, bytes]:
        lane = (await self._lanes_of(topic))[partition]
        if not lane.compacted:
            raise BadInput(f"topic {topic} is not compacted, so it has no snapshot; read it")
        return await self._reader.ask(partial(log.newest, lane=lane))

    async def read(self, topic: str, partition: int, *, first: int, most: int) -> Sequence[Record]:
        lane = (await self._lanes_of(topic))[partition]
        return await self._reader.ask(
            partial(log.fetch, lane=lane, first=first, most=most, bytes_max=FETCH_BYTES_MAX)
        )

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        lanes = await self._lanes_of(topic)
        bounds = await self._reader.ask(partial(log.bounds, topic=topic))
        return {lane.partition: bounds[lane.id].next for lane in lanes}

    async def _lanes_of(self, topic: str) -> Sequence[Lane]:
        if topic not in self._lanes:
            # Another process may have made it since.
            self._lanes = await self._reader.ask(log.lanes)
        lanes = self._lanes.get(topic)
        if lanes is None:
            raise BadInput(f"topic {topic} is not in {self._path}; call ensure_topics first")
        return lanes

    def _stir(self, topic: str) -> None:
        for subscription in self._subscriptions:
            if subscription.topic == topic:
                subscription.stir()

    async def _close_file(self) -> None:
        await self._writer.close()
        await self._reader.close()


def _make_and_list(conn: sqlite3.Connection) -> dict[str, list[Lane]]:
    log.make_topics(conn, TOPICS)
    return log.lanes(conn)
