"""Does every reading have an outcome? Sums over what the services state, and whether they hold.

Within one writer the identity is exact: ingest's received = stored + refused + in flight, the
detector's read = the sum of its outcomes. Between the two, readings wait on the bus. A writer that
was killed may have published more than it last stated, so the detector can have read more than was
stated as stored; that surplus is shown (``unstated``), and is no loss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

OUTCOMES: Final = ("scored", "duplicate", "late", "bad-quality", "unknown-sensor")
REFUSED: Final = "refused."


@dataclass(frozen=True, slots=True)
class Account:
    service: str
    instance: str
    stated_at_us: int
    counts: Mapping[str, int]

    @property
    def balanced(self) -> bool:
        """Every reading this writer took has exactly one outcome."""
        counts = self.counts
        if self.service == "ingest":
            refused = sum(n for name, n in counts.items() if name.startswith(REFUSED))
            outcomes = counts.get("stored", 0) + refused + counts.get("in_flight", 0)
            return counts.get("received", 0) == outcomes
        return counts.get("read", 0) == sum(counts.get(outcome, 0) for outcome in OUTCOMES)


@dataclass(frozen=True, slots=True)
class Books:
    ingest: Mapping[str, int]
    detector: Mapping[str, int]
    refused: Mapping[str, int]
    """Readings on the refused topic, by reason, counted by ourselves."""
    accounts: tuple[Account, ...]

    @property
    def waiting(self) -> int:
        """Readings stored on the bus that the detector has not stated as read."""
        return max(0, self.ingest.get("stored", 0) - self.detector.get("read", 0))

    @property
    def unstated(self) -> int:
        return max(0, self.detector.get("read", 0) - self.ingest.get("stored", 0))

    @property
    def faults(self) -> tuple[str, ...]:
        """Which writer's account does not balance."""
        return tuple(
            f"{account.service}/{account.instance}"
            for account in self.accounts
            if not account.balanced
        )

    def shown(self, *, stuck: bool) -> dict[str, Any]:
        """As JSON; ``stuck`` says that readings wait and nobody has read any for long."""
        return {
            "balanced": not self.faults and not stuck,
            "faults": [*self.faults, *(["readings wait and nobody reads"] if stuck else [])],
            "ingest": dict(self.ingest),
            "refused": dict(self.refused),
            "detector": dict(self.detector),
            "waiting": self.waiting,
            "unstated": self.unstated,
            "statements": [
                {
                    "service": account.service,
                    "instance": account.instance,
                    "stated_at_us": account.stated_at_us,
                    "counts": dict(account.counts),
                }
                for account in self.accounts
            ],
        }


def books(accounts: Iterable[Account], refused: Mapping[str, int]) -> Books:
    """The sums over every account."""
    ordered = tuple(sorted(accounts, key=lambda one: (one.service, one.instance)))
    sums: dict[str, Counter[str]] = {"ingest": Counter(), "detector": Counter()}
    for account in ordered:
        sums.setdefault(account.service, Counter()).update(account.counts)
    return Books(dict(sums["ingest"]), dict(sums["detector"]), dict(refused), ordered)
