"""Doing what the bus owes us again and again, and stopping at once when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from shared.clock import Clock
from shared.errors import BusUnavailable
from shared.logs import log

T = TypeVar("T")
FIRST_PAUSE_S: Final = 0.1


class Stopped(Exception):
    """The service was told to stop while it was waiting for the bus."""


class Patience:
    """``trouble`` says what the bus refuses at the moment; None while it answers."""

    def __init__(self, clock: Clock, stop: asyncio.Event, *, at_most_s: float) -> None:
        self._clock = clock
        self._stop = stop
        self._at_most_s = at_most_s
        self.trouble: str | None = None

    async def insist(self, what: str, act: Callable[[], Awaitable[T]]) -> T:
        """The answer of ``act``, however often it takes; Stopped if told to stop meanwhile."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                answer = await act()
            except BusUnavailable as error:
                self.trouble = f"{what}: {error}"
                log("detector").warning("detector.bus_unavailable", doing=what, because=str(error))
                if self._stop.is_set():
                    raise Stopped(what) from error
                await self._pause(pause_s)
                pause_s = min(2 * pause_s, self._at_most_s)
            else:
                self.trouble = None
                return answer

    async def _pause(self, seconds: float) -> None:
        """By the clock, or until told to stop."""
        waits = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._stop.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
