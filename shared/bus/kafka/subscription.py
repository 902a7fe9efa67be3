"""One member of a Kafka consumer group.

Rule 1: everything that takes time happens in ``poll``, never in the rebalance listener.

Rule 2: a partition is paused from the moment it is ours until ``start``; its position is always
the one we set, never one the client chose.

Rule 3: between taking records from the client and handing them to the caller nothing is awaited,
so a poll that is cancelled loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from shared.bus.kafka.errors import mapped
from shared.bus.kafka.line import Found, Line, Offsets
from shared.bus.kafka.wire import Names, record
from shared.bus.ports import Assigned, Partition, Polled, Record
from shared.clock import Clock
from shared.config.sections import BusSettings
from shared.errors import BusUnavailable
from shared.logs import log as logger

SLICE_S: Final = 0.2
"""A waiting poll looks this often whether it lost or won something."""
REJOIN_S_MAX: Final = 90.0
"""A client without an assignment for this long is taken for dead and replaced."""


class KafkaSubscription:
    def __init__(
        self,
        settings: BusSettings,
        *,
        topic: str,
        group: str,
        names: Names,
        clock: Clock,
        on_leave: Callable[[KafkaSubscription], None],
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._names = names
        self._clock = clock
        self._on_leave = on_leave
        self._log = logger("bus").bind(topic=topic, group=group)
        self._epochs = itertools.count(1)
        self._line: Line | None = None
        self._lost: list[Partition] = []
        """What a client that was replaced took with it, not yet told."""
        self._joined_s = 0.0
        self._closed = False

    async def poll(self, *, records_max: int, wait_s: float) -> Polled:
        self._check_open()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        try:
            with mapped(f"polling {self._topic}"):
                return await self._poll(records_max, deadline)
        except BusUnavailable:
            # Who polls again at once must not spin while Kafka is away.
            await _set_within(asyncio.Event(), deadline - loop.time())
            raise

    async def start(self, partition: Partition, offset: int) -> None:
        held = self._line.books.held.get(partition) if self._line else None
        if self._line is not None and held is not None:
            held.position = max(0, offset)
            held.started = self._line.seek(self._names.wire(partition), held.position)

    async def commit(self, partition: Partition, epoch: int, offset: int) -> bool:
        self._check_open()
        if self._line is None or self._line.books.owner(partition, epoch) is None:
            return False
        return await self._line.commit(self._names.wire(partition), offset)

    async def lag(self) -> Mapping[Partition, int]:
        self._check_open()
        if self._line is None or not self._line.books.held:
            return {}
        positions = {
            self._names.wire(partition): held.position
            for partition, held in self._line.books.held.items()
        }
        with mapped(f"asking for ends of {self._topic}"):
            ends = await self._line.ends(positions)
        return {
            self._names.ours(wire): max(0, ends[wire] - position)
            for wire, position in positions.items()
        }

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._on_leave(self)
            await self._drop()

    def _check_open(self) -> None:
        if self._closed:
            raise BusUnavailable(f"subscription to {self._topic} is closed; subscribe again")

    async def _poll(self, records_max: int, deadline: float) -> Polled:
        loop = asyncio.get_running_loop()
        while True:
            line = self._line or await self._connected()
            line.books.changed.clear()
            won = await self._introduce(line)
            found = await self._records(line, records_max, deadline - loop.time(), idle=not won)
            if won or found or self._lost or line.books.any_losses():
                return self._report(line, won, found)
            if loop.time() >= deadline:
                return Polled()
            await self._replace_if_stuck(line)

    async def _connected(self) -> Line:
        line = Line(self._settings, self._names, self._group, self._epochs)
        await line.open(self._names.topic(self._topic))
        self._line = line
        self._joined_s = self._clock.monotonic()
        return line

    async def _introduce(self, line: Line) -> list[Assigned]:
        """Ask where each new partition begins and where the group left it."""
        untold = line.books.untold()
        if not untold:
            return []
        wires = {self._names.wire(partition): partition for partition in untold}
        first = await line.first(wires)
        committed = await line.committed(list(wires))
        return [
            Assigned(partition, untold[partition].epoch, committed[wire], first[wire])
            for wire, partition in wires.items()
        ]

    async def _records(self, line: Line, most: int, left_s: float, *, idle: bool) -> Found:
        started = [self._names.wire(p) for p, held in line.books.held.items() if held.started]
        wait_s = max(0.0, min(left_s, SLICE_S)) if idle else 0.0
        try:
            found = await line.drain(started, most)
            if not found:
                # Also with nothing started: this is where the client tells of its troubles.
                found = await line.wait(most, wait_s if started else 0.0)
            if not started:
                await _set_within(line.books.changed, wait_s)
        except OffsetOutOfRangeError as error:
            await self._to_first(line, error.args[0])
            return {}
        except NoOffsetForPartitionError:
            return {}  # Of a partition the client looked at before the books could hush it.
        except KafkaError as error:
            if not error.retriable:
                self._log.warning("bus.consumer_replaced", error=repr(error))
                await self._drop()
            raise
        return found

    async def _to_first(self, line: Line, wanted: Offsets) -> None:
        """Go to the oldest record there is: what the position stood for is gone."""
        first = await line.first(wanted)
        for wire, offset in wanted.items():
            held = line.books.held.get(self._names.ours(wire))
            if held is None or held.position != offset:
                continue
            self._log.warning(
                "bus.position_out_of_range",
                partition=wire.partition,
                wanted=offset,
                first=first[wire],
                went_to=first[wire],
            )
            held.position = first[wire]
            held.started = line.seek(wire, held.position)

    def _report(self, line: Line, won: Sequence[Assigned], found: Found) -> Polled:
        assigned = [one for one in won if self._tell(line, one)]
        records: dict[Partition, Sequence[Record]] = {}
        for wire, batch in found.items():
            partition = self._names.ours(wire)
            held = line.books.held.get(partition)
            if held is not None and held.started and batch:
                records[partition] = [record(partition, one) for one in batch]
                held.position = batch[-1].offset + 1
        revoked = (*self._lost, *line.books.losses())
        self._lost = []
        return Polled(revoked, assigned, records)

    def _tell(self, line: Line, one: Assigned) -> bool:
        held = line.books.owner(one.partition, one.epoch)
        if held is None:
            return False  # Lost again while we asked where it begins.
        held.told = True
        held.position = one.first if one.committed is None else one.committed
        return True

    async def _replace_if_stuck(self, line: Line) -> None:
        now_s = self._clock.monotonic()
        if not line.books.joining:
            self._joined_s = now_s
        without_s = now_s - self._joined_s
        if line.stalled() or without_s > REJOIN_S_MAX:
            self._log.warning("bus.consumer_replaced", error="stuck", no_share_for_s=without_s)
            await self._drop()

    async def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()
            self._lost += line.books.losses()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
