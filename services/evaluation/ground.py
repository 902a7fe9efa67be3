"""How far two places of a city are apart, in metres, the way trouble travels between them.

Along the pipes where both ends hang on the same network, by storeys inside a building, and in a
straight line otherwise.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from typing import Final

from shared.domain.place import LinkKind, Position
from shared.domain.registry import Registry

EARTH_M: Final = 6_371_000.0
STOREY_M: Final = 3.6
"""Floor to floor, where a building does not say how high it is."""


def straight_m(a: Position, b: Position) -> float:
    """Great-circle distance (haversine) of two positions in degrees."""
    lon_a, lat_a, lon_b, lat_b = (math.radians(part) for part in (*a, *b))
    across = math.sin((lon_b - lon_a) / 2) ** 2 * math.cos(lat_a) * math.cos(lat_b)
    up = math.sin((lat_b - lat_a) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, up + across)))


class Ground:
    """A registry's places and the pipes between them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._pipes: dict[str, list[tuple[str, float]]] = {}
        self._beside: dict[str, set[str]] = {}
        for link in registry.links:
            self._beside.setdefault(link.a, set()).add(link.b)
            self._beside.setdefault(link.b, set()).add(link.a)
            length_m = link.length_m if link.length_m is not None else self.apart(link.a, link.b)
            if link.kind is LinkKind.PIPE and length_m is not None:
                self._pipes.setdefault(link.a, []).append((link.b, length_m))
                self._pipes.setdefault(link.b, []).append((link.a, length_m))

    def position(self, asset: str) -> Position | None:
        """The middle of an asset's shape; None where the registry gives none."""
        known = self._registry.assets.get(asset)
        if known is None or known.geometry is None:
            return None
        corners = known.geometry.positions
        if len(corners) > 1 and corners[0] == corners[-1]:
            corners = corners[:-1]
        lon = sum(corner[0] for corner in corners) / len(corners)
        return lon, sum(corner[1] for corner in corners) / len(corners)

    def is_beside(self, asset: str, other: str) -> bool:
        """A link joins them."""
        return other in self._beside.get(asset, ())

    def error_m(self, named: str, true: str, exactly: Position | None = None) -> float | None:
        """From the asset that was named to where it truly was; None where nobody can tell."""
        if exactly is not None:
            here = self.position(named)
            return None if here is None else straight_m(here, exactly)
        if named == true:
            return 0.0
        by_storey = self._storeys_m(named, true)
        if by_storey is not None:
            return by_storey
        along = self._along_m(named, true)
        return along if along is not None else self.apart(named, true)

    def apart(self, a: str, b: str) -> float | None:
        """In a straight line."""
        here, there = self.position(a), self.position(b)
        return None if here is None or there is None else straight_m(here, there)

    def _storeys_m(self, a: str, b: str) -> float | None:
        one, other = self._registry.assets.get(a), self._registry.assets.get(b)
        if one is None or other is None or one.site != other.site:
            return None
        if one.storey is None or other.storey is None:
            return None
        return abs(one.storey - other.storey) * self._storey_m(one.site)

    def _storey_m(self, site: str) -> float:
        here = [asset for asset in self._registry.assets.values() if asset.site == site]
        top = max((asset.storey for asset in here if asset.storey is not None), default=0)
        height_m = max((asset.height_m for asset in here if asset.height_m), default=None)
        return STOREY_M if height_m is None or top <= 0 else height_m / top

    def _along_m(self, a: str, b: str) -> float | None:
        """Shortest way through the pipes."""
        pipes: Mapping[str, list[tuple[str, float]]] = self._pipes
        queue, done = [(0.0, a)], set[str]()
        while queue:
            length_m, here = heapq.heappop(queue)
            if here == b:
                return length_m
            if here not in done:
                done.add(here)
                for there, more_m in pipes.get(here, ()):
                    heapq.heappush(queue, (length_m + more_m, there))
        return None
