"""GeoJSON features to shapes: property ``id`` says which asset or area a feature draws."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from shared.config.complaint import did_you_mean, shown
from shared.domain.place import Geometry, GeometryKind, Position
from shared.registry.draft import Draft, Notes, Spot

FEATURES_MAX: Final = 200_000
GEOJSON_BYTES_MAX: Final = 64 * 1024 * 1024
NEAR_DEGREES: Final = 3.0
"""A city is smaller than this; a shape farther off than that has its axes swapped or is lost."""

_FEATURES: Final = re.compile(r'"features"\s*:\s*\[')
_BLANK: Final = re.compile(r"[\s,]*")


def parse_geojson(text: str, *, file: str, draft: Draft, notes: Notes) -> None:
    """Add every sound feature to ``draft.shapes``, and note the rest by line."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        what = f"is not JSON: {getattr(error, 'msg', error)}"
        notes.error(Spot(file, line), what, "check the brackets and commas around this line")
        return
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        notes.error(
            Spot(file, 1), "is no FeatureCollection", 'wrap it: {"type": ..., "features": ['
        )
        return
    if len(features) > FEATURES_MAX:
        notes.error(Spot(file, 1), f"holds more than {FEATURES_MAX} features", "split the city")
        return
    for line, feature in zip(_feature_lines(text, len(features)), features, strict=True):
        _feature(feature, Spot(file, line), draft, notes)


def lost_shapes(draft: Draft, notes: Notes) -> None:
    """Note the shapes that lie far from the others, naming swapped axes where that explains it."""
    firsts = {key: shape.positions[0] for key, (shape, _) in draft.shapes.items()}
    if not firsts:
        return
    home = (median(p[0] for p in firsts.values()), median(p[1] for p in firsts.values()))
    for key, position in firsts.items():
        if _near(position, home):
            continue
        spot = draft.shapes[key][1]
        if _near(position[::-1], home):
            notes.error(
                spot,
                f"geometry of {shown(key)} has longitude and latitude swapped",
                "write [longitude, latitude]",
            )
        else:
            what = f"geometry of {shown(key)} lies far from the rest of the city"
            notes.warn(spot, what, "check its coordinates")


def _near(position: Position, home: Position) -> bool:
    return math.dist(position, home) < NEAR_DEGREES


def _feature_lines(text: str, count: int) -> Iterator[int | None]:
    """The line each feature starts on; None where the text is laid out too unusually to tell."""
    found = _FEATURES.search(text)
    if found is None:
        yield from [None] * count
        return
    decoder = json.JSONDecoder()
    at, line, counted = found.end(), 1, 0
    for done in range(count):
        blank = _BLANK.match(text, at)
        start = at if blank is None else blank.end()
        line += text.count("\n", counted, start)
        counted = start
        try:
            _, at = decoder.raw_decode(text, start)
        except ValueError:
            yield from [None] * (count - done)
            return
        yield line


def _feature(feature: Any, spot: Spot, draft: Draft, notes: Notes) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        notes.error(spot, "is no Feature", "give it type, properties and geometry")
        return
    properties = feature.get("properties")
    key = properties.get("id") if isinstance(properties, dict) else None
    if not isinstance(key, str) or not key:
        notes.error(spot, "a feature has no property id", "add the id of its asset or area")
        return
    if key in draft.shapes:
        first = draft.shapes[key][1]
        what = f"geometry of {shown(key)} stands twice, first at {first.file}:{first.line}"
        notes.error(spot, what, "keep one of them")
        return
    if not (draft.assets.knows(key) or draft.areas.knows(key)):
        mend = "add the asset or area, or drop the feature"
        if notes.early():
            known = {**draft.assets.spots, **draft.areas.spots}
            mend = did_you_mean(key, known, otherwise=mend)
        notes.error(spot, f"geometry of {shown(key)}, which is no asset and no area", mend)
        return
    try:
        draft.shapes[key] = (_shape(feature.get("geometry")), spot)
    except _OddShapeError as odd:
        notes.error(spot, f"geometry of {shown(key)} {odd}", "correct its coordinates")


class _OddShapeError(Exception):
    """A shape that cannot be drawn; its text goes on from "geometry of ..."."""


def _shape(geometry: Any) -> Geometry:
    kinds = {kind.value: kind for kind in GeometryKind}
    if not isinstance(geometry, dict) or geometry.get("type") not in kinds:
        raise _OddShapeError(f"is none of {', '.join(kinds)}")
    kind = kinds[geometry["type"]]
    coordinates = geometry.get("coordinates")
    if kind is GeometryKind.POINT:
        coordinates = [coordinates]
    elif kind is GeometryKind.POLYGON:
        if not isinstance(coordinates, list) or len(coordinates) != 1:
            raise _OddShapeError("is not one ring; holes are not drawn")
        coordinates = coordinates[0]
    if not isinstance(coordinates, list) or not coordinates:
        raise _OddShapeError("has no positions")
    positions = tuple(_position(raw) for raw in coordinates)
    _check_size(kind, positions)
    return Geometry(kind=kind, positions=positions)


def _check_size(kind: GeometryKind, positions: tuple[Position, ...]) -> None:
    if kind is GeometryKind.LINE and len(positions) < 2:  # noqa: PLR2004  a line has two ends
        raise _OddShapeError("is a line of fewer than 2 positions")
    if kind is GeometryKind.POLYGON:
        if positions[0] != positions[-1]:
            raise _OddShapeError("is an open ring: its first position must come again as the last")
        if len(positions) < 4:  # noqa: PLR2004  a triangle, closed
            raise _OddShapeError("is a ring of fewer than 4 positions")


def _position(raw: Any) -> Position:
    if (
        not isinstance(raw, list)
        or len(raw) not in (2, 3)
        or any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in raw)
    ):
        raise _OddShapeError("has a position that is not [longitude, latitude]")
    longitude, latitude = float(raw[0]), float(raw[1])
    if abs(longitude) <= 180 and abs(latitude) <= 90:  # noqa: PLR2004  the globe
        return longitude, latitude
    if abs(latitude) <= 180 and abs(longitude) <= 90:  # noqa: PLR2004  the globe, turned
        raise _OddShapeError(f"has longitude and latitude swapped: [{raw[0]}, {raw[1]}]")
    raise _OddShapeError(f"lies outside the globe: [{raw[0]}, {raw[1]}]")
