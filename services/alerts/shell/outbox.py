"""Pays what is owed: sends, retries with growing pauses, and writes off loudly.

Every address is a lane of its own with a few messages under way at once, so one dead endpoint
keeps nobody else waiting. A call that is written off goes another way, and when there is none the
ladder hears of it: "we failed to call" must never look like "they did not answer".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from services.alerts.core.happenings import DeliveryFailed
from services.alerts.core.plan import notification, other_way, step_lost
from services.alerts.ports import Channel, Later, Ledger, Work, lane
from services.alerts.shell.bell import Bells
from services.alerts.shell.desk import Desk
from services.alerts.shell.pulse import Pulse
from shared.clock import Clock
from shared.domain.incident import Incident, Notification, Phase, Receipt
from shared.errors import ChannelRefused, StoreUnavailable, Transient
from shared.logs import log
from shared.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Terms:
    """How patiently debts are paid."""

    poll_s: float
    lane_max: int
    attempts_max: int
    lease: timedelta
    backoff_first_s: float
    backoff_most_s: float

    def pause_s(self, attempt: int, rng: np.random.Generator) -> float:
        """Seconds before the next try: doubling, capped, anywhere in the upper half."""
        ceiling = min(self.backoff_most_s, self.backoff_first_s * 2.0 ** min(attempt - 1, 32))
        return ceiling * float(rng.uniform(0.5, 1.0))


class Outbox:
    def __init__(
        self,
        *,
        ledger: Ledger,
        desk: Desk,
        channels: Mapping[str, Channel],
        clock: Clock,
        metrics: Metrics,
        bells: Bells,
        pulse: Pulse,
        terms: Terms,
        rng: np.random.Generator,
    ) -> None:
        self._ledger = ledger
        self._desk = desk
        self._channels = channels
        self._clock = clock
        self._metrics = metrics
        self._bells = bells
        self._pulse = pulse
        self._terms = terms
        self._rng = rng
        self._busy: Counter[str] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Pay until ``stop``; what is then under way keeps its claim and goes out after it."""
        try:
            while not stop.is_set():
                try:
                    await self.begin()
                except StoreUnavailable as error:
                    self._pulse.trouble = str(error)
                    log("alerts").warning("outbox.database-away", because=str(error))
                else:
                    self._pulse.beat()
                await self._bells.outbox.wait(self._clock, self._terms.poll_s)
        finally:
            await self._settle_down()

    async def begin(self) -> int:
        """Start sending what is due now and has a free lane; returns how many."""
        claimed = await self._ledger.claim(
            now=self._clock.now(),
            lease=self._terms.lease,
            lane_max=self._terms.lane_max,
            busy=self._busy,
        )
        for owed in claimed:
            self._busy[lane(owed)] += 1
            task = asyncio.create_task(self._pay(owed))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(claimed)

    async def pay_once(self) -> int:
        """One pass to the end: what is due is sent, postponed or written off."""
        count = await self.begin()
        while self._under_way:
            await asyncio.gather(*self._under_way)
        return count

    async def _settle_down(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=1.0)
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _pay(self, owed: Notification) -> None:
        try:
            settled = await self._tried(owed)
            await self._record(settled)
        except StoreUnavailable as error:
            log("alerts").warning("outbox.not-recorded", key=owed.key, because=str(error))
        finally:
            self._busy[lane(owed)] -= 1
            if not self._busy[lane(owed)]:
                del self._busy[lane(owed)]
            self._bells.outbox.ring()

    async def _tried(self, owed: Notification) -> Notification:
        """The notification after one try to hand it over."""
        channel = self._channels.get(owed.channel)
        now = self._clock.now()
        if channel is None:
            return _written_off(owed, now, f"there is no channel called {owed.channel}")
        if now > owed.deadline:
            return _written_off(owed, now, f"not sent in time; last: {owed.because or 'no try'}")
        try:
            await channel.send(owed, now=now)
        except ChannelRefused as error:
            return _written_off(owed, self._clock.now(), str(error))
        except Transient as error:
            return self._postponed(owed, error)
        except Exception as error:  # noqa: BLE001 - a broken adapter is retried like a dead one
            log("alerts").exception("outbox.channel-broken", channel=owed.channel, key=owed.key)
            return self._postponed(owed, error)
        return replace(owed, state=Receipt.SENT, settled_at=self._clock.now(), because="")

    def _postponed(self, owed: Notification, error: Exception) -> Notification:
        now = self._clock.now()
        if owed.attempts >= self._terms.attempts_max:
            return _written_off(owed, now, f"gave up after {owed.attempts} tries: {error}")
        wait_s = self._terms.pause_s(owed.attempts, self._rng)
        if isinstance(error, Later):
            wait_s = max(wait_s, error.retry_after_s)
        due_at = now + timedelta(seconds=wait_s)
        if due_at > owed.deadline:
            return _written_off(owed, now, f"cannot be sent in time: {error}")
        return replace(owed, settled_at=due_at, because=str(error))

    async def _record(self, settled: Notification) -> None:
        now = self._clock.now()
        async with self._ledger.write() as work:
            incident = await work.incident(settled.incident)
            assert incident is not None, f"message {settled.key} belongs to no incident"
            await work.settle(settled)
            if settled.state is Receipt.WRITTEN_OFF and settled.why.asks:
                await self._go_another_way(work, incident, settled, now=now)
            else:
                await self._desk.refresh(work, incident, now=now)
        outcome = "postponed" if settled.state is Receipt.OWED else settled.state.value
        self._metrics.count("alerts_notifications", channel=settled.channel, outcome=outcome)
        if settled.state is not Receipt.SENT:
            level = (
                log("alerts").error
                if settled.state is Receipt.WRITTEN_OFF
                else log("alerts").warning
            )
            level(
                f"notification.{outcome}",
                key=settled.key,
                channel=settled.channel,
                attempts=settled.attempts,
                because=settled.because,
            )
        self._bells.saved()

    async def _go_another_way(
        self, work: Work, incident: Incident, failed: Notification, *, now: datetime
    ) -> None:
        told = await work.told(incident.id)
        current = failed.round == incident.round
        calling = incident.phase in {Phase.CALLING, Phase.UNANSWERED} and current
        other = other_way(incident, failed, told, self._desk.rules) if calling else None
        if other is not None:
            instead = notification(
                incident,
                failed.why,
                other,
                now=now,
                rules=self._desk.rules,
                step=failed.step,
                reminder=failed.reminder,
            )
            await work.owe([instead])
            await self._desk.refresh(work, incident, now=now)
            return
        happening = DeliveryFailed(
            failed.round, failed.step, failed.name, failed.because, step_lost(failed, told)
        )
        await self._desk.hear(work, incident, happening, now=now)


def _written_off(owed: Notification, now: datetime, because: str) -> Notification:
    return replace(owed, state=Receipt.WRITTEN_OFF, settled_at=now, because=because)
