"""Work to do now instead of at the next look."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from shared.clock import Clock


class Bell:
    """Rung by who makes work, waited for by who does it; a ring while working is not lost."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, clock: Clock, seconds: float) -> None:
        """Return at the next ring, or after that long."""
        if not self._rung.is_set():
            tasks = [
                asyncio.ensure_future(self._rung.wait()),
                asyncio.ensure_future(clock.sleep(seconds)),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        self._rung.clear()


@dataclass(frozen=True, slots=True)
class Bells:
    """Who has to hear of a saved decision."""

    feed: Bell = field(default_factory=Bell)
    outbox: Bell = field(default_factory=Bell)
    relay: Bell = field(default_factory=Bell)

    def saved(self) -> None:
        self.feed.ring()
        self.outbox.ring()
        self.relay.ring()
