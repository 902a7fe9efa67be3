"""What a member of a Kafka group holds: the books, kept by the rebalance listener.

Rule 1: nothing here waits. The client runs these methods in the middle of a rebalance, and all
other members wait for it.

Rule 2: an assignment that ended before the caller heard of it is never told; one the caller
heard of is always taken back, and each has its own epoch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from aiokafka import ConsumerRebalanceListener, TopicPartition

from shared.bus.kafka.wire import Names
from shared.bus.ports import Partition


@dataclass(slots=True)
class Held:
    epoch: int
    position: int = 0
    """The next offset to deliver."""
    told: bool = False
    """Whether the caller knows that it has this partition."""
    started: bool = False


class Holdings(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """``hush`` must keep partitions from delivering; ``let_go`` hears that all are lost."""

    def __init__(
        self,
        names: Names,
        epochs: Iterator[int],
        *,
        hush: Callable[[Collection[TopicPartition]], None],
        let_go: Callable[[], None],
    ) -> None:
        self._names = names
        self._epochs = epochs
        self._hush = hush
        self._let_go = let_go
        self._revoked: list[Partition] = []
        self.held: dict[Partition, Held] = {}
        self.joining = True
        """Between two assignments, or before the first."""
        self.changed = asyncio.Event()

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self.lose_all()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._hush(assigned)
        for wire in sorted(assigned):
            self.held[self._names.ours(wire)] = Held(next(self._epochs))
        self.joining = False
        self.changed.set()

    def lose_all(self) -> None:
        """A rebalance takes everything back first, also what returns to us a moment later."""
        self._let_go()
        self._revoked += [partition for partition, held in self.held.items() if held.told]
        self.held.clear()
        self.joining = True
        self.changed.set()

    def losses(self) -> tuple[Partition, ...]:
        """What was lost since the last call, of what the caller knew."""
        revoked, self._revoked = tuple(self._revoked), []
        return revoked

    def any_losses(self) -> bool:
        return bool(self._revoked)

    def untold(self) -> dict[Partition, Held]:
        return {partition: held for partition, held in self.held.items() if not held.told}

    def owner(self, partition: Partition, epoch: int) -> Held | None:
        """The holding, if it is ours and of that epoch."""
        held = self.held.get(partition)
        return held if held is not None and held.epoch == epoch else None
