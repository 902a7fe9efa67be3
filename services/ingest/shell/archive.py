"""Carries readings from the bus to the archive, in a group of its own: nobody waits for it.

Law 1: an offset is committed only after everything before it is on the disk. A crash in between
writes a stretch again, and reading tells it once.

Law 2: what waits here is bounded. While the disk takes nothing nothing more is taken off the bus,
which keeps readings for days; ingest and the detector notice nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.ingest.core.freshness import from_datetime
from services.ingest.core.ledger import Ledger
from services.ingest.core.shelving import Buffer, Places
from services.ingest.ports import Shelves
from services.ingest.settings import ArchiveSettings
from shared.bus.codec import unpack
from shared.bus.ports import Assigned, Bus, Partition, Polled, Record, Subscription
from shared.bus.topics import READINGS
from shared.clock import Clock
from shared.domain.registry import Registry
from shared.errors import BadRecord
from shared.logs import log
from shared.metrics import Metrics

GROUP: Final = "archive"
POLL_S: Final = 0.5
RECORDS_MAX: Final = 128
UPKEEP_S: Final = 10.0
RETRY_FIRST_S: Final = 1.0
RETRY_MAX_S: Final = 30.0
IN_FLIGHT_US: Final = 1_000_000
"""What was received within this may still be on its way to the bus."""


@dataclass(slots=True)
class _Held:
    """A partition that is ours."""

    epoch: int
    position: int
    committed: int
    received_at_us: int = 0


class Archive:
    def __init__(
        self,
        settings: ArchiveSettings,
        *,
        shelves: Shelves,
        registry: Registry,
        bus: Bus,
        ledger: Ledger,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._shelves = shelves
        self._bus = bus
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._buffer = Buffer(Places(registry))
        self._held: dict[Partition, _Held] = {}
        self._flushed_at = self._kept_up_at = clock.monotonic()
        self._stop = asyncio.Event()
        self._failures = 0
        self._log = log("ingest")
        self.trouble = ""
        """Why nothing is being archived, for people; empty while all is well."""
        self.undecodable = 0
        """Records that were no packs; they stay on the bus."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then what waits is written. Nothing but cancelling ends it earlier."""
        self._stop = stop
        subscription: Subscription | None = None
        while not stop.is_set():
            try:
                if subscription is None:
                    await asyncio.to_thread(self._shelves.prepare)
                    subscription = await self._bus.subscribe(READINGS, GROUP)
                await self._turn(subscription)
            except Exception as error:  # noqa: BLE001 - an archive in trouble must not stop ingest
                await self._in_trouble(error)
            else:
                self._failures, self.trouble = 0, ""
        if subscription is None:
            return
        try:
            await self._flush(subscription)
        except Exception as error:  # noqa: BLE001 - the bus still has what could not be written
            self._log.warning("archive.left_on_the_bus", rows=self._buffer.rows, why=repr(error))
        finally:
            await subscription.close()

    def wrong(self) -> dict[str, str]:
        """What people should know, by part; empty when all is well."""
        if not self.trouble:
            return {}
        return {"archive": f"{self.trouble}; readings wait on the bus until it can be written"}

    async def _turn(self, subscription: Subscription) -> None:
        await self._upkeep()  # first: what it removes may be the room a full disk wants
        if self._is_due():
            await self._flush(subscription)
        polled = await subscription.poll(records_max=RECORDS_MAX, wait_s=POLL_S)
        await self._hand_over(subscription, polled)
        for partition, records in polled.records.items():
            if (held := self._held.get(partition)) is not None and records:
                self._take(partition, held, records)

    def _is_due(self) -> bool:
        waited_s = self._clock.monotonic() - self._flushed_at
        return self._buffer.rows >= self._settings.flush_rows or waited_s >= self._settings.flush_s

    async def _hand_over(self, subscription: Subscription, polled: Polled) -> None:
        for partition in polled.revoked:
            self._held.pop(partition, None)
            self._buffer.forget(partition.index)
        for assigned in polled.assigned:
            self._buffer.forget(assigned.partition.index)
            first = self._first(assigned)
            self._held[assigned.partition] = _Held(assigned.epoch, first, first)
            await subscription.start(assigned.partition, first)

    def _first(self, assigned: Assigned) -> int:
        if assigned.committed is not None and assigned.committed < assigned.first:
            self._log.error(
                "archive.readings_lost_by_retention",
                partition=assigned.partition.index,
                records=assigned.first - assigned.committed,
            )
        return max(assigned.committed or 0, assigned.first)

    def _take(self, partition: Partition, held: _Held, records: Sequence[Record]) -> None:
        for record in records:
            try:
                pack = unpack(record.value)
            except BadRecord as error:
                self.undecodable += 1
                self._log.error("archive.undecodable", offset=record.offset, why=str(error))
                continue
            if pack.sensors:
                self._buffer.add(pack, partition=partition.index, offset=record.offset)
                held.received_at_us = max(held.received_at_us, pack.received_at_us)
        held.position = records[-1].offset + 1

    async def _flush(self, subscription: Subscription) -> None:
        """Write what waits, note how far that is, then commit it."""
        began = self._clock.monotonic()
        rows = self._buffer.rows
        if rows:
            await asyncio.to_thread(self._write)
            self._metrics.observe("archive_write_seconds", self._clock.monotonic() - began)
            self._metrics.count("archive_readings", rows)
            self._ledger.archive(rows)
        self._buffer.clear()
        self._flushed_at = began
        asked_at_us = from_datetime(self._clock.now())
        lag = await subscription.lag()
        self._metrics.gauge("archive_waiting", sum(lag.values()))
        for partition, held in list(self._held.items()):
            caught_up = lag.get(partition, 1) == 0
            until_us = asked_at_us - IN_FLIGHT_US if caught_up else held.received_at_us
            await asyncio.to_thread(
                self._shelves.mark, partition.index, position=held.position, until_us=until_us
            )
            if held.position > held.committed:
                if await subscription.commit(partition, held.epoch, held.position):
                    held.committed = held.position
                else:
                    self._log.warning("archive.commit_refused", partition=partition.index)

    def _write(self) -> None:
        for sheet in self._buffer.sheets():
            self._shelves.put(sheet)

    async def _upkeep(self) -> None:
        now = self._clock.monotonic()
        if now - self._kept_up_at >= UPKEEP_S:
            self._kept_up_at = now
            await asyncio.to_thread(self._shelves.keep_up, from_datetime(self._clock.now()))

    async def _in_trouble(self, error: Exception) -> None:
        wait_s = min(RETRY_FIRST_S * 2.0**self._failures, RETRY_MAX_S)
        self._failures += 1
        self.trouble = f"the archive stands still ({str(error) or type(error).__name__})"
        self._log.error("archive.trouble", why=repr(error), again_in_s=wait_s)
        waiting = asyncio.ensure_future(self._clock.sleep(wait_s))
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, stopping):
            task.cancel()
        await asyncio.gather(waiting, stopping, return_exceptions=True)
