"""Where things stand, from the number of a site alone.

A community is a square of the ground, a street 4 by 2 of them, a district 3 by 4 streets, and
districts wind outwards from the middle of the city.

East and north are metres from the city's middle, before the city's own turn; positions are WGS 84
to six decimals, a tenth of a metre.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from shared.domain.place import Geometry, GeometryKind, Position
from simulators.generator.chance import Stream, shares
from simulators.generator.grounds import BLOCK_M
from simulators.generator.plan import whereabouts
from simulators.generator.recipes import PATTERN, SITES, Slot

Spot: TypeAlias = tuple[float, float]
"""Metres east and north."""
Cell: TypeAlias = tuple[int, int]

CELL_M: Final = 900.0
WIDE: Final = 4
TALL: Final = 2
"""Communities of a street, across and up."""
STREETS_WIDE: Final = 3
STREETS_TALL: Final = 4
_METRES_PER_DEGREE: Final = 111_320.0
_TURN_MAX: Final = 0.25
"""Radians the city's streets are turned from east, at most."""
_FOOTPRINT_M: Final = 18.0
"""Half the side of a building."""
_LOTS: Final = tuple((130.0 + 190.0 * (n % 4), 150.0 + 190.0 * (n // 4)) for n in range(16))
"""Where the sites of a community stand in its square; those that fill it start at a corner."""
_CORNERS: Final[dict[Slot, Spot]] = {
    Slot.ZONE: (110.0, 110.0), Slot.SEWER: (40.0, 60.0), Slot.STATION: (60.0, 90.0),
}  # fmt: skip
_SECOND_SEWER: Final = (40.0, 480.0)
_TUNNEL: Final = (40.0, 860.0)
_JITTER_M: Final = 40.0


@dataclass(frozen=True)
class Ground:
    """The city's middle and turn."""

    seed: int

    @cached_property
    def _frame(self) -> tuple[float, float, float, float]:
        east, north, turn = (float(x) for x in shares(self.seed, Stream.CITY, (0, 1, 2)))
        return 106.0 + 12.0 * east, 25.0 + 10.0 * north, *_turned(2.0 * turn - 1.0)

    def position(self, spot: Spot) -> Position:
        lon, lat, cos, sin = self._frame
        east = spot[0] * cos - spot[1] * sin
        north = spot[0] * sin + spot[1] * cos
        shrink = math.cos(math.radians(lat))
        return (
            round(lon + east / (_METRES_PER_DEGREE * shrink), 6),
            round(lat + north / _METRES_PER_DEGREE, 6),
        )

    def point(self, spot: Spot) -> Geometry:
        return Geometry(GeometryKind.POINT, (self.position(spot),))

    def box(self, low: Spot, high: Spot) -> Geometry:
        corners = (low, (high[0], low[1]), high, (low[0], high[1]), low)
        return Geometry(GeometryKind.POLYGON, tuple(self.position(one) for one in corners))

    def footprint(self, middle: Spot) -> Geometry:
        east, north = middle
        return self.box(
            (east - _FOOTPRINT_M, north - _FOOTPRINT_M), (east + _FOOTPRINT_M, north + _FOOTPRINT_M)
        )

    def area(self, cells: list[Cell]) -> Geometry:
        """The box around some communities."""
        easts, norths = [cell[0] for cell in cells], [cell[1] for cell in cells]
        return self.box(
            (min(easts) * CELL_M, min(norths) * CELL_M),
            ((max(easts) + 1) * CELL_M, (max(norths) + 1) * CELL_M),
        )

    def site(self, site: int, *, fills: bool) -> Spot:
        """Where a site stands, or starts if it ``fills`` more ground than a lot."""
        community, slot = divmod(site, SITES)
        cell = cell_of(community)
        east, north = _within(slot, fills=fills)
        if not fills:
            east += _JITTER_M * (float(shares(self.seed, Stream.EAST, site)[0]) - 0.5)
            north += _JITTER_M * (float(shares(self.seed, Stream.NORTH, site)[0]) - 0.5)
        return cell[0] * CELL_M + east, cell[1] * CELL_M + north


def cell_of(community: int) -> Cell:
    """Column and row of a community's square."""
    district, street, place = whereabouts(community)
    east, north = _spiral(district)
    return (
        (east * STREETS_WIDE + street % STREETS_WIDE) * WIDE + place % WIDE,
        (north * STREETS_TALL + street // STREETS_WIDE) * TALL + place // WIDE,
    )


def _within(slot: int, *, fills: bool) -> Spot:
    kind = PATTERN[slot]
    if kind is Slot.SEWER and slot > PATTERN.index(Slot.SEWER):
        return _SECOND_SEWER
    if kind is Slot.AVENUE and fills:
        return _TUNNEL
    if kind in _CORNERS:
        return _CORNERS[kind]
    return _LOTS[sum(other not in _CORNERS for other in PATTERN[:slot])]


def _spiral(index: int) -> Cell:
    """The index-th cell of a square spiral around (0, 0)."""
    ring = (math.isqrt(index) + 1) // 2
    if ring == 0:
        return 0, 0
    side, along = divmod(index - (2 * ring - 1) ** 2, 2 * ring)
    offset = along + 1 - ring
    return ((ring, offset), (-offset, ring), (-ring, -offset), (offset, -ring))[side]


def _turned(share: float) -> tuple[float, float]:
    angle = _TURN_MAX * share
    return math.cos(angle), math.sin(angle)


assert BLOCK_M * 4 < CELL_M
assert len(_LOTS) >= sum(slot not in _CORNERS for slot in PATTERN)
