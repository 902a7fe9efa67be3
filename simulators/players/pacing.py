"""Pacing: a frame sent t seconds after the first is due t / speed seconds after the first.

The clock is the caller's. A player that has fallen behind does not sleep until it has caught up,
and says how far behind it is.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.clock import Clock
from shared.errors import BadInput
from simulators.frames import Frame

PROGRESS_EVERY_S: Final = 0.5
YIELD_EVERY_FRAMES: Final = 16
"""Between sleeps the loop is given to others this often."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a play has come."""

    frames: int
    readings: int
    measured_at: datetime
    """Of the newest frame sent."""
    behind_s: float
    """How late that frame was; 0 when it was on time or nobody keeps time."""

    def __str__(self) -> str:
        late = f", {self.behind_s:.1f} s behind" if self.behind_s > 1.0 else ""
        return (
            f"{self.frames} frames, {self.readings} readings, "
            f"at {self.measured_at:%Y-%m-%d %H:%M:%S}Z{late}"
        )


@dataclass(frozen=True, slots=True)
class Played:
    """What a finished play has sent."""

    frames: int
    readings: int
    seconds: float
    """Of the clock that paced it."""


def pace_of(speed: float) -> float | None:
    """Scenario seconds per real second; None for 0 and infinity, which mean unpaced.

    Raises BadInput for a negative speed or NaN.
    """
    if math.isnan(speed) or speed < 0:
        raise BadInput(f"speed {speed} must be 0 (as fast as it goes) or more, such as 1 or 60")
    return None if speed == 0 or math.isinf(speed) else speed


async def paced(
    frames: Iterable[Frame],
    *,
    speed: float,
    clock: Clock,
    progress: Callable[[Progress], None],
) -> AsyncIterator[Frame]:
    """Each frame when it is due, and a word on progress now and then and after the last."""
    rate = pace_of(speed)
    began = told = clock.monotonic()
    first: datetime | None = None
    said: Progress | None = None
    readings = 0
    for sent, frame in enumerate(frames):
        first = first or frame.sent_at
        behind = 0.0
        if rate is not None:
            due = began + (frame.sent_at - first).total_seconds() / rate
            behind = clock.monotonic() - due
            if behind < 0:
                await clock.sleep(-behind)
        if sent % YIELD_EVERY_FRAMES == 0:
            await clock.sleep(0)
        yield frame
        readings += frame.readings
        said = Progress(sent + 1, readings, frame.measured_at, max(behind, 0.0))
        if clock.monotonic() - told >= PROGRESS_EVERY_S:
            told = clock.monotonic()
            progress(said)
    if said is not None:
        progress(said)
