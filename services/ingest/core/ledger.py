"""Nothing disappears: received = stored + refused + in flight, in readings, at every moment.

The four figures are kept apart, each by the event it stands for, so that ``balanced`` can fail.
Readings handed back to the broker unacknowledged leave ``received`` again: they come once more
and are counted then.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from services.ingest.core.refusal import Reason


@dataclass(slots=True)
class Ledger:
    received: int = 0
    stored: int = 0
    in_flight: int = 0
    returned: int = 0
    """Handed back so far; for information, no part of the balance."""
    archived: int = 0
    """Stored readings that lie in the archive too; for information, no part of the balance."""
    refused: Counter[Reason] = field(default_factory=Counter)

    def arrive(self, readings: int) -> None:
        """A message with that many readings was taken off the wire."""
        self.received += readings
        self.in_flight += readings

    def store(self, readings: int) -> None:
        """The bus has taken them."""
        self.in_flight -= readings
        self.stored += readings

    def refuse(self, reason: Reason, readings: int) -> None:
        """The bus has taken the refusal that stands for them."""
        self.in_flight -= readings
        self.refused[reason] += readings

    def give_back(self, readings: int) -> None:
        """The broker keeps them, for the bus did not take them."""
        self.in_flight -= readings
        self.received -= readings
        self.returned += readings

    def archive(self, readings: int) -> None:
        """They are on the disk, and will not be read from the bus for that again."""
        self.archived += readings

    def balanced(self) -> bool:
        """Whether every reading has exactly one outcome or is still on its way."""
        outcomes = self.stored + self.refused.total() + self.in_flight
        return self.received == outcomes and self.in_flight >= 0

    def totals(self) -> dict[str, int]:
        """By name: ``received``, ``stored``, ``in_flight``, ``returned``, ``refused.<reason>``.

        And ``archived``, where an archive is kept.
        """
        return {
            "received": self.received,
            "stored": self.stored,
            "in_flight": self.in_flight,
            "returned": self.returned,
            **({"archived": self.archived} if self.archived else {}),
            **{f"refused.{reason}": count for reason, count in sorted(self.refused.items())},
        }
