"""Records become columns, in the order they lie on the bus.

A record is the smallest thing that is never split: what is judged once a record (who fell silent)
is judged at its end, so the answer does not depend on how many records came at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from services.detector.core.bank import Flags, Ints, Rows, Values
from services.detector.core.roster import Roster

UNKNOWN: Final = -1
BAD: Final = 2
"""``Quality.BAD.code``; a code above it is as bad."""
ABSURD: Final = 1e12
"""No quantity is ever this large in its canonical unit; such a value is a broken one."""


class Delivery(Protocol):
    """One record's readings as packed little-endian columns; the codec's ``Pack`` is one."""

    @property
    def site(self) -> str: ...
    @property
    def run(self) -> str: ...
    @property
    def received_at_us(self) -> int: ...
    @property
    def historical(self) -> bool: ...
    @property
    def sensors(self) -> list[str]: ...
    @property
    def measured_at_us(self) -> bytes: ...
    @property
    def values(self) -> bytes: ...
    @property
    def quality(self) -> bytes: ...
    @property
    def seq(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of several records, one entry each; ``rows`` is UNKNOWN where nobody knows it."""

    deliveries: Sequence[Delivery]
    edges: Ints
    """Record i holds the readings ``edges[i]:edges[i + 1]``."""
    rows: Rows
    at: Ints
    values: Values
    bad: Flags
    seq: Ints
    live: Flags | None
    """False for readings too old to wake anybody; None when all are live."""


def gather(deliveries: Sequence[Delivery], roster: Roster) -> Batch:
    """The columns of these records; sensors heard for the first time get their row."""
    rows: list[int | None] = []
    counts: list[int] = []
    for delivery in deliveries:
        sensors = delivery.sensors
        known = roster.rows_of(delivery.run, delivery.site)
        found = list(map(known.get, sensors))
        if None in found:
            run, site = delivery.run, delivery.site
            found = [
                roster.row(run, site, sensor) if row is None else row
                for sensor, row in zip(sensors, found, strict=True)
            ]
            found = [UNKNOWN if row is None else row for row in found]
        rows += found
        counts.append(len(sensors))
        roster.hear(delivery.run, delivery.received_at_us)
    edges = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))
    at = b"".join([delivery.measured_at_us for delivery in deliveries])
    seq = b"".join([delivery.seq for delivery in deliveries])
    values = np.frombuffer(b"".join([delivery.values for delivery in deliveries]), "<f8")
    quality = np.frombuffer(b"".join([delivery.quality for delivery in deliveries]), "u1")
    historical = np.array([delivery.historical for delivery in deliveries], np.bool_)
    return Batch(
        deliveries=deliveries,
        edges=edges,
        rows=np.array(rows, np.intp),
        at=np.frombuffer(at, "<i8"),
        values=values,
        # A comparison with nan is false, so a nan is bad too.
        bad=(quality >= BAD) | ~(np.abs(values) < ABSURD),
        seq=np.frombuffer(seq, "<i8"),
        live=~np.repeat(historical, np.diff(edges)) if historical.any() else None,
    )
