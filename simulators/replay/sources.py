"""What may be replayed: a CSV or Parquet file, the archive, an incident; all opened alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from shared.archive import playback
from shared.archive.layout import REAL, RUNS, lane_of
from shared.archive.playback import Kept, Span
from shared.archive.query import runs_of
from shared.archive.shelf import micros
from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.frames import Frame
from simulators.replay.archived import ArchivedRecording
from simulators.replay.incident import SCHEME, incident_of
from simulators.replay.recording import Recording, Window
from simulators.replay.rows import Skipped, is_parquet

RUNS_NAMED_MAX: Final = 10


class Playable(Protocol):
    """A source that was opened and fits the city."""

    @property
    def name(self) -> str: ...
    @property
    def skipped(self) -> Skipped:
        """What was left out so far."""

    def frames(self, *, run: str) -> Iterator[Frame]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which part of which source."""

    source: str
    """A file, the archive's folder, or ``incident:ID``."""
    window: Window = field(default_factory=Window)
    start: datetime | None = None
    """Where the first reading is moved to; None leaves every moment as it was."""
    mapping: Path | None = None
    archive: Path | None = None
    """Where an incident's readings lie."""
    api: str | None = None
    """The alert service that knows the incident."""
    sites: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    """With everything below them; of sites and areas, what lies in either."""
    of_run: str = ""
    """Which run of the archive is played; empty is the real city."""
    warm_h: float = 0.0
    """Hours before an incident's own, for a detector to learn from."""


async def open_source(wish: Wish, registry: Registry) -> Playable:
    """The source, ready to be played.

    Raises BadInput for what is not there, cannot be read or is asked for in vain, BadMapping for a
    mapping with faults, StoreUnavailable when the alert service does not answer.
    """
    path = Path(wish.source)
    if wish.source.startswith(SCHEME) or path.suffix.lower() == ".json":
        return await _incident(wish, registry)
    if await asyncio.to_thread(path.is_dir):
        return _archive(wish, path, registry, name=f"archive {path}")
    unmapped = is_parquet(path) and wish.mapping is None
    if unmapped and await asyncio.to_thread(playback.is_ours, path):
        span = Span(*_bounds(wish), _sites(wish, registry))
        kept = partial(playback.records_of, [path], span)
        return ArchivedRecording(str(path), kept, registry, start=wish.start)
    recording = Recording(path, registry, mapping=wish.mapping, start=wish.start)
    return _Mapped(f"{path} with mapping {recording.mapping.name}", recording, wish.window)


@dataclass(frozen=True, slots=True)
class _Mapped:
    name: str
    recording: Recording
    window: Window

    @property
    def skipped(self) -> Skipped:
        return self.recording.skipped

    def frames(self, *, run: str) -> Iterator[Frame]:
        return self.recording.frames(run=run, window=self.window)


async def _incident(wish: Wish, registry: Registry) -> Playable:
    if wish.archive is None:
        raise BadInput(f"{wish.source} has its readings in the archive; say where by --archive DIR")
    recorded = await incident_of(wish.source, api=wish.api, warm_h=wish.warm_h)
    if recorded.site not in registry.sites:
        raise BadInput(
            f"incident {recorded.id} was at site {recorded.site}, which {registry.name} lacks; "
            "name its registry in the settings"
        )
    first, last = _bounds(wish)
    span = Span(
        micros(recorded.first) if first is None else first,
        micros(recorded.last) if last is None else last,
        frozenset({recorded.site}),
    )
    kept = _records(wish.archive, recorded.run, span, registry)
    return ArchivedRecording(f"incident {recorded.id}", kept, registry, start=wish.start)


def _archive(wish: Wish, root: Path, registry: Registry, *, name: str) -> Playable:
    if not any((root / lane).is_dir() for lane in (REAL, RUNS)):
        raise BadInput(f"{root} is no archive; give the folder ingest.archive.path names")
    if not lane_of(root, wish.of_run).is_dir():
        sought = f"run {wish.of_run}" if wish.of_run else "the real city"
        there = ", ".join(runs_of(root)[:RUNS_NAMED_MAX]) or "none"
        raise BadInput(f"{root} has nothing of {sought}; its runs, for --of-run: {there}")
    span = Span(*_bounds(wish), _sites(wish, registry))
    kept = _records(root, wish.of_run, span, registry)
    return ArchivedRecording(name, kept, registry, start=wish.start)


def _records(root: Path, run: str, span: Span, registry: Registry) -> Callable[[], Iterator[Kept]]:
    inside = None
    if span.sites is not None:
        inside = {asset.area for asset in registry.assets.values() if asset.site in span.sites}
    return partial(playback.records, root, run=run, span=span, inside=inside)


def _sites(wish: Wish, registry: Registry) -> frozenset[str] | None:
    """The sites that are asked for; None when nothing narrows it."""
    unknown = [
        *(f"site {site}" for site in wish.sites if site not in registry.sites),
        *(f"area {area}" for area in wish.areas if area not in registry.areas),
    ]
    if unknown:
        raise BadInput(f"{', '.join(unknown)} is not in the registry of {registry.name}")
    if not wish.sites and not wish.areas:
        return None
    above = {area: {one.id for one in registry.upwards(area)} for area in registry.areas}
    inside = {site.id for site in registry.sites.values() if above[site.area] & set(wish.areas)}
    return frozenset(inside | set(wish.sites))


def _bounds(wish: Wish) -> tuple[int | None, int | None]:
    bounds = []
    for bound, option in ((wish.window.first, "--from"), (wish.window.last, "--to")):
        if isinstance(bound, float):
            raise BadInput(f"{option} {bound:g} counts from nothing here; give a moment (ISO 8601)")
        bounds.append(None if bound is None else micros(bound))
    return bounds[0], bounds[1]
