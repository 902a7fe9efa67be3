"""The one door to time. Nothing else in Tocsin asks what time it is or sleeps.

Pure code is handed ``now``; shells hold a ``Clock``.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, timezone-aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back. For durations."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock; 0 or less yields once."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """Stands still until moved, and never goes back; sleepers wake as it passes them."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._now = start
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake_at = self._now + timedelta(seconds=seconds)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (wake_at, next(self._order), waiter))
        await waiter

    async def advance(self, by: timedelta) -> datetime:
        """Move forward, waking each sleeper at its own moment; ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError(f"time cannot run backwards, got {by}")
        until = self._now + by
        await _let_others_run()
        while self._sleepers and self._sleepers[0][0] <= until:
            wake_at, _, waiter = heapq.heappop(self._sleepers)
            self._now = wake_at
            if not waiter.done():
                waiter.set_result(None)
            await _let_others_run()
        self._now = until
        await _let_others_run()
        return self._now


async def _let_others_run() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
