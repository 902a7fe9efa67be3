"""Why a reading is set aside: a closed list, each with the sentence people read.

Bounded on purpose: every member is a metric label, a key of the ledger and a word an operator
may be paged with. A detail line names the thing, its state and the mend, in one line, whatever
bytes the device sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SHOWN_MAX: Final = 60
"""Characters of a device's own words that a detail line repeats."""


class Reason(StrEnum):
    """What was wrong; the first thing found is the one that is named."""

    UNKNOWN_TOPIC = "unknown-topic"
    """The topic is not of the form ``tocsin/v1/<area>/<asset>/<sensor>``."""
    RETAINED = "retained"
    """The broker kept it from before we subscribed: not a reading happening now."""
    TOO_LARGE = "too-large"
    """More bytes than ``payload_bytes_max``; it is not even parsed."""
    EMPTY = "empty"
    """No bytes at all, or a pack without a single reading."""
    UNREADABLE = "unreadable"
    """Not UTF-8, or not JSON."""
    WRONG_SHAPE = "wrong-shape"
    """JSON, but not an object with the fields of a reading or a pack."""
    TOO_MANY = "too-many"
    """A pack of more readings than ``pack_readings_max``."""
    UNKNOWN_SENSOR = "unknown-sensor"
    """No sensor of that id is in the registry."""
    MISPLACED = "misplaced"
    """A known sensor under the wrong area or asset."""
    WRONG_TYPE = "wrong-type"
    """A value that is text, true, null, an array or an object."""
    NOT_A_NUMBER = "not-a-number"
    """The value is NaN, infinite, or a number too large to be one."""
    BAD_UNIT = "bad-unit"
    """A unit the sensor's quantity is never given in."""
    OUT_OF_RANGE = "out-of-range"
    """A value the sensor cannot show; see its ``low`` and ``high``."""
    BAD_QUALITY = "bad-quality"
    """Quality is none of ``good``, ``uncertain``, ``bad``."""
    BAD_TIME = "bad-time"
    """``measured_at`` is neither RFC 3339 with a zone nor a number."""
    CLOCK_UNSET = "clock-unset"
    """Measured before the year 2000: the device's clock was never set."""
    TOO_OLD = "too-old"
    """Measured longer ago than ``age_max_s`` and not marked historical."""
    FROM_THE_FUTURE = "from-the-future"
    """Measured later than ``future_max_s`` after it was received, or after the year 2099."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One outcome of one message, or of one reading of a pack."""

    reason: Reason
    detail: str
    payload: bytes
    """The bytes it is about: the whole payload, or one reading cut out of its pack."""
    readings: int = 1
    """How many readings it stands for; 1 when that cannot be told."""
    run: str = ""


class Refuse(Exception):
    """Raised inside a dialect to leave off judging; never leaves ``core``."""

    def __init__(self, reason: Reason, detail: str, *, readings: int = 1, run: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.readings = readings
        self.run = run

    def of(self, payload: bytes) -> Refusal:
        """The refusal, with the bytes it is about."""
        return Refusal(self.reason, self.detail, payload, self.readings, self.run)


def shown(words: str) -> str:
    """A device's words made fit for one line: quoted, escaped, and cut."""
    cut = words if len(words) <= SHOWN_MAX else words[:SHOWN_MAX] + "..."
    return repr(cut)
