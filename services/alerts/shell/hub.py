"""The live feed: read the log, then attach, under one cursor.

Law 1: every reader gets every change once and in order, from its own cursor on, whether it reads
the log (catching up) or its queue (live). It attaches at the moment its cursor has reached the
hub's, with nothing awaited in between, so no change can fall into the gap.

Law 2: a reader that does not keep up is told to start over; it never holds up the others, and its
queue is bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from services.alerts.ports import Change, Ledger
from services.alerts.shell.bell import Bells
from services.alerts.shell.pulse import Pulse
from shared.clock import Clock
from shared.errors import StoreUnavailable
from shared.logs import log
from shared.metrics import Metrics

BATCH_MAX: Final = 500
RETRY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Beat:
    """How the whole stands, for the quiet line at the edge of the page."""

    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeepAlive:
    pass


@dataclass(frozen=True, slots=True)
class Reset:
    """Start over with the list: what was missed is no longer there or was too much."""


@dataclass(frozen=True, slots=True)
class End:
    """The service is stopping; come back with the same cursor."""


Item: TypeAlias = Change | Beat | KeepAlive | Reset | End


class _Reader:
    def __init__(self, after: int, *, queue_max: int) -> None:
        self.after = after
        self.queue: asyncio.Queue[Item] = asyncio.Queue(queue_max)

    def offer(self, item: Item) -> bool:
        """False when the queue is full and the reader has lost its place."""
        if isinstance(item, Change):
            if item.sequence <= self.after:
                return True
            self.after = item.sequence
        try:
            self.queue.put_nowait(item)
        except asyncio.QueueFull:
            return not isinstance(item, Change | End)
        return True

    def cut(self, last: Item) -> None:
        """Throw away what waits and leave one last word."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(last)


class Hub:
    def __init__(
        self,
        *,
        ledger: Ledger,
        clock: Clock,
        metrics: Metrics,
        bells: Bells,
        pulse: Pulse,
        figures: Callable[[], Mapping[str, Any]],
        queue_max: int,
        poll_s: float,
        pulse_s: float,
        keepalive_s: float,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._bells = bells
        self._pulse = pulse
        self._figures = figures
        self._queue_max = queue_max
        self._poll_s = poll_s
        self._pulse_s = pulse_s
        self._keepalive_s = keepalive_s
        self._readers: set[_Reader] = set()
        self._cursor: int | None = None
        self._closed = False
        self.event_to_feed_ms = 0.0
        """Of the newest change: from its decision to its delivery."""

    async def run(self, stop: asyncio.Event) -> None:
        beating = asyncio.create_task(self._beat())
        try:
            while not stop.is_set():
                try:
                    await self.pump()
                except StoreUnavailable as error:
                    self._pulse.trouble = str(error)
                    log("alerts").warning("hub.database-away", because=str(error))
                    await self._clock.sleep(RETRY_S)
                else:
                    self._pulse.beat()
                await self._bells.feed.wait(self._clock, self._poll_s)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            self.close()

    def close(self) -> None:
        """End every reader's stream at once."""
        self._closed = True
        for reader in list(self._readers):
            reader.cut(End())

    async def pump(self) -> None:
        """Deliver the changes since the last round to everybody attached."""
        if self._cursor is None:
            _, self._cursor = await self._ledger.span()
        while batch := await self._ledger.changes(self._cursor, most=BATCH_MAX):
            now = self._clock.now()
            for change in batch:
                self._cursor = change.sequence
                self._give(change)
                age_s = max(0.0, (now - change.at).total_seconds())
                self.event_to_feed_ms = age_s * 1000
                self._metrics.observe("alerts_event_to_feed_seconds", age_s)

    async def follow(self, after: int | None) -> AsyncIterator[Item]:
        """Everything after ``after`` (from now on if None), then live until the reader leaves."""
        oldest, newest = await self._ledger.span()
        position = newest if after is None else after
        if position > newest or position < oldest - 1:
            yield Reset()
            return
        yield Beat(self._figures())
        while self._cursor is None or position < self._cursor:
            batch = await self._ledger.changes(position, most=BATCH_MAX)
            for change in batch:
                if change.sequence != position + 1:
                    yield Reset()
                    return
                position = change.sequence
                yield change
            if self._cursor is None:
                await self.pump()
        if self._closed:
            return
        reader = _Reader(position, queue_max=self._queue_max)
        self._readers.add(reader)
        self._metrics.gauge("alerts_feed_readers", len(self._readers))
        try:
            while not isinstance(item := await reader.queue.get(), End):
                yield item
                if isinstance(item, Reset):
                    return
        finally:
            self._readers.discard(reader)
            self._metrics.gauge("alerts_feed_readers", len(self._readers))

    def _give(self, item: Item) -> None:
        for reader in list(self._readers):
            if not reader.offer(item):
                self._readers.discard(reader)
                reader.cut(Reset())
                log("alerts").warning("hub.reader-too-slow", after=reader.after)

    async def _beat(self) -> None:
        quiet_s = 0.0
        while True:
            await self._clock.sleep(self._pulse_s)
            self._give(Beat(self._figures()))
            quiet_s += self._pulse_s
            if quiet_s >= self._keepalive_s:
                self._give(KeepAlive())
                quiet_s = 0.0
