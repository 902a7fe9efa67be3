"""States ingest's totals on the bus, so that the city's ledger can be added up elsewhere.

Each run of the process states under a name of its own: its totals begin at zero, and must not
overwrite what an earlier run had counted.
"""

from __future__ import annotations

from services.ingest.core.freshness import from_datetime
from services.ingest.core.ledger import Ledger
from shared.bus import codec, topics
from shared.bus.ports import Bus
from shared.clock import Clock
from shared.errors import BusUnavailable
from shared.logs import log


class Statements:
    def __init__(
        self, ledger: Ledger, *, instance: str, bus: Bus, clock: Clock, every_s: float
    ) -> None:
        self._ledger = ledger
        self._bus = bus
        self._clock = clock
        self._every_s = every_s
        self._stated: dict[str, int] | None = None
        self.instance = f"{instance}-{from_datetime(clock.now()):x}"
        """The name of this run: the operator's, and the moment it began."""

    async def run(self) -> None:
        """State the totals whenever they changed, for ever."""
        while True:
            await self._clock.sleep(self._every_s)
            await self.state()

    async def state(self) -> None:
        """State the totals if they changed; a bus that does not answer is tried again later."""
        totals = self._ledger.totals()
        if totals == self._stated:
            return
        value = codec.encode_statement(
            codec.Statement(
                service="ingest",
                instance=self.instance,
                stated_at_us=from_datetime(self._clock.now()),
                counts=totals,
            )
        )
        try:
            await self._bus.publish(topics.LEDGER, f"ingest/{self.instance}", value)
        except BusUnavailable as error:
            log("ingest").warning("ingest.statement_failed", why=str(error))
            return
        self._stated = totals
