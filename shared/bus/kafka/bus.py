"""The bus on Apache Kafka: the port's promises kept by an idempotent producer and fenced commits.

Law: a key's partition is ``topics.partition_of``, never Kafka's own choice, so that both buses
and every writer agree on where a site lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from shared.bus.kafka import topics
from shared.bus.kafka.errors import mapped, quieten
from shared.bus.kafka.publisher import Publisher
from shared.bus.kafka.reader import Reader
from shared.bus.kafka.subscription import KafkaSubscription
from shared.bus.kafka.wire import Names
from shared.bus.ports import Partition, Record
from shared.bus.topics import BY_NAME, TOPICS, check_size, partition_of
from shared.clock import Clock
from shared.config.sections import BusSettings
from shared.errors import BadInput
from shared.metrics import Metrics


class KafkaBus:
    """``prefix`` goes before every topic and group, for several Tocsins on one cluster.

    Entering waits for Kafka as long as it takes, with a log line at each attempt.
    """

    def __init__(
        self, settings: BusSettings, *, clock: Clock, metrics: Metrics, prefix: str = ""
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._names = Names(prefix)
        self._publisher = Publisher(settings, clock)
        self._reader = Reader(settings, self._names)
        self._counts: dict[str, int] = {}
        self._subscriptions: set[KafkaSubscription] = set()

    async def __aenter__(self) -> Self:
        quieten()
        try:
            await self._publisher.open()
        except BaseException:
            await self._publisher.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await asyncio.gather(*(one.close() for one in list(self._subscriptions)))
        finally:
            await asyncio.gather(self._reader.close(), self._publisher.close())

    async def ensure_topics(self) -> None:
        await topics.ensure(self._settings, self._names, clock=self._clock)
        await asyncio.gather(*(self._partitions(topic.name) for topic in TOPICS))

    async def publish(
        self, topic: str, key: str, value: bytes, *, partition: int | None = None
    ) -> int:
        check_size(topic, key, value)
        count = self._counts.get(topic) or await self._partitions(topic)
        index = partition_of(key, count) if partition is None else partition
        # Compaction removes a key for a record without a value; an empty one it would keep.
        gone = not value and BY_NAME[topic].compacted
        began = self._clock.monotonic()
        offset = await self._publisher.send(
            self._names.wire(Partition(topic, index)), key.encode(), None if gone else value
        )
        self._metrics.observe("bus_publish_seconds", self._clock.monotonic() - began, topic=topic)
        return offset

    async def subscribe(self, topic: str, group: str) -> KafkaSubscription:
        await self._partitions(topic)
        subscription = KafkaSubscription(
            self._settings,
            topic=topic,
            group=group,
            names=self._names,
            clock=self._clock,
            on_leave=self._subscriptions.discard,
        )
        self._subscriptions.add(subscription)
        return subscription

    async def snapshot(self, topic: str, partition: int) -> Mapping[str, bytes]:
        await self._partitions(topic)
        if not BY_NAME[topic].compacted:
            raise BadInput(f"topic {topic} is not compacted, so it has no snapshot; read it")
        return await self._reader.snapshot(Partition(topic, partition))

    async def read(self, topic: str, partition: int, *, first: int, most: int) -> Sequence[Record]:
        await self._partitions(topic)
        return await self._reader.read(Partition(topic, partition), first=first, most=most)

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        count = await self._partitions(topic)
        return await self._reader.ends([Partition(topic, index) for index in range(count)])

    async def _partitions(self, topic: str) -> int:
        if topic not in BY_NAME:
            raise BadInput(f"topic {topic} is not in the table of topics; add it there")
        if topic not in self._counts:
            with mapped(f"looking for topic {topic}"):
                self._counts[topic] = await self._publisher.partitions(self._names.topic(topic))
        return self._counts[topic]
