"""The archive's folder, written through the one door to Parquet."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

from services.ingest.core.shelving import Sheet
from shared.archive import upkeep, writing
from shared.archive.shelf import HOUR_US
from shared.errors import StoreUnavailable
from shared.logs import log

LOOK_EVERY_US: Final = HOUR_US
"""How often the whole folder is looked through."""
LOOK_BACK_US: Final = 48 * HOUR_US
"""How far back it is looked through for what an earlier process left unmerged."""
MERGES_MAX: Final = 8
"""Shelves merged in one round, so that a stop does not wait long; the others wait for the next."""


class ParquetShelves:
    """One process's hand on the folder; others may write there too."""

    def __init__(self, root: Path, *, keep_us: int, keep_runs_us: int) -> None:
        self._root = root
        self._keep_us = keep_us
        self._keep_runs_us = keep_runs_us
        self._looked_at_us = 0
        self._touched: set[Path] = set()

    def prepare(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        writing.clear_unfinished(self._root)

    def put(self, sheet: Sheet) -> None:
        table = writing.table_of(sheet.columns, sheet.words)
        self._touched.add(writing.put(self._root, sheet.shelf, table).parent)

    def mark(self, partition: int, *, position: int, until_us: int) -> None:
        writing.mark(self._root, partition, position=position, until_us=until_us)

    def keep_up(self, now_us: int) -> None:
        if now_us - self._looked_at_us >= LOOK_EVERY_US:
            self._looked_at_us = now_us
            removed = upkeep.expire(
                self._root, now_us=now_us, keep_us=self._keep_us, keep_runs_us=self._keep_runs_us
            )
            if removed:
                log("ingest").info("archive.expired", hours=removed)
            since_us = now_us - LOOK_BACK_US
            self._touched.update(upkeep.shelves(self._root, since_us=since_us))
        crowded = (one for one in self._touched if upkeep.is_crowded(one, now_us=now_us))
        for shelf in list(islice(crowded, MERGES_MAX)):
            try:
                upkeep.merge(self._root, shelf)
            except StoreUnavailable as error:
                # Left as it is, for people; the hourly look tries again.
                log("ingest").error("archive.broken_file", why=str(error))
                self._touched.discard(shelf)
        self._touched = {one for one in self._touched if not upkeep.is_done(one, now_us=now_us)}
