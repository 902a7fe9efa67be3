"""Deadlines that are due move their incidents.

Deadlines are a column that is scanned, not tasks that wait: a restart forgets none, a clock that
jumps delays none for longer than one look, and how often we look changes nothing.
"""

from __future__ import annotations

import asyncio

from services.alerts.core.happenings import TimePassed
from services.alerts.ports import Ledger, Standing
from services.alerts.shell.bell import Bells
from services.alerts.shell.desk import Desk
from services.alerts.shell.pulse import Pulse
from shared.clock import Clock
from shared.domain.level import Level
from shared.errors import StoreUnavailable
from shared.logs import log
from shared.metrics import Metrics

DUE_MAX = 200
OVERDUE_S_MAX = 10.0


class Ticker:
    def __init__(
        self,
        *,
        ledger: Ledger,
        desk: Desk,
        clock: Clock,
        metrics: Metrics,
        bells: Bells,
        pulse: Pulse,
        tick_s: float,
        changes_kept: int,
    ) -> None:
        self._ledger = ledger
        self._desk = desk
        self._clock = clock
        self._metrics = metrics
        self._bells = bells
        self._pulse = pulse
        self._tick_s = tick_s
        self._changes_kept = changes_kept
        self._standing = Standing()

    async def run(self, stop: asyncio.Event) -> None:
        rounds = 0
        while not stop.is_set():
            try:
                await self.tick()
                if rounds % 10 == 0:
                    await self.audit()
                if rounds % 1000 == 0:
                    await self._ledger.prune(changes_kept=self._changes_kept)
            except StoreUnavailable as error:
                self._pulse.trouble = str(error)
                log("alerts").warning("ticker.database-away", because=str(error))
            else:
                self._pulse.beat()
            rounds += 1
            await self._clock.sleep(self._tick_s)

    async def tick(self) -> int:
        """One look; returns how many incidents were due."""
        now = self._clock.now()
        due = await self._ledger.due(now, most=DUE_MAX)
        for incident in due:
            async with self._ledger.write() as work:
                before = await work.incident(incident)
                if before is None or before.next_deadline is None or before.next_deadline > now:
                    continue  # somebody acted, or another process was faster
                late_s = (now - before.next_deadline).total_seconds()
                await self._desk.advance(work, before, TimePassed(), now=now)
            self._metrics.observe("alerts_deadline_lateness_seconds", late_s)
            self._bells.saved()
        return len(due)

    async def audit(self) -> None:
        """See that everybody who should be called will be, and set the gauges."""
        self._standing = await self._ledger.standing()
        for level in Level:
            open_now = self._standing.open_by_level.get(level, 0)
            self._metrics.gauge("alerts_incidents_open", open_now, level=level.value)
        self._metrics.gauge("alerts_outbox_waiting", self._standing.owed)

    def wrong(self) -> dict[str, str]:
        """What the newest audit found."""
        found: dict[str, str] = {}
        if self._standing.without_deadline:
            found["escalation"] = f"{self._standing.without_deadline} incident(s) have no deadline"
        oldest = self._standing.oldest_deadline
        if oldest is not None:
            late_s = (self._clock.now() - oldest).total_seconds()
            if late_s > OVERDUE_S_MAX:
                found["escalation"] = f"a deadline is {late_s:.0f} s overdue"
        return found
