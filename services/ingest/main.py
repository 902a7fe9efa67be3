"""Ingest: bytes from the field in, trusted readings out, and nothing lost in between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np

from services.ingest.adapters.mqtt import MqttField
from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.freshness import SECOND_US
from services.ingest.core.ledger import Ledger
from services.ingest.ports import Shelves
from services.ingest.settings import DAY_S, ArchiveSettings, IngestSettings
from services.ingest.shell.archive import Archive
from services.ingest.shell.pump import Pump
from services.ingest.shell.statements import Statements
from shared.bus.ports import Bus
from shared.clock import Clock
from shared.domain.registry import Registry
from shared.logs import log
from shared.metrics import Metrics
from shared.probes import Probes

FINISH_S = 1.5
"""What is in flight at a stop gets this long; the rest stays with the broker."""
ARCHIVE_S = 1.0
"""What the archive has not written by then stays on the bus for the next start."""
LAST_WORDS_S = 0.5


class Ingest:
    """One ingest: one session at the broker, one writer on the bus."""

    def __init__(
        self,
        settings: IngestSettings,
        *,
        registry: Registry,
        bus: Bus,
        clock: Clock,
        metrics: Metrics,
        rng: np.random.Generator | None = None,
    ) -> None:
        """``rng`` draws the waits between attempts; None seeds it from the system."""
        chance = np.random.default_rng() if rng is None else rng
        self._settings = settings
        self._metrics = metrics
        self._ledger = Ledger()
        self._field = MqttField(
            settings.mqtt, window=settings.receive_window, clock=clock, metrics=metrics, rng=chance
        )
        self._pump = Pump(
            settings,
            catalogue=catalogue_of(registry),
            field=self._field,
            bus=bus,
            ledger=self._ledger,
            clock=clock,
            metrics=metrics,
            rng=chance,
        )
        self._archive = (
            Archive(
                settings.archive,
                shelves=_shelves(settings.archive),
                registry=registry,
                bus=bus,
                ledger=self._ledger,
                clock=clock,
                metrics=metrics,
            )
            if settings.archive.enabled
            else None
        )
        self._statements = Statements(
            self._ledger,
            instance=settings.instance,
            bus=bus,
            clock=clock,
            every_s=settings.statement_every_s,
        )

    def probes(self) -> Probes:
        """Healthy: the bus takes what arrives and there is a broker. Ready: subscribed."""
        return Probes(
            healthy=self._healthy, ready=self._ready, ledger=self._totals, metrics=self._metrics
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``, then finish what is in flight within 3 s.

        Raises whatever it cannot survive, after which the process should be started anew: the
        broker still has everything that was not acknowledged.
        """
        work = [
            asyncio.create_task(self._field.run(self._pump), name="field"),
            asyncio.create_task(self._pump.watch(), name="watch"),
            asyncio.create_task(self._statements.run(), name="statements"),
        ]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        halt = asyncio.Event()
        archiving = asyncio.create_task(self._keep(halt), name="archive")
        try:
            await asyncio.wait({*work, stopping}, return_when="FIRST_COMPLETED")
        finally:
            halt.set()
            await self._wind_up([*work, stopping], archiving)
        for task in work:
            if task.done() and not task.cancelled():
                task.result()

    async def _keep(self, halt: asyncio.Event) -> None:
        if self._archive is not None:
            await self._archive.run(halt)

    async def _wind_up(self, tasks: list[asyncio.Task[Any]], archiving: asyncio.Task[None]) -> None:
        try:
            await asyncio.wait_for(self._pump.finish(), FINISH_S)
        except TimeoutError:
            log("ingest").warning("ingest.left_with_broker", messages=self._pump.in_flight)
        await self._field.close()
        await asyncio.wait({archiving}, timeout=ARCHIVE_S)
        for task in (*tasks, archiving):
            task.cancel()
        await asyncio.gather(*tasks, archiving, return_exceptions=True)
        await self._pump.abandon()
        try:
            await asyncio.wait_for(self._statements.state(), LAST_WORDS_S)
        except TimeoutError:
            log("ingest").warning("ingest.last_statement_unsaid", **self._ledger.totals())

    def _healthy(self) -> Mapping[str, str]:
        wrong = self._pump.wrong()
        if self._field.away_s > self._settings.unreachable_s:
            wrong["broker"] = f"away for {self._field.away_s:.0f} s: {self._field.trouble}"
        if self._archive is not None:
            wrong |= self._archive.wrong()
        if not self._ledger.balanced():
            wrong["ledger"] = f"does not balance: {self._ledger.totals()}"
        return wrong

    def _ready(self) -> Mapping[str, str]:
        return {} if self._field.subscribed else {"broker": self._field.trouble}

    def _totals(self) -> Mapping[str, Any]:
        return {
            "service": "ingest",
            "instance": self._statements.instance,
            "balanced": self._ledger.balanced(),
            "counts": self._ledger.totals(),
            "messages_in_flight": self._pump.in_flight,
            "oldest_unacked_s": self._pump.oldest_unacked_s,
        }


def _shelves(settings: ArchiveSettings) -> Shelves:
    # An ingest without an archive needs no Parquet library in memory.
    from services.ingest.adapters.shelves import ParquetShelves  # noqa: PLC0415

    return ParquetShelves(
        settings.path,
        keep_us=round(settings.retention_days * DAY_S * SECOND_US),
        keep_runs_us=round(settings.run_retention_days * DAY_S * SECOND_US),
    )
