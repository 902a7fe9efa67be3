"""A shelf is where a reading lies: its run, the hour it was measured in (UTC), its area.

Real readings and those of each run lie apart, so a drill can neither be taken for the city's own
past nor outlive its use. Plain arithmetic, no files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

HOUR_US: Final = 3_600_000_000
NOWHERE: Final = "_unknown"
"""The area of a sensor the registry does not know any more."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Shelf:
    run: str
    """Empty for the real city."""
    hour: int
    """Hours since the Unix epoch."""
    area: str


def hour_of(at_us: int) -> int:
    """The hour that holds a moment given in microseconds since the Unix epoch."""
    return at_us // HOUR_US


def micros(moment: datetime) -> int:
    """Microseconds since the Unix epoch of a timezone-aware moment, exactly."""
    apart = moment - _EPOCH
    return (apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds
