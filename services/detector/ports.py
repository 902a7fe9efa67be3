"""What the detector needs of the world besides the bus: a place where its state rests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Saved:
    """One whole generation of a partition's state."""

    generation: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Found:
    saved: tuple[Saved, ...]
    """Newest first, each complete and undamaged."""
    refused: tuple[str, ...]
    """What lay there and cannot be used, one line each."""
    newest_generation: int
    """Highest number seen, usable or not; 0 where there was none."""


class Checkpoints(Protocol):
    async def save(self, partition: int, generation: int, body: bytes) -> int:
        """Keep a generation; returns its size in bytes as stored.

        Until it is whole, the generation before it stays whole. Raises BusUnavailable.
        """

    async def load(self, partition: int) -> Found:
        """Every generation that can still be used. Raises BusUnavailable."""
