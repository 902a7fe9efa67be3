"""Poll, restore, score, publish, write down: one task for all partitions of one process.

Law 1: events are on the bus before the position behind them is written down, so a crash repeats
events (their ids say so) and never loses one.

Law 2: a checkpoint is whole before its position is committed, and a partition's totals are stated
only after the checkpoint that holds them.

Law 3: a partition that was taken away is forgotten at once, unsaved: its new owner reads the
little that lies behind the last checkpoint again and finds the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from services.detector.core.watch import Observed
from services.detector.ports import Checkpoints
from services.detector.settings import DetectorSettings
from services.detector.shell.desk import UNDECODABLE, Desk
from services.detector.shell.patience import Patience, Stopped
from services.detector.shell.restore import begin
from shared.bus.codec import encode_event, encode_statement
from shared.bus.ports import Assigned, Bus, Partition, Polled, Record, Subscription
from shared.bus.topics import EVENTS, LEDGER, READINGS
from shared.clock import Clock
from shared.domain.event import RiskEvent
from shared.domain.registry import Registry
from shared.logs import log
from shared.metrics import Metrics

INLINE_BYTES = 32 * 1024
"""Batches up to here are scored on the loop; a thread would cost more than it saves."""
LOOK_EVERY_S = 1.0
"""How often the lag is looked at."""


class Loop:
    def __init__(
        self,
        settings: DetectorSettings,
        *,
        registry: Registry,
        bus: Bus,
        checkpoints: Checkpoints,
        clock: Clock,
        metrics: Metrics,
        stop: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._bus = bus
        self._checkpoints = checkpoints
        self._clock = clock
        self._metrics = metrics
        self._stop = stop
        self._patience = Patience(clock, stop, at_most_s=settings.retry_at_most_s)
        self._restores: dict[Partition, asyncio.Task[None]] = {}
        self._looked_at = float("-inf")
        self.desks: dict[Partition, Desk] = {}
        self.subscribed = False
        self.turned_at = clock.monotonic()

    @property
    def trouble(self) -> str | None:
        return self._patience.trouble

    @property
    def restoring(self) -> tuple[int, ...]:
        """Partitions that are ours and not yet read."""
        return tuple(sorted(partition.index for partition in self._restores))

    async def run(self) -> None:
        """Until told to stop; then everything is written down and the group is left."""
        subscription: Subscription | None = None
        try:
            subscription = await self._patience.insist(
                "subscribe", partial(self._bus.subscribe, READINGS, self._settings.group)
            )
            self.subscribed = True
            while not self._stop.is_set():
                await self._turn(subscription)
            for desk in list(self.desks.values()):
                await self._save(subscription, desk)
        except Stopped as unfinished:
            log("detector").warning("detector.stopped_unsaved", doing=str(unfinished))
        finally:
            self.subscribed = False
            for task in self._restores.values():
                task.cancel()
            await asyncio.gather(*self._restores.values(), return_exceptions=True)
            self._restores.clear()
            if subscription is not None:
                await subscription.close()

    async def _turn(self, subscription: Subscription) -> None:
        poll = partial(
            subscription.poll,
            records_max=self._settings.records_max,
            wait_s=self._settings.wait_s,
        )
        polled = await self._patience.insist("poll", poll)
        self.turned_at = self._clock.monotonic()
        self._hand_over(subscription, polled)
        for part, records in polled.records.items():
            if (desk := self.desks.get(part)) is not None and records:
                await self._take(desk, records)
        for desk in list(self.desks.values()):
            if self._is_due(desk):
                await self._save(subscription, desk)
        await self._look(subscription)

    def _hand_over(self, subscription: Subscription, polled: Polled) -> None:
        for part in polled.revoked:
            self.desks.pop(part, None)
            if (task := self._restores.pop(part, None)) is not None:
                task.cancel()
        for assigned in polled.assigned:
            if (task := self._restores.pop(assigned.partition, None)) is not None:
                task.cancel()
            self.desks.pop(assigned.partition, None)
            restore = self._restore(subscription, assigned)
            self._restores[assigned.partition] = asyncio.create_task(restore)
        for part, task in list(self._restores.items()):
            if task.done():
                del self._restores[part]
                task.result()

    async def _restore(self, subscription: Subscription, assigned: Assigned) -> None:
        """Beside the loop, so that the other partitions go on meanwhile."""
        beginning = await self._patience.insist(
            "restore",
            partial(
                begin,
                assigned,
                checkpoints=self._checkpoints,
                registry=self._registry,
                runs_max=self._settings.runs_max,
            ),
        )
        now = self._clock.monotonic()
        desk = Desk(
            partition=assigned.partition,
            epoch=assigned.epoch,
            watch=beginning.watch,
            position=beginning.position,
            generation=beginning.generation,
            saved_at=now,
            moved_at=now,
        )
        if desk.watch.counts["read"]:
            # The last owner may have died between its checkpoint and its statement.
            await self._state(desk)
        self.desks[assigned.partition] = desk
        await subscription.start(assigned.partition, beginning.position)

    async def _take(self, desk: Desk, records: Sequence[Record]) -> None:
        began = self._clock.monotonic()
        if sum(len(record.value) for record in records) > INLINE_BYTES:
            observed, gained = await asyncio.to_thread(desk.read, records)
        else:
            observed, gained = desk.read(records)
        self._metrics.observe("detector_batch_seconds", self._clock.monotonic() - began)
        await self._publish(observed)
        desk.moved_at = self._clock.monotonic()
        for outcome, count in gained.items():
            if count and outcome not in ("read", UNDECODABLE):
                self._metrics.count("detector_readings", by=count, outcome=outcome)

    async def _publish(self, observed: Observed) -> None:
        if not observed.events:
            return
        by_site: dict[str, list[RiskEvent]] = {}
        for event in observed.events:
            by_site.setdefault(event.site, []).append(event)
        await asyncio.gather(*(self._say(events) for events in by_site.values()))
        now_us = self._now_us()
        for event, received_at_us in zip(observed.events, observed.received_at_us, strict=True):
            self._metrics.count("detector_events", kind=event.kind.value, level=event.level.value)
            age_s = max(0.0, (now_us - received_at_us) / 1e6)
            self._metrics.observe("detector_event_age_seconds", age_s)
            log("detector").info(
                "detector.event",
                id=event.id,
                kind=event.kind.value,
                level=event.level.value,
                asset=event.asset,
                run=event.run,
            )

    async def _say(self, events: Sequence[RiskEvent]) -> None:
        """One after the other, so that a retry cannot put a change before its raise."""
        for event in events:
            publish = partial(self._bus.publish, EVENTS, event.site, encode_event(event))
            await self._patience.insist("publish events", publish)

    def _is_due(self, desk: Desk) -> bool:
        waited = self._clock.monotonic() - desk.saved_at >= self._settings.checkpoint_every_s
        many = desk.unsaved_readings >= self._settings.checkpoint_every_readings
        return desk.is_dirty and (waited or many)

    async def _save(self, subscription: Subscription, desk: Desk) -> None:
        """Checkpoint, then commit, then say so; drops a desk that is somebody else's by now."""
        if not desk.is_dirty:
            return
        position, body = desk.position, desk.body()
        desk.generation += 1
        await self._patience.insist(
            "checkpoint",
            partial(self._checkpoints.save, desk.index, desk.generation, body),
        )
        commit = partial(subscription.commit, desk.partition, desk.epoch, position)
        if not await self._patience.insist("commit", commit):
            log("detector").warning("detector.commit_refused", partition=desk.index)
            self.desks.pop(desk.partition, None)
            return
        desk.saved_position, desk.unsaved_readings = position, 0
        desk.saved_at = self._clock.monotonic()
        await self._state(desk)

    async def _state(self, desk: Desk) -> None:
        value = encode_statement(desk.statement(self._now_us()))
        publish = partial(self._bus.publish, LEDGER, f"detector/{desk.index}", value)
        await self._patience.insist("state totals", publish)

    async def _look(self, subscription: Subscription) -> None:
        """Lag and ages, for people and for the probes."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        lag = await self._patience.insist("lag", subscription.lag)
        for part, desk in self.desks.items():
            desk.waiting = lag.get(part, 0)
            label = str(desk.index)
            self._metrics.gauge("detector_lag_records", desk.waiting, partition=label)
            age_s = now - desk.saved_at if desk.is_dirty else 0.0
            self._metrics.gauge("detector_checkpoint_age_seconds", age_s, partition=label)
        sensors = sum(len(desk.watch.roster.owners) for desk in self.desks.values())
        self._metrics.gauge("detector_sensors", sensors)

    def _now_us(self) -> int:
        return int(self._clock.now().timestamp() * 1e6)
