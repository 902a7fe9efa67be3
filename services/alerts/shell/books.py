"""Keeps the city's books: reads what ingest and the detector state, and counts refusals itself.

Refusals are counted durably: the count and the position on the topic move in one transaction, so
a crash neither forgets one nor counts one twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.alerts.core.accounts import Account, books
from services.alerts.ports import Ledger
from services.alerts.shell.pulse import Pulse
from shared.bus.codec import decode_refused, decode_statement
from shared.bus.ports import Assigned, Bus, Partition, Record, Subscription
from shared.bus.topics import LEDGER, REFUSED
from shared.clock import Clock
from shared.errors import BadRecord, BusUnavailable, StoreUnavailable
from shared.logs import log

GROUP: Final = "alerts-ledger"
LOOK_S: Final = 0.5
RECORDS_MAX: Final = 1000
RATE_WINDOW_S: Final = 10.0
STUCK_S: Final = 60.0


class Bookkeeper:
    def __init__(self, *, bus: Bus, ledger: Ledger, clock: Clock, pulse: Pulse) -> None:
        self._bus = bus
        self._ledger = ledger
        self._clock = clock
        self._pulse = pulse
        self._accounts: dict[str, Account] = {}
        self._refused: Mapping[str, int] = {}
        self._next: int | None = None
        self._epochs: dict[Partition, int] = {}
        self._positions: Mapping[int, int] = {}
        self._received: deque[tuple[float, int]] = deque()
        self._moved_at = clock.monotonic()
        self._last = (0, 0)

    async def run(self, stop: asyncio.Event) -> None:
        subscription = await self._bus.subscribe(REFUSED, GROUP)
        try:
            while not stop.is_set():
                try:
                    await self.read_statements()
                    await self._round(subscription)
                except (BusUnavailable, StoreUnavailable) as error:
                    self._pulse.trouble = str(error)
                    log("alerts").warning("books.wait", because=str(error))
                    await self._clock.sleep(LOOK_S)
                else:
                    self._pulse.beat()
        finally:
            await subscription.close()

    async def read_statements(self) -> None:
        """Take in what was stated since the last look; the whole topic at the first."""
        if self._next is None:
            ends = await self._bus.ends(LEDGER)
            for value in (await self._bus.snapshot(LEDGER, 0)).values():
                self._state(value)
            self._next = ends.get(Partition(LEDGER, 0), 0)
        while True:
            records = await self._bus.read(LEDGER, 0, first=self._next, most=RECORDS_MAX)
            if not records:
                break
            for record in records:
                if record.value:
                    self._state(record.value)
            self._next = records[-1].offset + 1
        self._watch()

    async def _round(self, subscription: Subscription) -> None:
        polled = await subscription.poll(records_max=RECORDS_MAX, wait_s=LOOK_S)
        for partition in polled.revoked:
            self._epochs.pop(partition, None)
        self._positions, self._refused = await self._ledger.refused()
        for assigned in polled.assigned:
            self._epochs[assigned.partition] = assigned.epoch
            await subscription.start(assigned.partition, self._first(assigned))
        for partition, records in polled.records.items():
            if records:
                await self._count(partition, records)
                epoch = self._epochs.get(partition)
                if epoch is not None:
                    await subscription.commit(partition, epoch, records[-1].offset + 1)

    def _first(self, assigned: Assigned) -> int:
        """The ledger knows best where counting stopped; the group only says it to others."""
        position = self._positions.get(assigned.partition.index, assigned.first)
        if position < assigned.first:
            log("alerts").error(
                "books.refusals-lost-by-retention", partition=assigned.partition.index
            )
        return max(position, assigned.first)

    async def _count(self, partition: Partition, records: Sequence[Record]) -> None:
        by: Counter[str] = Counter()
        for record in records:
            try:
                refused = decode_refused(record.value)
            except BadRecord:
                by["undecodable"] += 1
            else:
                by[refused.reason] += refused.readings
        await self._ledger.count_refused(
            partition.index, first=records[0].offset, following=records[-1].offset + 1, by=by
        )

    def _state(self, value: bytes) -> None:
        try:
            said = decode_statement(value)
        except BadRecord as error:
            log("alerts").warning("books.undecodable-statement", because=str(error))
            return
        self._accounts[f"{said.service}/{said.instance}"] = Account(
            said.service, said.instance, said.stated_at_us, said.counts
        )

    def _watch(self) -> None:
        now = self._clock.monotonic()
        held = books(self._accounts.values(), self._refused)
        read = held.detector.get("read", 0)
        if (held.waiting, read) != self._last or held.waiting == 0:
            self._last, self._moved_at = (held.waiting, read), now
        self._received.append((now, held.ingest.get("received", 0)))
        while len(self._received) > 2 and now - self._received[1][0] >= RATE_WINDOW_S:  # noqa: PLR2004 - a rate needs two points
            self._received.popleft()

    @property
    def readings_per_s(self) -> float:
        """Received by all of ingest, over the last ten seconds."""
        if not self._received:
            return 0.0
        (then, before), (now, after) = self._received[0], self._received[-1]
        return max(0.0, (after - before) / (now - then)) if now > then else 0.0

    def shown(self) -> dict[str, Any]:
        """The ledger as it stands."""
        held = books(self._accounts.values(), self._refused)
        quiet_s = self._clock.monotonic() - self._moved_at
        return held.shown(stuck=held.waiting > 0 and quiet_s > STUCK_S)
