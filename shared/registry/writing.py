"""A registry as text that people go on editing by hand: one line a piece, nothing redundant."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any, Final, TextIO, TypeAlias

from shared.domain.person import Duty, Person, Team
from shared.domain.place import Area, Asset, Geometry, GeometryKind, Link, Site
from shared.domain.sensor import Sensor
from shared.registry.draft import Draft
from shared.registry.parse import FORMAT_VERSION
from shared.registry.sensors_csv import COLUMNS

Piece: TypeAlias = Area | Site | Asset | Link | Person | Team | Duty | Sensor
"""What the sections of a registry list."""

_PLAIN: Final = re.compile(r"[^\W\d_][\w./()（）\-]*( [\w./()（）\-]+)*\Z")
_WORDS: Final = frozenset({"null", "true", "false"})


def registry_text(draft: Draft, inline: Iterable[Sensor]) -> str:
    """``registry.yaml`` of a draft; ``inline`` are the sensors that stand in it."""
    registry = {
        "version": FORMAT_VERSION,
        "name": draft.name,
        "timezone": draft.timezone,
        "sensors_csv": draft.tables,
        "geometry": draft.drawings,
    }
    lines = [f"{key}: {flow_text(value)}" for key, value in registry.items() if value != []]
    sections: dict[str, Iterable[Piece]] = {
        "areas": draft.areas.kept.values(),
        "sites": draft.sites.kept.values(),
        "assets": draft.assets.kept.values(),
        "links": (link for link, _ in draft.links),
        "people": draft.people.kept.values(),
        "teams": draft.teams.kept.values(),
        "duties": (duty for duty, _ in draft.duties),
        "sensors": inline,
    }
    for name, pieces in sections.items():
        written = [item_text(piece) for piece in pieces]
        if written:
            lines += ["", f"{name}:", *written]
    return "\n".join([*lines, ""])


def item_text(piece: Piece) -> str:
    """One item of a section, on one line."""
    if isinstance(piece, Asset):
        return f"  - {flow_text(_asset(piece))}"
    if isinstance(piece, Person):
        return f"  - {flow_text(_person(piece))}"
    return f"  - {flow_text(_by_fields(piece))}"


def sensors_text(sensors: Iterable[Sensor]) -> str:
    """A sensor table."""
    out = io.StringIO()
    write_sensors(out, sensors)
    return out.getvalue()


def write_sensors(out: TextIO, sensors: Iterable[Sensor]) -> None:
    """A sensor table, one sensor in memory at a time."""
    writer = csv.writer(out, lineterminator="\n")
    # A lone carriage return ends a row for every reader and is quoted by no default writer.
    careful = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for one in sensors:
        numbers = (_number(value) for value in (one.interval_s, one.low, one.high))
        row = [one.id, one.asset, one.quantity.value, one.unit, *numbers, one.name]
        (careful if "\r" in one.name else writer).writerow(row)


def geojson_text(shapes: Iterable[tuple[str, Geometry]]) -> str:
    """A FeatureCollection, one feature a line."""
    out = io.StringIO()
    write_geojson(out, shapes)
    return out.getvalue()


def write_geojson(out: TextIO, shapes: Iterable[tuple[str, Geometry]]) -> None:
    """A FeatureCollection, one feature in memory at a time."""
    out.write('{"type": "FeatureCollection", "features": [\n')
    gap = ""
    for key, shape in shapes:
        feature = {"type": "Feature", "properties": {"id": key}, "geometry": _geometry(shape)}
        out.write(gap + json.dumps(feature, ensure_ascii=False))
        gap = ",\n"
    out.write("\n]}\n")


def _geometry(shape: Geometry) -> dict[str, Any]:
    coordinates: Any = [list(position) for position in shape.positions]
    if shape.kind is GeometryKind.POINT:
        coordinates = coordinates[0]
    elif shape.kind is GeometryKind.POLYGON:
        coordinates = [coordinates]
    return {"type": shape.kind.value, "coordinates": coordinates}


def _by_fields(piece: Any) -> dict[str, Any]:
    """The fields of a noun that say something, under their own names."""
    found = {name: getattr(piece, name) for name in piece.__dataclass_fields__}
    silent = (None, "", ())
    return {name: value for name, value in found.items() if value not in silent}


def _asset(asset: Asset) -> dict[str, Any]:
    found = _by_fields(asset)
    found.pop("geometry", None)
    if asset.occupancy == 0:
        del found["occupancy"]
    return found


def _person(person: Person) -> dict[str, Any]:
    found = _by_fields(person)
    found["addresses"] = [_by_fields(address) for address in person.addresses]
    return found


def flow_text(value: Any) -> str:
    """A value in YAML's one-line form."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow_text(below)}" for key, below in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow_text(below) for below in value) + "]"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(char: str) -> str:
    """A character inside YAML's double quotes."""
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def _number(value: float) -> str:
    whole = value == int(value) and abs(value) < 1e15  # noqa: PLR2004  beyond it floats skip numbers
    return str(int(value)) if whole else repr(value)
