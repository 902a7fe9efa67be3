"""``tocsin registry import``: a file merged into a registry folder, all of it or nothing.

Law 1: the folder is written only if the result has no fault.

Law 2: files are replaced one by one, each whole, in an order in which a merge cut short at any
point leaves a registry without faults: first files nobody names yet, then ``registry.yaml``, then
the tables. An error on the way puts everything back.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shared.config.complaint import Severity
from shared.config.marked_yaml import read_text
from shared.errors import BadInput, BadRegistry
from shared.registry.draft import Draft, Notes
from shared.registry.geojson import GEOJSON_BYTES_MAX, lost_shapes, parse_geojson
from shared.registry.laws import check
from shared.registry.layout import changed_files
from shared.registry.merging import Count, merge
from shared.registry.reading import read_draft, registry_file
from shared.registry.sensors_csv import TABLE_BYTES_MAX, parse_sensors


@dataclass(frozen=True, slots=True)
class Summary:
    into: Path
    counts: Mapping[str, Count]
    """By kind: areas, sites, assets, sensors, people, teams, links, duties, geometry."""
    written: tuple[str, ...]
    """Files of the folder that were replaced, or would be."""
    dry_run: bool = False

    @property
    def total(self) -> Count:
        return sum(self.counts.values(), Count())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "into": str(self.into),
            "total": asdict(self.total),
            "counts": {kind: asdict(count) for kind, count in self.counts.items()},
            "written": list(self.written),
            "dry_run": self.dry_run,
        }

    def __str__(self) -> str:
        total = self.total
        moved = ", ".join(
            f"{kind} +{count.added} ~{count.changed} -{count.removed}"
            for kind, count in self.counts.items()
            if count.moves
        )
        verb = "would write" if self.dry_run else "wrote"
        return (
            f"{self.into}: {total.added} added, {total.changed} changed, "
            f"{total.unchanged} unchanged, {total.removed} removed"
            f"{f' ({moved})' if moved else ''}; {verb} {', '.join(self.written) or 'nothing'}"
        )


def import_registry(
    source: Path, into: Path, *, dry_run: bool = False, replacing: bool = False
) -> Summary:
    """Merge a registry YAML (or folder), a sensor table or a GeoJSON into the folder ``into``.

    With ``replacing``, what the folder holds of the kinds the source names, and the source does
    not, is removed. Raises BadInput for a source of no known kind, and BadRegistry with every
    fault of the source and of the result, naming the lines they stand on; then nothing is written.
    """
    notes = Notes()
    target = into / "registry.yaml"
    base = (read_draft(target, notes) if target.exists() else None) or Draft(str(target))
    news = _read_source(source, base, notes)
    merged, counts = merge(base, news, replacing=replacing)
    lost_shapes(merged, notes)
    check(merged, notes)
    if errors := _errors(notes, source):
        raise BadRegistry(f"import of {source} into {into}", errors)
    texts = changed_files(base, merged, folder=into)
    if not dry_run:
        _replace_files(into, texts)
    return Summary(into=into, counts=counts, written=tuple(texts), dry_run=dry_run)


def _errors(notes: Notes, source: Path) -> tuple[str, ...]:
    faults = notes.all(registry=str(source))
    return tuple(str(one) for one in faults if one.severity is Severity.ERROR)


def _read_source(source: Path, base: Draft, notes: Notes) -> Draft:
    news = Draft(str(source))
    suffix = source.suffix.lower()
    if source.is_dir() or suffix in {".yaml", ".yml"}:
        return read_draft(registry_file(source), notes) or news
    if suffix not in {".csv", ".geojson", ".json"}:
        raise BadInput(
            f"{source} is neither a registry (.yaml), a sensor table (.csv) nor geometry "
            "(.geojson), name its kind by its ending"
        )
    limit = TABLE_BYTES_MAX if suffix == ".csv" else GEOJSON_BYTES_MAX
    text, complaints = read_text(source, bytes_max=limit)
    notes.add(*complaints)
    if text is not None and suffix == ".csv":
        parse_sensors(text, file=str(source), shelf=news.sensors, notes=notes)
    elif text is not None:
        # A drawing may only name what the folder already holds.
        known = Draft(str(source), areas=base.areas, assets=base.assets)
        parse_geojson(text, file=str(source), draft=known, notes=notes)
        news.shapes = known.shapes
    return news


def _replace_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Put every text in its place, in order; on an error, put back what was there."""
    before: dict[Path, bytes | None] = {}
    staged: dict[Path, Path] = {}
    try:
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            staged[path] = path.with_name(f".{path.name}.new")
            _write_through(staged[path], text.encode())
        for path, new in staged.items():
            before[path] = path.read_bytes() if path.exists() else None
            new.replace(path)
    except OSError as error:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                _write_through(path, content)
        raise BadInput(f"{folder} cannot be written ({error}), nothing was changed") from error
    finally:
        for new in staged.values():
            new.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes) -> None:
    """Write and wait until the disk has it."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
