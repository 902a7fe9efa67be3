"""Frames made readable: what each sensor of a play showed, and when."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from simulators.frames import Frame

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class OwnClock:
    """Time moves only by sleeping, so a play at speed 1 takes no time to test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self):
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(0.0, seconds)


def series(
    frames: Iterable[Frame], start: datetime = START
) -> dict[str, list[tuple[float, float]]]:
    """By sensor: seconds since the start and the value, in the order they were sent."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for frame in frames:
        since = (frame.measured_at - start).total_seconds()
        for reading in json.loads(frame.payload)["readings"]:
            seen.setdefault(reading["sensor"], []).append((since, reading["value"]))
    return seen


def first_at_least(points: list[tuple[float, float]], limit: float) -> float | None:
    """When the limit was first reached."""
    return next((since for since, value in points if value >= limit), None)


def first_below(points: list[tuple[float, float]], limit: float) -> float | None:
    return next((since for since, value in points if value < limit), None)
