"""The one way a registry is read: the file, what it names beside it, then the laws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from shared.config.complaint import Complaint, shown
from shared.config.marked_yaml import load_marked, read_text
from shared.domain.registry import Registry
from shared.registry.draft import Draft, Notes
from shared.registry.geojson import GEOJSON_BYTES_MAX, lost_shapes, parse_geojson
from shared.registry.laws import check
from shared.registry.parse import parse
from shared.registry.sensors_csv import TABLE_BYTES_MAX, parse_sensors


def read_registry(path: Path) -> tuple[Registry, tuple[Complaint, ...]]:
    """What the file says and everything wrong with it, by file and line.

    The registry is complete and consistent only if no complaint is an error.
    """
    file, notes = registry_file(path), Notes()
    draft = read_draft(file, notes)
    if draft is None:
        return registry_of(Draft(str(file))), notes.all(registry=str(file))
    lost_shapes(draft, notes)
    check(draft, notes)
    return registry_of(draft), notes.all(registry=str(file))


def read_draft(file: Path, notes: Notes) -> Draft | None:
    """The pieces of a registry and of the files it names, before the laws between them.

    None, with the reason noted, where the file cannot be read at all.
    """
    root, complaints = load_marked(file)
    notes.add(*complaints)
    if root is None:
        return None
    draft = Draft(str(file))
    if not parse(root, draft, notes):
        return None
    for named, text in _beside(draft, draft.tables, TABLE_BYTES_MAX, notes):
        parse_sensors(text, file=named, shelf=draft.sensors, notes=notes)
    for named, text in _beside(draft, draft.drawings, GEOJSON_BYTES_MAX, notes):
        parse_geojson(text, file=named, draft=draft, notes=notes)
    return draft


def registry_file(path: Path) -> Path:
    """A folder stands for the ``registry.yaml`` in it."""
    return path / "registry.yaml" if path.is_dir() else path


def _beside(
    draft: Draft, names: list[str], bytes_max: int, notes: Notes
) -> Iterator[tuple[str, str]]:
    """Path and text of each file the registry names; none may lie outside its folder."""
    folder = Path(draft.file).parent
    for name in names:
        path, spot = folder / name, draft.named_at[name]
        if Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
            what = f"file {shown(name)} lies outside the registry's folder"
            notes.error(spot, what, "put it beside the registry")
            continue
        text, complaints = read_text(path, bytes_max=bytes_max)
        for one in complaints:
            if one.line is None:
                notes.error(spot, f"file {shown(name)}: {one.what}", one.mend)
            else:
                notes.add(one)
        if text is not None:
            yield str(path), text


def registry_of(draft: Draft) -> Registry:
    """The pieces as one value, each with its shape."""
    shapes = {key: shape for key, (shape, _) in draft.shapes.items()}
    return Registry(
        name=draft.name,
        timezone=draft.timezone,
        areas={k: replace(v, geometry=shapes.get(k)) for k, v in draft.areas.kept.items()},
        sites=dict(draft.sites.kept),
        assets={k: replace(v, geometry=shapes.get(k)) for k, v in draft.assets.kept.items()},
        sensors=dict(draft.sensors.kept),
        links=tuple(link for link, _ in draft.links),
        people=dict(draft.people.kept),
        teams=dict(draft.teams.kept),
        duties=tuple(duty for duty, _ in draft.duties),
    )
