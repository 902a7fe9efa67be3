"""Which row belongs to which sensor of which run.

Rows are given in the order sensors are first heard and freed with their run, so the same input
always leads to the same rows. Drills are many and forgotten: at most ``runs_max`` runs have
state, and the one whose last record came longest ago makes room. The real city never does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.detector.core.bank import Bank, Flags, Rows, Values, blank
from services.detector.core.place import Place

REAL = ""
"""The run that is no run."""
ROWS_AT_FIRST = 64


@dataclass(slots=True)
class Traits:
    """What the registry says of each row; never part of a checkpoint."""

    profile: NDArray[np.int16]
    floor: Values
    share: Values
    speaks: Flags


def _traits(rows: int) -> Traits:
    return Traits(
        profile=np.zeros(rows, np.int16),
        floor=np.ones(rows),
        share=np.zeros(rows),
        speaks=np.zeros(rows, np.bool_),
    )


@dataclass(slots=True)
class Roster:
    """Rows, their owners, and the bank they index; the bank grows by doubling."""

    places: Mapping[str, Mapping[str, Place]]
    """By site and sensor, from the registry."""
    runs_max: int = 16
    bank: Bank = field(default_factory=lambda: blank(ROWS_AT_FIRST))
    traits: Traits = field(default_factory=lambda: _traits(ROWS_AT_FIRST))
    owners: list[tuple[str, Place] | None] = field(default_factory=list)
    """(run, place) of each row; None where a run was evicted."""
    heard: dict[str, int] = field(default_factory=dict)
    """Newest ``received_at`` of each run, microseconds."""
    _rows: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)

    def rows_of(self, run: str, site: str) -> dict[str, int]:
        """Sensor -> row of one site in one run: those heard so far."""
        return self._rows.setdefault((run, site), {})

    def row(self, run: str, site: str, sensor: str) -> int | None:
        """The row of a sensor, made if need be; None for one the site does not have."""
        known = self._rows.setdefault((run, site), {})
        row = known.get(sensor)
        if row is None and (place := self.places.get(site, {}).get(sensor)) is not None:
            row = known[sensor] = self._seat(run, place)
        return row

    def owner(self, row: int) -> tuple[str, Place]:
        """Run and place of a row that is in use."""
        owner = self.owners[row]
        assert owner is not None, f"row {row} is free"
        return owner

    def overdue(self, run: str) -> str | None:
        """The run that must go before ``run`` may come; None where there is room."""
        if run in self.heard or len(self.heard) < self.runs_max:
            return None
        drills = [(at, name) for name, at in self.heard.items() if name != REAL]
        return min(drills)[1] if drills else None

    def hear(self, run: str, received_at_us: int) -> None:
        self.heard[run] = max(self.heard.get(run, 0), received_at_us)

    def evict(self, run: str) -> None:
        """Forget a run and free its rows."""
        for key in [key for key in self._rows if key[0] == run]:
            del self._rows[key]
        rows = [row for row, owner in enumerate(self.owners) if owner and owner[0] == run]
        for row in rows:
            self.owners[row] = None
        self._free = sorted([*self._free, *rows], reverse=True)
        if rows:
            self.bank.wipe(np.array(rows, np.intp))
        self.heard.pop(run, None)

    def seated(self) -> Iterator[tuple[int, str, Place]]:
        """Every row in use."""
        for row, owner in enumerate(self.owners):
            if owner is not None:
                yield row, *owner

    def reseat(self, bank: Bank, owners: list[tuple[str, str, str] | None]) -> list[int]:
        """Take over the rows of a checkpoint, given (run, sensor, nature) of each.

        Returns the rows whose sensor is gone or another one now; they start from nothing.
        """
        by_sensor = {
            place.sensor: place for site in self.places.values() for place in site.values()
        }
        self.bank, self.traits = bank, _traits(bank.rows)
        self.owners, self._rows, lost = [], {}, []
        for row, owner in enumerate(owners):
            place = by_sensor.get(owner[1]) if owner else None
            if owner is None or place is None or place.nature != owner[2]:
                self.owners.append(None)
                if owner is not None:
                    lost.append(row)
                continue
            self.owners.append((owner[0], place))
            self._rows.setdefault((owner[0], place.asset.site), {})[place.sensor] = row
            self._describe(row, place)
        self._free = [row for row in reversed(range(len(owners))) if self.owners[row] is None]
        if lost:
            self.bank.wipe(np.array(lost, np.intp))
        return lost

    def _seat(self, run: str, place: Place) -> int:
        if self._free:
            row = self._free.pop()
            self.owners[row] = (run, place)
        else:
            row = len(self.owners)
            self.owners.append((run, place))
            if row >= self.bank.rows:
                self._grow()
        self._describe(row, place)
        return row

    def _grow(self) -> None:
        old, rows = self.traits, 2 * self.bank.rows
        self.bank, self.traits = self.bank.grown(rows), _traits(rows)
        for name in ("profile", "floor", "share", "speaks"):
            column: Rows = getattr(old, name)
            getattr(self.traits, name)[: column.size] = column

    def _describe(self, row: int, place: Place) -> None:
        self.traits.profile[row] = place.profile
        self.traits.floor[row] = place.habit.floor
        self.traits.share[row] = place.habit.share
        self.traits.speaks[row] = place.habit.speaks and place.hazard is not None
