"""One partition that is ours: its mind, how far it has read, and how much of that is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.detector.core.state import dump
from services.detector.core.watch import Observed, Watch
from shared.bus.codec import Pack, Statement, unpack
from shared.bus.ports import Partition, Record
from shared.errors import BadRecord
from shared.logs import log

UNDECODABLE = "undecodable"
"""Records, not readings: nobody knows how many readings were in them."""


@dataclass(slots=True)
class Desk:
    partition: Partition
    epoch: int
    watch: Watch
    position: int
    """The offset of the next record."""
    generation: int
    """Of the last checkpoint written."""
    saved_at: float
    """By the monotonic clock, as is ``moved_at``."""
    moved_at: float
    waiting: int = 0
    saved_position: int = field(init=False)
    unsaved_readings: int = 0

    def __post_init__(self) -> None:
        self.saved_position = self.position

    @property
    def index(self) -> int:
        return self.partition.index

    @property
    def is_dirty(self) -> bool:
        return self.position != self.saved_position

    def read(self, records: Sequence[Record]) -> tuple[Observed, dict[str, int]]:
        """Score some records; returns what was seen and how many readings had which outcome.

        A record that cannot be decoded is counted, told of and passed over.
        """
        before = dict(self.watch.counts)
        packs: list[Pack] = []
        for record in records:
            try:
                packs.append(unpack(record.value))
            except BadRecord as error:
                self.watch.counts[UNDECODABLE] = self.watch.counts.get(UNDECODABLE, 0) + 1
                log("detector").warning(
                    "detector.undecodable",
                    partition=self.index,
                    offset=record.offset,
                    because=str(error),
                )
        observed = self.watch.observe(packs)
        self.position = records[-1].offset + 1
        self.unsaved_readings += observed.readings
        gained = {name: count - before.get(name, 0) for name, count in self.watch.counts.items()}
        return observed, gained

    def body(self) -> bytes:
        """The state as it is now, with its position."""
        return dump(self.watch, self.position)

    def statement(self, now_us: int) -> Statement:
        """The partition's totals; said only of what a checkpoint holds."""
        return Statement(
            service="detector",
            instance=str(self.index),
            stated_at_us=now_us,
            counts=dict(self.watch.counts),
        )
