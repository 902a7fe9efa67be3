"""The four warning colours, lowest first: blue, yellow, orange, red.

They are China's four public warning colours (Emergency Response Law, Art. 42). Existing systems
number them in both directions, so a level travels by name everywhere and never as an integer.
"""

from __future__ import annotations

from enum import Enum


class Level(Enum):
    """A risk level; ``Level.BLUE < Level.RED``."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """Position in the order, 0 for blue; for arrays and sorting only, never stored."""
        return _RANKS[self]

    @staticmethod
    def at(rank: int) -> Level:
        """The level of a rank; raises IndexError outside 0..3."""
        if rank < 0:
            raise IndexError(rank)
        return _ORDER[rank]

    def __lt__(self, other: Level) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Level) -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: Level) -> bool:
        return self.rank > other.rank

    def __ge__(self, other: Level) -> bool:
        return self.rank >= other.rank


_ORDER = tuple(Level)
_RANKS = {level: rank for rank, level in enumerate(_ORDER)}
