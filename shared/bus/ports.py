"""What a service needs of a bus: publish, and read partitions in order from a known place.

Law 1: ``publish`` returns only when the bus has taken responsibility for the record.

Law 2: a partition is quiet after it was assigned until its reader says where to ``start``; so
state can be restored off the loop and no record is ever handled before its state is there.

Law 3: every assignment has an epoch. What is committed under an old epoch is ignored, because
somebody else owns the partition by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    topic: str
    index: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on the bus."""

    partition: Partition
    offset: int
    key: str
    value: bytes
    """Empty means the key was deleted (compacted topics only)."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A partition is ours from now on; ``committed`` is where the group left it, if anywhere."""

    partition: Partition
    epoch: int
    committed: int | None
    first: int
    """The oldest offset still there."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought: first the losses, then the gains, then the records."""

    revoked: Sequence[Partition] = ()
    assigned: Sequence[Assigned] = ()
    records: Mapping[Partition, Sequence[Record]] = field(default_factory=dict)


class Subscription(Protocol):
    """One member of one consumer group."""

    async def poll(self, *, records_max: int, wait_s: float) -> Polled:
        """The next records of all started partitions, in order, at most ``records_max`` of each.

        Returns empty after ``wait_s``. Raises BusUnavailable when the bus does not answer; the
        caller may poll again.
        """

    async def start(self, partition: Partition, offset: int) -> None:
        """Deliver from ``offset`` on. A partition that was revoked meanwhile is ignored."""

    async def commit(self, partition: Partition, epoch: int, offset: int) -> bool:
        """Promise never to need anything before ``offset`` again; False if no longer ours."""

    async def lag(self) -> Mapping[Partition, int]:
        """Records not yet delivered, for each partition that is ours."""

    async def close(self) -> None:
        """Leave the group, so that others get the partitions at once."""


class Bus(Protocol):
    """A connection; use it as an async context manager."""

    async def publish(
        self, topic: str, key: str, value: bytes, *, partition: int | None = None
    ) -> int:
        """Append; returns the offset once the bus has taken responsibility for the record.

        Records of one key keep the order in which ``publish`` was called, also when several
        calls are awaited at once. ``partition`` overrides the key's own.
        Raises BusUnavailable when it did not take it, and then it may or may not be there.
        """

    async def subscribe(self, topic: str, group: str) -> Subscription: ...

    async def snapshot(self, topic: str, partition: int) -> Mapping[str, bytes]:
        """The newest value of each key of one partition of a compacted topic, deletions gone."""

    async def read(self, topic: str, partition: int, *, first: int, most: int) -> Sequence[Record]:
        """Up to ``most`` records from offset ``first`` on, outside any group, without waiting."""

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        """The offset the next record of each partition will get."""

    async def ensure_topics(self) -> None:
        """Create what ``topics.TOPICS`` lists and is not there; leave the rest alone."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
