"""One member of a consumer group on the embedded bus.

Law: a position only moves when its records are handed to the caller, and what was lost or won
is told exactly once, so a poll that is cancelled half-way loses nothing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from shared.bus.embedded import crews, log
from shared.bus.embedded.log import Bounds, Lane
from shared.bus.embedded.reader import Reader
from shared.bus.embedded.writer import Writer
from shared.bus.ports import Assigned, Partition, Polled, Record
from shared.clock import Clock
from shared.errors import BusUnavailable, TocsinError
from shared.logs import log as logger

FETCH_BYTES_MAX: Final = 16 * 1024 * 1024
"""About this much of record values in one poll, over all partitions."""
OTHERS_EVERY_S: Final = 0.1
"""How often a waiting poll looks for what other processes wrote."""


@dataclass(slots=True)
class _Held:
    epoch: int
    lane: Lane
    position: int
    """The next offset to deliver; before ``start``, where the group left it."""
    started: bool = False


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one look at the file showed."""

    version: int
    bounds: Mapping[int, Bounds]
    records: Mapping[int, Sequence[Record]]
    """By partition; fetched from the position that was wanted when the look began."""


class EmbeddedSubscription:
    def __init__(
        self,
        *,
        topic: str,
        group: str,
        crew: int,
        me: crews.Member,
        lanes: Sequence[Lane],
        reader: Reader,
        writer: Writer,
        clock: Clock,
        on_leave: Callable[[EmbeddedSubscription], None],
        on_shift: Callable[[str], None],
    ) -> None:
        self.topic = topic
        self._crew = crew
        self._me = me
        self._lanes = lanes
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._on_leave = on_leave
        self._on_shift = on_shift
        self._log = logger("bus").bind(topic=topic, group=group)
        self._held: dict[int, _Held] = {}
        self._revoked: list[Partition] = []
        self._assigned: dict[int, Assigned] = {}
        self._version: int | None = None
        self._renew_at_ms = 0
        self._stirred = asyncio.Event()
        self._closed = False

    def stir(self) -> None:
        """Something was written here by this process: look now."""
        self._stirred.set()

    async def poll(self, *, records_max: int, wait_s: float) -> Polled:
        self._check_open()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            self._stirred.clear()
            if self._now_ms() >= self._renew_at_ms:
                await self._attend()
            wanted = {part: held.position for part, held in self._held.items() if held.started}
            sight = await self._reader.ask(partial(self._look, wanted, records_max))
            if sight.version != self._version:
                await self._attend()
                wanted = {}
            records = self._take(wanted, sight)
            left_s = deadline - loop.time()
            if records or self._revoked or self._assigned or left_s <= 0:
                return self._report(records)
            await self._stirred_within(min(left_s, OTHERS_EVERY_S))

    async def start(self, partition: Partition, offset: int) -> None:
        held = self._held.get(partition.index)
        if held is None or partition.topic != self.topic:
            return
        held.position = offset
        held.started = True
        self._stirred.set()

    async def commit(self, partition: Partition, epoch: int, offset: int) -> bool:
        self._check_open()
        return await self._writer.do(
            partial(
                crews.commit,
                crew=self._crew,
                me=self._me,
                part=partition.index,
                epoch=epoch,
                position=offset,
            )
        )

    async def lag(self) -> Mapping[Partition, int]:
        self._check_open()
        bounds = await self._reader.ask(partial(log.bounds, topic=self.topic))
        return {
            held.lane.partition: max(
                0,
                bounds[held.lane.id].next - max(held.position, bounds[held.lane.id].first),
            )
            for held in self._held.values()
        }

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._held.clear()
        self._on_leave(self)
        try:
            await self._writer.do(partial(crews.leave, crew=self._crew, me=self._me))
        except TocsinError as error:
            # Others get the partitions when the lease ends; a shutdown must not fail over it.
            self._log.warning("bus.left_without_saying_so", error=str(error))
        self._on_shift(self.topic)

    def _check_open(self) -> None:
        if self._closed:
            raise BusUnavailable(f"subscription to {self.topic} is closed; subscribe again")

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    async def _stirred_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        except TimeoutError:
            pass

    def _look(
        self, wanted: Mapping[int, int], records_max: int, conn: sqlite3.Connection
    ) -> _Sight:
        bounds = log.bounds(conn, self.topic)
        version = crews.version(conn, self._crew)
        bytes_max = FETCH_BYTES_MAX // max(1, len(wanted))
        records: dict[int, Sequence[Record]] = {}
        for part, position in wanted.items():
            lane = self._lanes[part]
            edge = bounds[lane.id]
            first = position if edge.first <= position <= edge.next else edge.first
            if first < edge.next:
                records[part] = log.fetch(
                    conn, lane, first=first, most=records_max, bytes_max=bytes_max
                )
        return _Sight(version, bounds, records)

    def _take(self, wanted: Mapping[int, int], sight: _Sight) -> dict[Partition, Sequence[Record]]:
        taken: dict[Partition, Sequence[Record]] = {}
        for part, position in wanted.items():
            held = self._held.get(part)
            if held is None or held.position != position:
                continue  # Somebody called ``start`` while we looked; the next look is right.
            self._keep_in_range(held, sight.bounds[held.lane.id])
            records = sight.records.get(part)
            if records:
                held.position = records[-1].offset + 1
                taken[held.lane.partition] = records
        return taken

    def _keep_in_range(self, held: _Held, edge: Bounds) -> None:
        if edge.first <= held.position <= edge.next:
            return
        self._log.warning(
            "bus.position_out_of_range",
            partition=held.lane.partition.index,
            wanted=held.position,
            first=edge.first,
            next=edge.next,
            went_to=edge.first,
        )
        held.position = edge.first

    async def _attend(self) -> None:
        self._check_open()  # A poll that outlived ``close`` must not join again.
        now_ms = self._now_ms()
        share, bounds = await self._writer.do(partial(self._turn, now_ms))
        self._renew_at_ms = now_ms + crews.RENEW_MS
        if share.version != self._version:
            self._on_shift(self.topic)
        self._version = share.version
        for part in [p for p, held in self._held.items() if share.owned.get(p) != held.epoch]:
            gone = self._held.pop(part)
            if self._assigned.pop(part, None) is None:
                self._revoked.append(gone.lane.partition)
        for part, epoch in share.owned.items():
            if part not in self._held:
                self._gain(part, epoch, share.committed.get(part), bounds)

    def _turn(self, now_ms: int, conn: sqlite3.Connection) -> tuple[crews.Share, dict[int, Bounds]]:
        share = crews.attend(conn, self._crew, self._me, partitions=len(self._lanes), now_ms=now_ms)
        return share, log.bounds(conn, self.topic)

    def _gain(
        self, part: int, epoch: int, committed: int | None, bounds: Mapping[int, Bounds]
    ) -> None:
        lane = self._lanes[part]
        first = bounds[lane.id].first
        self._held[part] = _Held(epoch, lane, first if committed is None else committed)
        self._assigned[part] = Assigned(lane.partition, epoch, committed, first)

    def _report(self, records: Mapping[Partition, Sequence[Record]]) -> Polled:
        polled = Polled(tuple(self._revoked), tuple(self._assigned.values()), records)
        self._revoked = []
        self._assigned = {}
        return polled
