"""What every sensor has taught one partition, as columns: row i of each array is one sensor.

No sensor name lives here; the roster knows which row is whose. A ``Bank`` is state and nothing
else: it is what a checkpoint holds. About 0.85 KiB a row: 384 B are the newest readings, kept as
evidence (times in full, values in single precision); 160 B windows of rates; 128 B fingerprints
that tell a repeated reading from a late one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.detector.core.profiles import SLOTS, WINDOWS

Ints: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.intp]
Values: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

TRAIL: Final = 32
"""Readings of evidence a sensor keeps."""
PRINTS: Final = 32
"""Readings whose fingerprint a sensor keeps."""
BUCKETS: Final = 9
"""Parts of a rate's window, one more than fit so that the window is never short."""

NEVER: Final = np.iinfo(np.int64).min
UNSET: Final = np.iinfo(np.int64).max

_BLANK: Final[dict[str, tuple[str, tuple[int, ...], float | int]]] = {
    "newest": ("<i8", (), NEVER),
    "prints": ("<u4", (PRINTS,), 0),
    "printed": ("<i8", (), 0),
    "trail_at": ("<i8", (TRAIL,), 0),
    "trail_value": ("<f4", (TRAIL,), 0.0),
    "trailed": ("<i8", (), 0),
    "seen": ("<i4", (), 0),
    "level": ("<f8", (), 0.0),
    "spread": ("<f8", (), 0.0),
    "hot": ("<i4", (), 0),
    "cool": ("<i4", (), 0),
    "held": ("<i4", (), 0),
    "surprised": ("|b1", (), 0),
    "mask": ("|u1", (), 0),
    "since": ("<i8", (SLOTS,), UNSET),
    "last_two": ("<f8", (2,), np.nan),
    "bucket": ("<i8", (WINDOWS, BUCKETS), NEVER),
    "lowest": ("<f4", (WINDOWS, BUCKETS), 0.0),
}


@dataclass(slots=True)
class Bank:
    newest: Ints
    """Newest ``measured_at`` admitted, microseconds."""
    prints: NDArray[np.uint32]
    printed: Ints
    trail_at: Ints
    trail_value: NDArray[np.float32]
    trailed: Ints
    seen: NDArray[np.int32]
    """Readings learned by the baseline."""
    level: Values
    spread: Values
    hot: NDArray[np.int32]
    """Surprising readings in a row; ``cool`` counts calm ones."""
    cool: NDArray[np.int32]
    held: NDArray[np.int32]
    """Readings not learned because of the surprise."""
    surprised: Flags
    mask: NDArray[np.uint8]
    """Crossed limits, one bit a slot."""
    since: Ints
    """Event time since which each slot wants to flip; ``UNSET`` where it does not."""
    last_two: Values
    bucket: Ints
    lowest: NDArray[np.float32]

    @property
    def rows(self) -> int:
        return int(self.newest.size)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Every array by name, in a fixed order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def grown(self, rows: int) -> Bank:
        """A bank of that many rows, the added ones blank."""
        fresh = blank(rows)
        for name, column in self.columns().items():
            getattr(fresh, name)[: self.rows] = column
        return fresh

    def wipe(self, rows: Rows) -> None:
        """Make these rows as if nobody had ever been there."""
        for name, (_, _, fill) in _BLANK.items():
            getattr(self, name)[rows] = fill


def blank(rows: int) -> Bank:
    """A bank that knows nothing."""
    return Bank(
        **{
            name: np.full((rows, *shape), fill, np.dtype(kind))
            for name, (kind, shape, fill) in _BLANK.items()
        }
    )


def shapes(rows: int) -> dict[str, tuple[np.dtype[np.generic], tuple[int, ...]]]:
    """Type and shape of every column of a bank of that many rows, by name."""
    return {name: (np.dtype(kind), (rows, *shape)) for name, (kind, shape, _) in _BLANK.items()}
