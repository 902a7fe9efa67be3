"""The nouns of an evaluation: what was true, what was called, and how the two compare.

Everything here is plain data in scenario seconds, so that a run can cross a process border and be
written down without meaning another thing afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.event import EventKind
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.place import Position

QUIET: Final = "quiet"
"""What there is to notice where nothing may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One thing there was to notice, or to leave alone."""

    name: str
    """Its place in the scenario, such as ``happenings[0]``, and what it is."""
    what: str
    """A hazard, ``sensor-fault``, ``operational`` or ``quiet``."""
    hazard: Hazard | None
    assets: frozenset[str]
    """Where it may rightly be said to be; of a quiet truth, empty is everywhere."""
    at: str
    """The asset it happens at; empty for none."""
    level: Level | None
    """At least this colour has to be reached."""
    level_max: Level | None
    from_s: float
    until_s: float
    earliest_s: float
    latest_s: float
    position: Position | None = None
    """Where it truly is, when that is more exact than the asset."""
    sensors: tuple[str, ...] = ()
    """Those that lie; empty for what happens to a place."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event of an alarm."""

    id: str
    kind: EventKind
    level: Level
    decided_s: float
    """When the deciding reading was measured."""
    known_s: float
    """When that reading had arrived; nobody can know earlier."""
    likelihood: float
    sensor: str
    """The sensor of the first reason."""
    code: str
    """What kind of reason that was: ``limit``, ``baseline``, ``compound``, ``silence``."""

    @property
    def shows(self) -> bool:
        """It says that the hazard is there."""
        return self.kind in {EventKind.RAISED, EventKind.CHANGED}


@dataclass(frozen=True, slots=True)
class Alarm:
    """An occurrence: everything said from one raise on, of one asset and one hazard."""

    occurrence: str
    site: str
    asset: str
    hazard: Hazard
    steps: tuple[Step, ...]

    @property
    def raised_s(self) -> float:
        return self.steps[0].known_s

    @property
    def worst(self) -> Level:
        return max((step.level for step in self.steps if step.shows), default=self.steps[0].level)

    @property
    def likelihood(self) -> float:
        """The highest it ever claimed."""
        return max(step.likelihood for step in self.steps)

    def reached(self, level: Level) -> Step | None:
        """The first event that says at least ``level``."""
        return next((step for step in self.steps if step.shows and step.level >= level), None)


class Verdict(StrEnum):
    TRUE = "true"
    """The colour asked for was reached, within the time that was given."""
    EARLY = "early"
    """Reached before anybody could have known: a guess."""
    LATE = "late"
    MISSED = "missed"
    KEPT = "kept"
    """Nothing was to be called, and nothing was."""
    BROKEN = "broken"
    """Nothing was to be called, and something was."""

    @property
    def caught(self) -> bool:
        return self in {Verdict.TRUE, Verdict.EARLY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One expectation, and what became of it."""

    truth: str
    what: str
    asset: str
    level: str | None
    verdict: Verdict
    delay_s: float | None = None
    """From the beginning of the happening to the colour asked for."""
    warned_s: float | None = None
    """From the beginning to the first alarm of any colour."""
    ahead_s: float | None = None
    """The first alarm before the moment the standard's limit was passed; negative is after it."""
    error_m: float | None = None
    named: str | None = None
    """The asset that was called first at the colour asked for."""
    right_asset: bool | None = None
    likelihood: float | None = None
    """The highest claimed in time; None when nothing was."""
    exaggerated: str | None = None
    """The colour reached beyond the worst that was right."""
    cause: str = ""
    """Why it was not called in time."""
    true_at: Position | None = None
    named_at: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    asset: str
    hazard: str
    level: str
    at_s: float
    sensor: str
    code: str
    likelihood: float
    cause: str


@dataclass(frozen=True, slots=True)
class Call:
    """One page: one person asked to answer on one channel."""

    at_s: float
    person: str
    level: str
    asset: str
    hazard: str
    why: str
    night: bool


@dataclass(frozen=True, slots=True)
class Trail:
    """One sensor's readings of a run, thinned, for a picture."""

    sensor: str
    quantity: str
    unit: str
    points: tuple[tuple[float, float], ...]
    """Scenario seconds and values, canonical unit."""
    band: tuple[tuple[float, float, float], ...]
    """Scenario seconds, lower and upper end of what the detector held for usual."""
    marks: tuple[tuple[float, str], ...]
    """Alarms of its asset: when, and which colour."""
    limits: tuple[tuple[str, float], ...]
    span: tuple[float, float]
    """The happening, from and until."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scenario under one seed and one configuration, judged."""

    scenario: str
    family: str
    seed: int
    configuration: str
    start: datetime
    duration_s: float
    readings: int
    sensors: int
    sensor_days: float
    refused: dict[str, int]
    judged: tuple[Judged, ...]
    true_alarms: int
    early_alarms: int
    side_alarms: int
    false: tuple[FalseAlarm, ...]
    calls: tuple[Call, ...]
    messages: int
    """Stand-downs and other messages that ask for nothing."""
    event_ids: tuple[str, ...]
    trails: tuple[Trail, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRun:
    scenario: str
    family: str
    because: str


@dataclass(frozen=True, slots=True)
class Result:
    """All runs in the order of scenario, seed and configuration."""

    runs: tuple[Run, ...]
    not_run: tuple[NotRun, ...]
    seeds: tuple[int, ...]
    configurations: tuple[str, ...]
    background: dict[str, tuple[Position, ...]] = field(default_factory=dict)
    """By scenario: where its assets lie, for maps."""
