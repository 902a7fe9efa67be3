"""A registry while it is being read: what was understood, and where each piece stands.

A piece with a fault is not kept, but its id is: nothing that refers to it gets a second
complaint for the same mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from shared.config.complaint import Complaint, Severity, shown
from shared.domain.person import Duty, Person, Team
from shared.domain.place import Area, Asset, Geometry, Link, Site
from shared.domain.sensor import Sensor

T = TypeVar("T")

COMPLAINTS_MAX: Final = 500
"""Beyond this many, the rest is only counted."""
SUGGESTIONS_MAX: Final = 50
"""Beyond this many complaints nobody waits for a guess at what was meant."""
ID_CHARS_MAX: Final = 80
_FORBIDDEN: Final = frozenset("/+#")


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a file."""

    file: str
    line: int | None


class Notes:
    """The complaints of one reading of one registry."""

    def __init__(self) -> None:
        self._complaints: list[Complaint] = []
        self._untold = 0

    def error(self, spot: Spot, what: str, mend: str) -> None:
        self.add(Complaint(spot.file, spot.line, what, mend))

    def warn(self, spot: Spot, what: str, mend: str) -> None:
        self.add(Complaint(spot.file, spot.line, what, mend, Severity.WARNING))

    def add(self, *complaints: Complaint) -> None:
        room = max(0, COMPLAINTS_MAX - len(self._complaints))
        self._complaints += complaints[:room]
        self._untold += len(complaints) - len(complaints[:room])

    def early(self) -> bool:
        """Whether a complaint now is worth the time a suggestion takes."""
        return len(self._complaints) < SUGGESTIONS_MAX

    def all(self, *, registry: str) -> tuple[Complaint, ...]:
        """Every complaint by file and line, with one more for those that found no room."""
        ordered = sorted(self._complaints, key=lambda one: (one.file, one.line or 0))
        if self._untold:
            what = f"{self._untold} more fault(s) are not shown"
            ordered.append(Complaint(registry, None, what, "mend these first"))
        return tuple(ordered)


@dataclass(slots=True)
class Shelf(Generic[T]):
    """The pieces of one kind, by id, with their places."""

    thing: str
    kept: dict[str, T] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    """Also of pieces that had a fault and were not kept."""

    def claim(self, key: str, spot: Spot, notes: Notes) -> bool:
        """Take an id; False, with a complaint, when it is taken."""
        first = self.spots.get(key)
        if first is None:
            self.spots[key] = spot
            return True
        where = f"line {first.line}" if first.file == spot.file else f"{first.file}:{first.line}"
        notes.error(
            spot, f"{self.thing} {shown(key)} stands twice, first at {where}", "rename one of them"
        )
        return False

    def knows(self, key: str) -> bool:
        return key in self.spots


@dataclass(slots=True)
class Draft:
    file: str
    name: str = ""
    timezone: str = ""
    areas: Shelf[Area] = field(default_factory=lambda: Shelf("area"))
    sites: Shelf[Site] = field(default_factory=lambda: Shelf("site"))
    assets: Shelf[Asset] = field(default_factory=lambda: Shelf("asset"))
    sensors: Shelf[Sensor] = field(default_factory=lambda: Shelf("sensor"))
    people: Shelf[Person] = field(default_factory=lambda: Shelf("person"))
    teams: Shelf[Team] = field(default_factory=lambda: Shelf("team"))
    links: list[tuple[Link, Spot]] = field(default_factory=list)
    duties: list[tuple[Duty, Spot]] = field(default_factory=list)
    shapes: dict[str, tuple[Geometry, Spot]] = field(default_factory=dict)
    """GeoJSON features by the id of their asset or area."""
    tables: list[str] = field(default_factory=list)
    """Sensor tables, as named by the registry."""
    drawings: list[str] = field(default_factory=list)
    """Geometry files, as named by the registry."""
    named_at: dict[str, Spot] = field(default_factory=dict)
    """Where the registry names each of those files."""


def id_fault(key: str) -> str | None:
    """Why ``key`` cannot be an id, or None; ids are levels of MQTT topics and keys on the bus."""
    if len(key) > ID_CHARS_MAX:
        return f"is longer than {ID_CHARS_MAX} characters"
    if bad := next((char for char in key if char in _FORBIDDEN or char.isspace()), None):
        return f"holds {'a blank' if bad.isspace() else shown(bad)}, which MQTT topics do not allow"
    if not key.isprintable():
        return "holds a control character"
    if key == "_" or key.startswith("$"):
        return "is reserved: '_' marks a pack and '$' a broker's own topics"
    return None
