"""Which file of a registry folder holds what, and which of them a merge must write.

A piece stays in the file it stood in; a new sensor or shape joins the first file of its kind. A
file whose pieces are what they were is left alone, comments and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from shared.domain.place import Geometry
from shared.domain.sensor import Sensor
from shared.registry.draft import Draft, Spot
from shared.registry.writing import geojson_text, registry_text, sensors_text

P = TypeVar("P")

REGISTRY: Final = "registry.yaml"


def changed_files(base: Draft, merged: Draft, *, folder: Path) -> dict[str, str]:
    """The texts to write by file name, in the order to replace them; sets ``merged``'s lists.

    First come files that nothing names yet, then ``registry.yaml``, then the others, so that what
    a file refers to is always there before it.
    """
    base_shapes = {key: shape for key, (shape, _) in base.shapes.items()}
    shapes = {key: shape for key, (shape, _) in merged.shapes.items()}
    shape_spots = {key: spot for key, (_, spot) in base.shapes.items()}
    inline_home = {base.file: REGISTRY}
    sensors = _by_home(
        merged.sensors.kept,
        base.sensors.spots,
        {**_homes(base.tables, folder), **inline_home},
        _first(base.tables, "sensors.csv", folder),
    )
    before = _by_home(base.sensors.kept, base.sensors.spots, _homes(base.tables, folder) |
                      inline_home, REGISTRY)  # fmt: skip
    drawn = _by_home(
        shapes,
        shape_spots,
        _homes(base.drawings, folder),
        _first(base.drawings, "geometry.geojson", folder),
    )
    drawn_before = _by_home(base_shapes, shape_spots, _homes(base.drawings, folder), "")
    merged.tables = _named(base.tables, sensors)
    merged.drawings = _named(base.drawings, drawn)
    texts: dict[str, str] = {}
    for name in merged.tables:
        if sensors.get(name, {}) != before.get(name, {}):
            texts[name] = sensors_text(sensors.get(name, {}).values())
    for name in merged.drawings:
        if drawn.get(name, {}) != drawn_before.get(name, {}):
            texts[name] = geojson_text(drawn.get(name, {}).items())
    inline = sensors.get(REGISTRY, {})
    if _registry_moved(base, merged) or inline != before.get(REGISTRY, {}):
        texts[REGISTRY] = registry_text(merged, inline.values())
    unnamed = {name for name in texts if name not in (*base.tables, *base.drawings, REGISTRY)}
    return dict(sorted(texts.items(), key=lambda one: (one[0] not in unnamed, one[0] != REGISTRY)))


def _registry_moved(base: Draft, merged: Draft) -> bool:
    """Whether anything is different that ``registry.yaml`` itself says."""
    shelves = ("areas", "sites", "assets", "people", "teams")
    heads = ("name", "timezone", "tables", "drawings")
    return (
        any(getattr(base, name).kept != getattr(merged, name).kept for name in shelves)
        or any(getattr(base, name) != getattr(merged, name) for name in heads)
        or [link for link, _ in base.links] != [link for link, _ in merged.links]
        or [duty for duty, _ in base.duties] != [duty for duty, _ in merged.duties]
    )


def _homes(names: Iterable[str], folder: Path) -> dict[str, str]:
    """File name as the registry names it, by the path complaints name it with."""
    return {str(folder / name): name for name in names}


def _first(names: list[str], otherwise: str, folder: Path) -> str:
    """The file new pieces go to: the first named one, or one that does not exist yet."""
    if names:
        return names[0]
    stem, dot, ending = otherwise.partition(".")
    number = 1
    while (folder / otherwise).exists():
        number += 1
        otherwise = f"{stem}-{number}{dot}{ending}"
    return otherwise


def _by_home(
    pieces: Mapping[str, P], spots: Mapping[str, Spot], homes: Mapping[str, str], new: str
) -> dict[str, dict[str, P]]:
    """The pieces by the file that holds them."""
    found: dict[str, dict[str, P]] = {}
    for key, piece in pieces.items():
        spot = spots.get(key)
        home = homes.get(spot.file, new) if spot is not None else new
        found.setdefault(home, {})[key] = piece
    return found


def _named(
    names: list[str], homes: Mapping[str, dict[str, Sensor]] | Mapping[str, dict[str, Geometry]]
) -> list[str]:
    """The files a registry must name: those it named, and the new ones."""
    return [*names, *(home for home in homes if home not in names and home != REGISTRY)]
