"""When a reading may have been measured: a window around its receipt, and what lies outside.

A real city's window is ``age_max_s`` back and ``future_max_s`` ahead. ``historical`` opens it
backwards. A run (a drill, a replay) is not about now, so only the ends of the calendar bind it.
All times are microseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.ingest.core.refusal import Reason

SECOND_US: Final = 1_000_000
MILLENNIUM_US: Final = 946_684_800 * SECOND_US
"""2000-01-01: no device that knows the time speaks of an earlier one."""
CENTURY_US: Final = 4_102_444_800 * SECOND_US
"""2100-01-01: whatever says so is broken, in any run."""
MILLISECONDS_FROM: Final = 1e11
"""A Unix time from here on is in milliseconds (as seconds it would be the year 5138)."""

UNIX_MAX: Final = 1e15
"""Beyond this a number is as good as infinite; keeps every time within 64 bits."""
INSTANT_MAX_US: Final = 60_000_000_000 * SECOND_US
"""About the year 3871: later than this, and earlier than its mirror, is shown as a number."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """Both ends belong to it."""

    first_us: int
    last_us: int


def window(
    received_at_us: int, *, run: str, historical: bool, age_max_us: int, future_max_us: int
) -> Window:
    """What a reading received then may claim as its ``measured_at``."""
    if run:
        return Window(MILLENNIUM_US, CENTURY_US - 1)
    first_us = MILLENNIUM_US if historical else received_at_us - age_max_us
    last_us = received_at_us + future_max_us
    return Window(max(first_us, MILLENNIUM_US), min(last_us, CENTURY_US - 1))


def outside(measured_at_us: int, allowed: Window) -> tuple[Reason, str]:
    """The reason and its sentence for a time that lies outside ``allowed``."""
    if measured_at_us < MILLENNIUM_US:
        when = instant(measured_at_us)
        return Reason.CLOCK_UNSET, f"measured at {when}, before 2000; set the device's clock"
    if measured_at_us > allowed.last_us:
        when = instant(measured_at_us)
        return Reason.FROM_THE_FUTURE, f"measured at {when}, in the future; set the device's clock"
    when, first = instant(measured_at_us), instant(allowed.first_us)
    return (
        Reason.TOO_OLD,
        f"measured at {when}, older than {first}; mark it historical to keep it",
    )


def from_datetime(moment: datetime) -> int:
    """Microseconds of a timezone-aware moment, exactly."""
    apart = moment - _EPOCH
    return (apart.days * 86_400 + apart.seconds) * SECOND_US + apart.microseconds


def from_number(unix: float) -> int:
    """Microseconds of a Unix time: seconds below 1e11, milliseconds from there on."""
    if unix < MILLISECONDS_FROM:
        return round(max(unix, -UNIX_MAX) * 1e6)
    return round(min(unix, UNIX_MAX) * 1e3)


def instant(at_us: int) -> str:
    """A moment for people, also one that no calendar holds."""
    if abs(at_us) > INSTANT_MAX_US:
        return f"{at_us / SECOND_US:.3g} s of Unix time"
    return f"{_EPOCH + timedelta(microseconds=at_us):%Y-%m-%dT%H:%M:%SZ}"
