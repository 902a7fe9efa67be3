"""Decisions saved in the ledger reach the decisions topic, in order, at least once."""

from __future__ import annotations

import asyncio

from services.alerts.ports import Ledger
from services.alerts.shell.bell import Bells
from services.alerts.shell.pulse import Pulse
from shared.bus.ports import Bus
from shared.bus.topics import DECISIONS
from shared.clock import Clock
from shared.errors import BusUnavailable, StoreUnavailable
from shared.logs import log

BATCH_MAX = 500
LOOK_S = 2.0


class Relay:
    def __init__(
        self, *, bus: Bus, ledger: Ledger, clock: Clock, bells: Bells, pulse: Pulse
    ) -> None:
        self._bus = bus
        self._ledger = ledger
        self._clock = clock
        self._bells = bells
        self._pulse = pulse

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                moved = await self.relay()
            except (BusUnavailable, StoreUnavailable) as error:
                moved = 0
                self._pulse.trouble = str(error)
                log("alerts").warning("relay.waits", because=str(error))
            else:
                self._pulse.beat()
            if moved < BATCH_MAX:
                await self._bells.relay.wait(self._clock, LOOK_S)

    async def relay(self) -> int:
        """Publish what was not published yet; returns how many."""
        waiting = await self._ledger.unrelayed(most=BATCH_MAX)
        if waiting:
            await asyncio.gather(
                *(self._bus.publish(DECISIONS, incident, body) for _, incident, body in waiting)
            )
            await self._ledger.relayed([number for number, _, _ in waiting])
        return len(waiting)
