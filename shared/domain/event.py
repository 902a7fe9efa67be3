"""What the detector says of an asset and a hazard.

Identity comes from content: reading the same stretch of input twice gives the same ids, on any
machine and at any speed, so who receives events may receive them twice and act once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity


class EventKind(StrEnum):
    RAISED = "raised"
    CHANGED = "changed"
    CLEARED = "cleared"
    UNVERIFIABLE = "unverifiable"
    """The data that would show the trouble is gone; nobody may call that a clear."""


class ReasonCode(StrEnum):
    LIMIT = "limit"
    """A published limit was crossed."""
    BASELINE = "baseline"
    """The sensor no longer behaves like itself."""
    COMPOUND = "compound"
    """Several sensors of one asset agree, which is worse than each alone."""
    SILENCE = "silence"
    """A sensor that was in alarm is no longer heard."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, one line of it: which sensor, what it showed, what it was measured against."""

    code: ReasonCode
    sensor: str
    quantity: Quantity
    level: Level
    value: float
    limit: float | None
    """In the quantity's canonical unit; None where the reason is no limit."""
    source: str
    """The standard, paper or method the limit comes from."""
    confidence: str
    """How sure we are of that source: ``seen``, ``second-hand``, ``memory`` or ``proposal``."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The readings that caused it, frozen at the moment of decision, canonical units."""

    sensor: str
    quantity: Quantity
    measured_at: tuple[datetime, ...]
    values: tuple[float, ...]
    expected_low: float | None = None
    expected_high: float | None = None


@dataclass(frozen=True, slots=True)
class RiskEvent:
    id: str
    """Hash of the content below except ``run``."""
    occurrence: str
    """The id of the raised event this one belongs to (its own id when it is the raise)."""
    run: str
    """Empty for the real city; the name of the drill, demo or replay otherwise."""
    kind: EventKind
    site: str
    asset: str
    hazard: Hazard
    level: Level
    """The level from now on; on a clear, the level that ended."""
    previous: Level | None
    decided_at: datetime
    """Event time: ``measured_at`` of the reading that decided it."""
    likelihood: float
    consequence: float
    sentence: dict[str, str]
    """One sentence a duty officer can read aloud, by language (``en``, ``zh``)."""
    detector: str
    """Method and version, such as ``limits/1``."""
    reasons: tuple[Reason, ...] = field(default=())
    evidence: tuple[Evidence, ...] = field(default=())
