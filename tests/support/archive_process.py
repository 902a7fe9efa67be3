"""The archive as a process of its own, to be killed: ``python archive_process.py BUS ROOT WHERE``.

``WHERE`` is the point of a flush at which it says so on its output and then stands still: after
the first file (``half``), or after all files and before the commit (``commit``).
"""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

from services.ingest.adapters.shelves import ParquetShelves
from services.ingest.core.shelving import Sheet
from services.ingest.settings import ArchiveSettings
from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support.archived import DAY_US, archive_of
from tests.support.detector_city import city


class Halting(ParquetShelves):
    def __init__(self, root: Path, where: str) -> None:
        super().__init__(root, keep_us=400 * DAY_US, keep_runs_us=30 * DAY_US)
        self._where = where

    def put(self, sheet: Sheet) -> None:
        super().put(sheet)
        if self._where == "half":
            self._halt()

    def mark(self, partition: int, *, position: int, until_us: int) -> None:
        if self._where == "commit" and position > 0:
            self._halt()
        super().mark(partition, position=position, until_us=until_us)

    def _halt(self) -> None:
        sys.stdout.write("here\n")
        sys.stdout.flush()
        threading.Event().wait()


async def main(path: str, root: str, where: str) -> None:
    clock, metrics = SystemClock(), Metrics()
    settings = ArchiveSettings(enabled=True, path=Path(root), flush_s=1.0)
    async with EmbeddedBus(Path(path), clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        archive = archive_of(bus, settings, city(), hand=Halting(Path(root), where), clock=clock)
        await archive.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
