"""A mapping says which column of a recording is which sensor of a city, and when it happened.

Wide recordings have a column a sensor; long ones have a row a reading, with a key column that
names the instrument. A mapping is checked against the file's header and the registry before the
first row is read, and refused with every fault it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.domain.quantity import units_of
from shared.domain.registry import Registry
from shared.errors import BadInput, Complaints

BUNDLED: Final = Path(__file__).parent / "mappings"
ABSOLUTE_UNITS: Final = frozenset({"iso", "unix", "moment"})
"""Time units that say when a row was measured without being told a start."""


class BadMapping(Complaints, BadInput):
    """A mapping that does not fit itself, the recording or the city; all faults named."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _several(raw: Any) -> Any:
    return [raw] if isinstance(raw, str) else raw


class TimeColumn(_Part):
    column: str
    unit: Literal["s", "ms", "iso", "unix", "moment"]
    """``s`` and ``ms`` count from the start; ``unix`` is seconds since 1970; ``moment`` is ISO 8601
    or a Unix number (seconds below 1e11, else milliseconds). Without a zone, UTC."""


class Column(_Part):
    column: Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]
    """Its name, or several of which the first that the file has is taken."""
    sensor: str
    unit: str | None = None
    """None: the unit the registry says."""


class Long(_Part):
    key: str
    value: str
    unit: str | None = None
    unit_column: str | None = None
    """A column with each row's unit; may be absent from the file."""
    quality_column: str | None = None
    """A column with good, uncertain or bad; may be absent from the file."""
    sensors: dict[str, str] | None = None
    """Instrument to sensor, others are left out; None: the key is the sensor's id."""
    filter: dict[str, str] = {}
    """Only rows in which these columns hold these words."""


class Mapping(_Part):
    name: str
    about: str = ""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    skip_rows: int = Field(default=0, ge=0)
    """Lines before the header."""
    time: TimeColumn
    start: datetime | None = None
    """What the recording's zero (or first reading) becomes, when nobody says otherwise."""
    every_s: float | None = Field(default=None, gt=0)
    """At most one reading per sensor in this many seconds."""
    columns: tuple[Column, ...] = ()
    long: Long | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Mapping:
        if bool(self.columns) == (self.long is not None):
            raise ValueError("give either columns or long")
        return self

    @property
    def zero(self) -> datetime | None:
        """``start`` with a zone."""
        if self.start is None or self.start.tzinfo is not None:
            return self.start
        return self.start.replace(tzinfo=UTC)

    def missing(self, header: Sequence[str]) -> list[str]:
        """What the header lacks, one line each."""
        needed: list[tuple[str, ...]] = [(self.time.column,)]
        if self.long is not None:
            needed += [(name,) for name in (self.long.key, self.long.value, *self.long.filter)]
        needed += [entry.column for entry in self.columns]
        return [
            f"the file has no column {' or '.join(names)}"
            for names in needed
            if not any(name in header for name in names)
        ]

    def targets(self) -> Iterator[tuple[str, str | None]]:
        """Every sensor it names, with the unit it gives it."""
        for entry in self.columns:
            yield entry.sensor, entry.unit
        if self.long is not None and self.long.sensors is not None:
            for sensor in self.long.sensors.values():
                yield sensor, self.long.unit

    def faults(self, header: Sequence[str], registry: Registry, *, started: bool) -> list[str]:
        """Everything that keeps it from being played, one line each."""
        found = self.missing(header)
        if not started and self.start is None and self.time.unit not in ABSOLUTE_UNITS:
            found.append("start is not set and time counts from it; set it, or give --start")
        seen: set[str] = set()
        for sensor, unit in self.targets():
            if sensor in seen:
                found.append(f"sensor {sensor} is given two columns")
            seen.add(sensor)
            known = registry.sensors.get(sensor)
            if known is None:
                found.append(f"sensor {sensor} is not in the registry of {registry.name}")
            elif unit is not None and unit not in units_of(known.quantity):
                units = ", ".join(units_of(known.quantity))
                found.append(f"sensor {sensor} measures {known.quantity}, never in {unit}: {units}")
        return found


def load_mapping(path: Path) -> Mapping:
    """A mapping file; BadInput if it cannot be read, BadMapping with all its faults."""
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"mapping {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        fault = f"is no YAML: {' '.join(str(error).split())}"
        raise BadMapping(f"mapping {path}", (fault,)) from error
    try:
        return Mapping.model_validate(raw)
    except ValidationError as error:
        raise BadMapping(f"mapping {path}", tuple(_lines(error))) from error


def bundled_mappings() -> tuple[Mapping, ...]:
    """Every mapping that comes with Tocsin, by name."""
    return tuple(load_mapping(path) for path in sorted(BUNDLED.glob("*.yaml")))


def _lines(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False):
        where = ".".join(str(step) for step in fault["loc"]) or "the file"
        given = "" if fault["type"] == "missing" else f", got {fault['input']!r:.60}"
        yield f"{where}: {fault['msg'].removeprefix('Value error, ').lower()}{given}"
