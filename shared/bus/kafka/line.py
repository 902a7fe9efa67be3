"""One connected group consumer and the books of what it holds; made, used and ended as one.

Law: a commit that has not left when its partition is lost is cancelled. The client would send it
under the next generation, and Kafka, which knows generations but not owners, would take it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, OffsetAndMetadata, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from shared.bus.kafka.errors import ours
from shared.bus.kafka.holdings import Holdings
from shared.bus.kafka.wire import CALL_S, CLOSE_S, WIRE_BYTES_MAX, Names, answered, client, ended
from shared.config.sections import BusSettings
from shared.errors import BusUnavailable

SESSION_MS: Final = 8_000
"""A member that died silently is missed after this long."""
HEARTBEAT_MS: Final = 2_000
REQUEST_MS: Final = 20_000
FETCH_WAIT_MS: Final = 250
GUARD_S: Final = 0.3
"""The client may sit in a rebalance longer than it was told to wait; then it is left there."""

Offsets = Mapping[TopicPartition, int]
Committed = Mapping[TopicPartition, int | None]
Found = dict[TopicPartition, list[ConsumerRecord]]

_NOT_OURS: Final = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
_COORDINATOR_TASKS: Final = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task")


class Line:
    def __init__(
        self, settings: BusSettings, names: Names, group: str, epochs: Iterator[int]
    ) -> None:
        self.books = Holdings(names, epochs, hush=self._hush, let_go=self._let_go)
        self._commits: set[asyncio.Task[None]] = set()
        self._consumer = AIOKafkaConsumer(
            **client(settings),
            group_id=names.group(group),
            enable_auto_commit=False,
            # Never the client's guess: a position is ours, or it is an error we hear of.
            auto_offset_reset="none",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            request_timeout_ms=REQUEST_MS,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            max_partition_fetch_bytes=2 * WIRE_BYTES_MAX,
        )

    async def open(self, topic: str) -> None:
        """Connect and ask to join; what is won shows in ``books`` later."""
        try:
            await answered(self._consumer.start())
            self._consumer.subscribe([topic], listener=self.books)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Leave the group, within ``CLOSE_S`` also when nobody answers."""
        self.books.lose_all()
        if not await ended(self._consumer.stop()):
            await self._abandon()

    def stalled(self) -> bool:
        """Whether the task that fetches has died, which the client itself never mentions."""
        fetcher: Any = self._consumer._fetcher  # noqa: SLF001 - nothing public tells
        return bool(fetcher is not None and fetcher.error_future.done())

    def seek(self, wire: TopicPartition, offset: int) -> bool:
        """Deliver from ``offset`` on; False when the client lost the partition just now."""
        try:
            self._consumer.seek(wire, offset)
            self._consumer.resume(wire)
        except IllegalStateError:
            return False
        return True

    async def first(self, wires: Collection[TopicPartition]) -> Offsets:
        found: Offsets = await answered(self._consumer.beginning_offsets(list(wires)))
        return found

    async def ends(self, wires: Collection[TopicPartition]) -> Offsets:
        found: Offsets = await answered(self._consumer.end_offsets(list(wires)))
        return found

    async def committed(self, wires: Sequence[TopicPartition]) -> Committed:
        """Where the group left each partition, if anywhere."""

        async def ask() -> Committed:
            found = await asyncio.gather(*(self._consumer.committed(wire) for wire in wires))
            return dict(zip(wires, found, strict=True))

        return await answered(ask())

    async def drain(self, wires: Sequence[TopicPartition], most: int) -> Found:
        """What has been fetched already, at most ``most`` of each; raises the client's errors."""
        found: Found = {}
        try:
            # Only a rebalance makes the client wait here, and then nothing was taken out yet.
            async with asyncio.timeout(GUARD_S):
                for wire in wires:
                    found |= await self._consumer.getmany(wire, timeout_ms=0, max_records=most)
        except TimeoutError:
            return {}
        except KafkaError:
            # The error comes again with the next fetch; what is in our hands would not.
            if not found:
                raise
        return found

    async def wait(self, most: int, wait_s: float) -> Found:
        """At most ``most`` records in all, as soon as any are there."""
        try:
            async with asyncio.timeout(wait_s + GUARD_S):
                found: Found = await self._consumer.getmany(
                    timeout_ms=int(wait_s * 1000), max_records=most
                )
        except TimeoutError:
            return {}
        return found

    async def commit(self, wire: TopicPartition, offset: int) -> bool:
        """False when the group has moved on; the caller has checked the epoch just now."""
        task = asyncio.create_task(self._consumer.commit({wire: OffsetAndMetadata(offset, "")}))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        try:
            await asyncio.wait([task], timeout=CALL_S)
        finally:
            unanswered = task.cancel()
        if unanswered:
            raise BusUnavailable(f"kafka did not answer within {CALL_S:g} s while committing")
        if task.cancelled() or isinstance(error := task.exception(), _NOT_OURS):
            return False
        if error is not None:
            raise ours("committing", error) from error
        return True

    def _hush(self, wires: Collection[TopicPartition]) -> None:
        for wire in wires:
            self._consumer.pause(wire)
            # Any position will do: with none at all the client would go and look for one.
            self._consumer.seek(wire, 0)

    def _let_go(self) -> None:
        for task in self._commits:
            task.cancel()

    async def _abandon(self) -> None:
        """End what ``stop`` left running: a heartbeat would keep a dead member in the group."""
        consumer: Any = self._consumer
        coordinator, fetcher = consumer._coordinator, consumer._fetcher  # noqa: SLF001 - no other way
        tasks = {
            task
            for task in (
                *(getattr(coordinator, name, None) for name in _COORDINATOR_TASKS),
                *(getattr(fetcher, "_pending_tasks", ())),
                getattr(fetcher, "_fetch_task", None),
            )
            if task is not None
        }
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_S)
        await ended(consumer._client.close())  # noqa: SLF001 - as above
