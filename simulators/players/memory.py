"""Plays frames into a callable: for tests, and for anything that wants no broker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from shared.clock import Clock
from simulators.frames import Frame
from simulators.players.pacing import Played, Progress, paced


async def play(
    frames: Iterable[Frame],
    *,
    into: Callable[[Frame], Awaitable[None]],
    speed: float,
    clock: Clock,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Played:
    """Hand every frame to ``into`` when it is due; the next waits until that one is taken."""
    began = clock.monotonic()
    sent = readings = 0
    async for frame in paced(frames, speed=speed, clock=clock, progress=progress):
        await into(frame)
        sent += 1
        readings += frame.readings
    return Played(sent, readings, clock.monotonic() - began)
