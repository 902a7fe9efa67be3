"""Packs put into an archive, and an archive service at work on an embedded bus, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from services.ingest.adapters.shelves import ParquetShelves
from services.ingest.core.ledger import Ledger
from services.ingest.core.shelving import Buffer, Places
from services.ingest.settings import ArchiveSettings
from services.ingest.shell.archive import Archive
from shared.archive import layout
from shared.archive.shelf import HOUR_US
from shared.bus.codec import Pack
from shared.clock import SystemClock
from shared.domain.registry import Registry
from shared.metrics import Metrics

DAY_US = 24 * HOUR_US


def shelves(root: Path) -> ParquetShelves:
    made = ParquetShelves(root, keep_us=400 * DAY_US, keep_runs_us=30 * DAY_US)
    made.prepare()
    return made


def keep(root: Path, registry: Registry, packs: Iterable[Pack], *, first: int = 0) -> None:
    """Put packs straight onto the shelves, as one flush of partition 0 would."""
    buffer = Buffer(Places(registry))
    for offset, pack in enumerate(packs, first):
        buffer.add(pack, partition=0, offset=offset)
    hand = shelves(root)
    for sheet in buffer.sheets():
        hand.put(sheet)


def kept_files(root: Path) -> list[Path]:
    return sorted(path for lane in layout.lanes(root) for path in lane.rglob("*.parquet"))


def archive_of(bus, settings: ArchiveSettings, registry: Registry, *, hand, clock) -> Archive:
    return Archive(
        settings,
        shelves=hand,
        registry=registry,
        bus=bus,
        ledger=Ledger(),
        clock=clock,
        metrics=Metrics(),
    )


@asynccontextmanager
async def archiving(
    bus, root: Path, registry: Registry, *, hand=None, clock=None, **settings
) -> AsyncIterator[Archive]:
    """An archive at work; stopped gracefully, with what waits written, at the end."""
    made = ArchiveSettings(enabled=True, path=root, **settings)
    hand = hand or shelves(root)
    archive = archive_of(bus, made, registry, hand=hand, clock=clock or SystemClock())
    stop = asyncio.Event()
    task = asyncio.create_task(archive.run(stop))
    try:
        yield archive
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)
