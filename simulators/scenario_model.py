"""What a scenario file says, as models: their fields are the format of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

from pydantic import AwareDatetime, Field, field_validator

from shared.domain.level import Level
from shared.domain.place import Position
from simulators.faults.common import Fault
from simulators.happenings.common import Happening, Part, What

START: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, ten in the morning in the demo city; fixed, so that ids of events repeat."""


class Family(StrEnum):
    """What a scenario is about, in one letter."""

    WATER = "W"
    GAS = "G"
    FIRE = "F"
    COMPOUND = "C"
    SENSORS = "S"


class Words(Part):
    """A sentence or two in both languages."""

    en: str = Field(min_length=1)
    zh: str = ""


class NetworkCity(Part):
    """A city made of one pipe network."""

    network: str = Field(min_length=1)
    """A name such as Net3 or L-TOWN, or the path of an .inp file."""
    sensors: tuple[str, ...] = ()
    """Junctions that measure pressure; none given: a choice spread over the network."""
    flows: tuple[str, ...] = ()
    """Links that measure flow; none given: every inlet."""
    interval_s: float = Field(default=300.0, gt=0)
    """How often its sensors report."""


class GeneratedCity(Part):
    """A city grown from a seed, of any size."""

    generated: int = Field(gt=0, le=1_000_000)
    """How many sensors."""
    seed: int = Field(default=1, ge=0)


CityChoice: TypeAlias = Literal["demo"] | NetworkCity | GeneratedCity


class Entry(Part):
    """A line of ground truth that no single happening or fault carries."""

    what: What | None = None
    """What there is to notice; left out where it is quiet."""
    quiet: bool = False
    """Nothing may be raised, beyond ``level_max`` if that is given."""
    level: Level | None = None
    """At least this colour must be reached; a hazard has one."""
    level_max: Level | None = None
    """A colour worse than this is an exaggeration."""
    assets: tuple[str, ...] = ()
    """Where; none given is anywhere in the scenario."""
    from_s: float = Field(default=0.0, ge=0)
    until_s: float | None = None
    """When it is over; left out: never."""
    earliest_s: float | None = Field(default=None, ge=0)
    """An alarm before this is false."""
    latest_s: float | None = Field(default=None, ge=0)
    """An alarm of that colour after this is too late."""


class Scenario(Part):
    """A named story with a seed and its ground truth; seconds count from its start."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    """Small letters, digits and dashes; what it is called by."""
    id: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9-]*$")
    """Short and unique, such as W01."""
    family: Family | None = None
    """Water, gas, fire, compound or sensors."""
    summary: Words
    """What happens, in a sentence."""
    expects: Words | None = None
    """Who ought to notice what, when, and where time was shortened."""
    seed: int = Field(default=1, ge=0)
    """The seed its truth was checked with; another one may be asked for."""
    start: AwareDatetime = START
    """The moment of second 0 where nobody asks for another."""
    duration_s: float | None = Field(default=None, gt=0)
    """Left out: until somebody stops it."""
    city: CityChoice = "demo"
    """Where: the configured city, a pipe network, or one grown from a seed."""
    sites: tuple[str, ...] | None = None
    """Which sites live; left out: the whole city."""
    every_s_max: float | None = Field(default=None, gt=0)
    """Sensors report at least this often, however seldom their registry says."""
    every_s: float | None = Field(default=None, gt=0)
    """All sensors report exactly this often; for stories of days and weeks."""
    happenings: tuple[Happening, ...] = ()
    """What goes wrong, or is merely done."""
    faults: tuple[Fault, ...] = ()
    """Which sensors lie, and how."""
    truth: tuple[Entry, ...] = ()
    """What there is to notice that no single happening or fault carries."""

    @field_validator("summary", "expects", mode="before")
    @classmethod
    def _plain_words(cls, value: Any) -> Any:
        return {"en": value} if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of the ground truth of a scenario, wherever the file says it."""

    what: What | None
    """None where nothing may be raised."""
    quiet: bool
    assets: tuple[str, ...]
    """Where it may rightly be said to be; empty is anywhere."""
    position: Position | None
    """Of the place itself, to measure how far off a finding is."""
    level: Level | None
    level_max: Level | None
    from_s: float
    until_s: float | None
    earliest_s: float | None
    latest_s: float | None
    source: str
    """Which entry of the file says so, such as ``happenings[0]``."""
