"""What a sensor's past leaves behind, as columns: row i of each array is one sensor.

State and nothing else, no sensor name, 1010 bytes a row. Values are kept in single precision,
which is finer than any sensor; all arithmetic between them is done in double.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.bank import Ints, Rows, Values

VIEWS: Final = ("level", "step", "day", "week", "low", "high", "mean", "spread")
"""Ways of looking at a reading, in the order of the columns; ``views`` says what each is."""
KNOWN: Final = 16
"""Values of each view that a sensor remembers."""
RECENT: Final = 24
"""Newest readings, for the views that look at a window."""
HOURS: Final = 24
DAY_KINDS: Final = 2
"""Working days and weekends."""

NEVER: Final = np.iinfo(np.int64).min

_BLANK: Final[dict[str, tuple[str, tuple[int, ...], float | int]]] = {
    "known": ("<f4", (len(VIEWS), KNOWN), np.inf),
    "grain": ("<f4", (len(VIEWS),), 0.0),
    "usual": ("<f4", (len(VIEWS),), 0.0),
    "seen": ("<i4", (len(VIEWS),), 0),
    "day": ("<f4", (HOURS,), np.nan),
    "week": ("<f4", (DAY_KINDS * HOURS,), np.nan),
    "recent": ("<f4", (RECENT,), 0.0),
    "first_at": ("<i8", (), NEVER),
    "peak": ("<f8", (), -1.0),
    "since": ("<i2", (), 0),
}


@dataclass(slots=True)
class Memory:
    known: NDArray[np.float32]
    """Values seen in each view, ascending, ``inf`` where there is room: (rows, views, known)."""
    grain: NDArray[np.float32]
    """The widest gap that forgetting a value has opened; nothing finer is told apart."""
    usual: NDArray[np.float32]
    """Root mean square of the novelties so far."""
    seen: NDArray[np.int32]
    """Readings learned, for each view."""
    day: NDArray[np.float32]
    """Usual value at each hour of the day, ``nan`` where there was none yet."""
    week: NDArray[np.float32]
    """The same for working days, then for weekends."""
    recent: NDArray[np.float32]
    """Newest readings, oldest first."""
    first_at: Ints
    """Time of the first reading, microseconds."""
    peak: Values
    """The surprise that later ones must beat to be news; -1 for none."""
    since: NDArray[np.int16]
    """Readings since that peak."""

    @property
    def rows(self) -> int:
        return int(self.first_at.size)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Every array by name, in a fixed order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def grown(self, rows: int) -> Memory:
        """A memory of that many rows, the added ones blank."""
        fresh = blank(rows)
        for name, column in self.columns().items():
            getattr(fresh, name)[: self.rows] = column
        return fresh

    def wipe(self, rows: Rows) -> None:
        """Make these rows as if nobody had ever been there."""
        for name, (_, _, fill) in _BLANK.items():
            getattr(self, name)[rows] = fill


def blank(rows: int) -> Memory:
    """A memory of nothing."""
    columns: dict[str, Any] = {
        name: np.full((rows, *shape), fill, np.dtype(kind))
        for name, (kind, shape, fill) in _BLANK.items()
    }
    return Memory(**columns)


def shapes(rows: int) -> dict[str, tuple[np.dtype[np.generic], tuple[int, ...]]]:
    """Type and shape of every column of a memory of that many rows, by name."""
    return {name: (np.dtype(kind), (rows, *shape)) for name, (kind, shape, _) in _BLANK.items()}


def bytes_per_sensor() -> int:
    return sum(column.nbytes for column in blank(1).columns().values())
