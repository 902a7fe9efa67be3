"""What is ours and what is Kafka's: names, limits, records, and the patience with a start.

A name on the wire is ``prefix`` and the name of the table, so that several Tocsins, and tests,
may live on one cluster; inside Tocsin there are only the table's names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError

from shared.bus.kafka.errors import ours
from shared.bus.ports import Partition, Record
from shared.bus.topics import KEY_BYTES_MAX, RECORD_BYTES_MAX
from shared.clock import Clock
from shared.config.sections import BusSettings
from shared.errors import BadInput
from shared.logs import log as logger

BATCH_BYTES_MAX: Final = 512 * 1024
"""Records of one partition that wait together go out together, up to this size."""
WIRE_BYTES_MAX: Final = RECORD_BYTES_MAX + KEY_BYTES_MAX + 64 * 1024
"""Room for the largest record with key, header and batch around it."""
LINGER_MS: Final = 2
CALL_S: Final = 10.0
"""How long one question to the cluster may take before it counts as unanswered."""
CLOSE_S: Final = 3.0
GRACE_S: Final = 1.0
RETRY_FIRST_S: Final = 0.5
RETRY_MOST_S: Final = 3.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    prefix: str

    def topic(self, name: str) -> str:
        return self.prefix + name

    def group(self, name: str) -> str:
        return self.prefix + name

    def wire(self, partition: Partition) -> TopicPartition:
        return TopicPartition(self.topic(partition.topic), partition.index)

    def ours(self, partition: TopicPartition) -> Partition:
        return Partition(partition.topic.removeprefix(self.prefix), partition.partition)


def record(partition: Partition, found: ConsumerRecord) -> Record:
    key = "" if found.key is None else found.key.decode(errors="replace")
    return Record(partition, found.offset, key, found.value or b"")


def client(settings: BusSettings) -> dict[str, Any]:
    """The arguments every aiokafka client is made with."""
    return {
        "bootstrap_servers": settings.servers,
        "client_id": settings.client_id,
        "metadata_max_age_ms": 60_000,
    }


async def answered(question: Coroutine[Any, Any, T], *, within_s: float = CALL_S) -> T:
    """What a client answers; TimeoutError when it does not.

    Who is cancelled meanwhile is held back for up to ``GRACE_S``, because aiokafka leaves a
    socket open for good when it is interrupted in the handshake of a connection.
    """
    task = asyncio.create_task(question)
    try:
        await asyncio.wait([task], timeout=within_s)
    finally:
        if not task.done():
            await asyncio.wait([task], timeout=GRACE_S)
            task.cancel()
        if task.done() and not task.cancelled():
            task.exception()  # Looked at, or asyncio complains of what nobody waits for.
    if not task.done() or task.cancelled():
        raise TimeoutError(f"no answer within {within_s:g} s")
    return task.result()


async def ended(closing: Coroutine[Any, Any, object], *, within_s: float = CLOSE_S) -> bool:
    """Whether a client closed in time and without trouble.

    In a task of its own, because aiokafka lets the cancellations of its inner tasks escape from
    its ``stop``, where they would pass for a cancellation of ours.
    """
    task = asyncio.create_task(closing)
    try:
        await asyncio.wait([task], timeout=within_s)
    finally:
        task.cancel()
    if not task.done():
        await asyncio.wait([task], timeout=within_s)
        return False
    return not task.cancelled() and task.exception() is None


async def patiently(
    doing: str, servers: str, attempt: Callable[[], Awaitable[T]], *, clock: Clock
) -> T:
    """``attempt`` until Kafka is there, ever more slowly, saying so each time."""
    wait_s = RETRY_FIRST_S
    while True:
        try:
            return await attempt()
        except ValueError as error:
            raise BadInput(
                f"bus.servers {servers!r} cannot be read ({error}); "
                "write host:port, several with commas between"
            ) from error
        except (KafkaConnectionError, TimeoutError, OSError) as error:
            logger("bus").warning(
                "bus.waiting_for_kafka",
                servers=servers,
                doing=doing,
                error=str(ours(doing, error)),
                retry_in_s=wait_s,
            )
        await clock.sleep(wait_s)
        wait_s = min(RETRY_MOST_S, wait_s * 2)
