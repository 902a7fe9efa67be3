"""Events from the bus become incidents: one transaction a batch, then the offset is committed.

An event may come twice, because the offset is committed after the transaction; the ledger knows
it by (run, id) and it changes nothing. An event that cannot be applied is set aside loudly and the
ones behind it go on: one bad record must not silence a city.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.alerts.ports import Ledger
from services.alerts.shell.bell import Bells
from services.alerts.shell.desk import Desk
from services.alerts.shell.pulse import Pulse
from shared.bus.codec import decode_event
from shared.bus.ports import Assigned, Bus, Partition, Record, Subscription
from shared.bus.topics import EVENTS
from shared.clock import Clock
from shared.domain.event import RiskEvent
from shared.errors import BadRecord, BusUnavailable, StoreUnavailable
from shared.logs import log
from shared.metrics import Metrics

GROUP = "alerts"
POLL_S = 0.5
RETRY_S = 1.0


class Engine:
    def __init__(
        self,
        *,
        bus: Bus,
        ledger: Ledger,
        desk: Desk,
        clock: Clock,
        metrics: Metrics,
        bells: Bells,
        pulse: Pulse,
        batch_max: int,
    ) -> None:
        self._bus = bus
        self._ledger = ledger
        self._desk = desk
        self._clock = clock
        self._metrics = metrics
        self._bells = bells
        self._pulse = pulse
        self._batch_max = batch_max
        self.set_aside = 0
        """Events that could not be applied since the start."""

    async def run(self, stop: asyncio.Event) -> None:
        """Take events until ``stop``; waits out a bus or a database that is away."""
        subscription = await self._bus.subscribe(EVENTS, GROUP)
        epochs: dict[Partition, int] = {}
        try:
            while not stop.is_set():
                try:
                    await self._round(subscription, epochs)
                except BusUnavailable as error:
                    self._pulse.trouble = str(error)
                    log("alerts").warning("engine.bus-away", because=str(error))
                    await self._clock.sleep(RETRY_S)
                else:
                    self._pulse.beat()
        finally:
            await subscription.close()

    async def _round(self, subscription: Subscription, epochs: dict[Partition, int]) -> None:
        polled = await subscription.poll(records_max=self._batch_max, wait_s=POLL_S)
        for partition in polled.revoked:
            epochs.pop(partition, None)
        for assigned in polled.assigned:
            epochs[assigned.partition] = assigned.epoch
            await subscription.start(assigned.partition, _first_offset(assigned))
        for partition, records in polled.records.items():
            if records:
                await self._take_until_saved(records)
                epoch = epochs.get(partition)
                if epoch is not None:
                    await subscription.commit(partition, epoch, records[-1].offset + 1)

    async def _take_until_saved(self, records: Sequence[Record]) -> None:
        """A database that is away holds the events back, it does not lose them."""
        while True:
            try:
                await self.take(records)
            except StoreUnavailable as error:
                self._pulse.trouble = str(error)
                log("alerts").warning("engine.database-away", because=str(error))
                await self._clock.sleep(RETRY_S)
            else:
                return

    async def take(self, records: Sequence[Record]) -> None:
        """Apply a batch in one transaction; one at a time if something in it cannot be applied."""
        now = self._clock.now()
        events = [event for event in map(self._decoded, records) if event is not None]
        if not events:
            return
        try:
            await self._apply(events, now=now)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other events must go on
            log("alerts").warning("engine.batch-failed", because=repr(error), events=len(events))
            for event in events:
                await self._apply_alone(event, now=now)
        self._bells.saved()

    async def _apply(self, events: Sequence[RiskEvent], *, now: datetime) -> None:
        applied = 0
        async with self._ledger.write() as work:
            for event in events:
                if await work.knows(event.run, event.id):
                    continue
                await self._desk.receive(work, event, now=now)
                applied += 1
        self._metrics.count("alerts_events", applied, outcome="applied")
        self._metrics.count("alerts_events", len(events) - applied, outcome="repeated")

    async def _apply_alone(self, event: RiskEvent, *, now: datetime) -> None:
        try:
            await self._apply([event], now=now)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self.set_aside += 1
            self._metrics.count("alerts_events", outcome="set-aside")
            log("alerts").exception(
                "engine.event-set-aside", risk_event=event.id, asset=event.asset
            )
            async with self._ledger.write() as work:
                await work.record(event, incident=None, received_at=now, fault=repr(error))

    def _decoded(self, record: Record) -> RiskEvent | None:
        try:
            return decode_event(record.value)
        except BadRecord as error:
            self._metrics.count("alerts_events", outcome="undecodable")
            log("alerts").error(
                "engine.undecodable",
                partition=record.partition.index,
                offset=record.offset,
                because=str(error),
            )
            return None


def _first_offset(assigned: Assigned) -> int:
    if assigned.committed is None:
        return assigned.first
    if assigned.committed < assigned.first:
        log("alerts").error(
            "engine.events-lost-by-retention",
            partition=assigned.partition.index,
            wanted=assigned.committed,
            first=assigned.first,
        )
    return max(assigned.committed, assigned.first)
