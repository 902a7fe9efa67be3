"""Records on their way into Kafka: idempotent, acknowledged by all replicas, in order of calls.

Rule 1: one gate per partition lets callers into the producer's buffer in the order they came;
the acknowledgement is awaited outside of it, so the gate never waits for the network.

Rule 2: a producer that failed a batch has a hole in its sequence and is never used again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.bus.kafka.errors import ours
from shared.bus.kafka.wire import (
    BATCH_BYTES_MAX,
    CLOSE_S,
    LINGER_MS,
    WIRE_BYTES_MAX,
    answered,
    client,
    ended,
    patiently,
)
from shared.clock import Clock
from shared.config.sections import BusSettings
from shared.errors import BusUnavailable
from shared.logs import log as logger


class Publisher:
    def __init__(self, settings: BusSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._gates: defaultdict[TopicPartition, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._unanswered: set[asyncio.Future[Any]] = set()
        self._burials: set[asyncio.Task[None]] = set()
        self._closed = False

    async def open(self) -> None:
        """Return once a producer is connected, however long Kafka takes to come up."""
        await patiently(
            "connecting to publish", self._settings.servers, self._start, clock=self._clock
        )

    async def send(self, to: TopicPartition, key: bytes, value: bytes | None) -> int:
        """The record's offset, once all replicas in sync have it.

        ``-1`` where the broker knows that it has the record and no longer knows where. Raises
        BusUnavailable after ``publish_timeout_s``; the record may still get there then.
        """
        producer = None
        try:
            async with asyncio.timeout(self._settings.publish_timeout_s):
                async with self._gates[to]:
                    producer = self._producer or await self._start()
                    sent = await producer.send(to.topic, value, key, partition=to.partition)
                self._unanswered.add(sent)
                sent.add_done_callback(self._unanswered.discard)
                return int((await sent).offset)
        except (KafkaError, TimeoutError, OSError) as error:
            if producer is not None and not isinstance(error, TimeoutError):
                self._retire(producer, error)
            raise ours(f"publishing to {to.topic}", error) from error

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has; waits a little for a new topic to be known."""
        producer = self._producer or await self._start()
        return len(await answered(producer.partitions_for(topic)))

    async def close(self) -> None:
        self._closed = True
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)
        if self._burials:
            await asyncio.wait(self._burials)
        for sent in list(self._unanswered):
            if not sent.done():
                sent.set_exception(KafkaConnectionError("the bus was closed before it answered"))

    async def _start(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._closed:
                raise BusUnavailable("the bus is closed; open it first")
            if self._producer is None:
                self._producer = await self._connected()
            return self._producer

    async def _connected(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **client(self._settings),
            enable_idempotence=True,
            acks="all",
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=WIRE_BYTES_MAX,
            # Also how long a batch may wait for its partition to have a leader.
            request_timeout_ms=int(self._settings.publish_timeout_s * 1000),
        )
        try:
            await answered(producer.start())
        except BaseException:
            await _stop(producer)
            raise
        return producer

    def _retire(self, producer: AIOKafkaProducer, error: Exception) -> None:
        if producer is not self._producer:
            return
        self._producer = None
        logger("bus").warning("bus.producer_replaced", error=repr(error))
        burial = asyncio.create_task(_stop(producer))
        self._burials.add(burial)
        burial.add_done_callback(self._burials.discard)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop within ``CLOSE_S`` or so, also when unsent records wait for a broker that is gone."""
    sender: asyncio.Task[None] | None = producer._sender.sender_task  # noqa: SLF001 - no public one
    if await ended(_flush_and_stop(producer)):
        return
    # ``stop`` would wait for every record to be sent and cannot be told otherwise.
    producer._closed = True  # noqa: SLF001 - what ``stop`` would have said
    await ended(producer.client.close())
    if sender is not None and not sender.done():
        sender.cancel()
        await asyncio.wait([sender], timeout=CLOSE_S)


async def _flush_and_stop(producer: AIOKafkaProducer) -> None:
    # Without a sender nothing will ever be flushed, and ``stop`` knows that.
    if producer._sender.sender_task is not None:  # noqa: SLF001 - as above
        await producer.flush()
    await producer.stop()
