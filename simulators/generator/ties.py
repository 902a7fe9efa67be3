"""Links between the sites of one community: where one system's trouble can become another's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from shared.domain.place import Link, LinkKind, SiteKind
from simulators.generator.pieces import SitePieces
from simulators.generator.places import Spot

NEAR_M: Final = 120.0
"""Gas finds its way into what is nearer than this."""


def ties(sites: Sequence[SitePieces]) -> Iterator[Link]:
    """The links between ``sites``, all of one community."""
    kinds: dict[SiteKind, list[SitePieces]] = {kind: [] for kind in SiteKind}
    for one in sites:
        kinds[one.template.kind].append(one)
    for zone in kinds[SiteKind.PRESSURE_ZONE]:
        yield from _fed_by(zone, kinds)
        for one in (*kinds[SiteKind.CHAMBER], *kinds[SiteKind.SEWER], *kinds[SiteKind.TUNNEL]):
            yield from _nearest(one, zone, LinkKind.DISTANCE, within_m=NEAR_M)
    for chamber in kinds[SiteKind.CHAMBER]:
        for tunnel in kinds[SiteKind.TUNNEL]:
            yield from _nearest(chamber, tunnel, LinkKind.DUCT, within_m=NEAR_M)
        for building in kinds[SiteKind.BUILDING]:
            yield from _nearest(chamber, building, LinkKind.DISTANCE, within_m=NEAR_M)


def _fed_by(zone: SitePieces, kinds: dict[SiteKind, list[SitePieces]]) -> Iterator[Link]:
    """Pumps before the inlet, and every building's fire main behind the nearest main."""
    for station in kinds[SiteKind.STATION]:
        for pump in range(len(station.template.assets)):
            yield Link(station.asset_id(pump), zone.asset_id(0), LinkKind.PIPE, 30.0)
    for building in kinds[SiteKind.BUILDING]:
        yield from _nearest(building, zone, LinkKind.PIPE)


def _nearest(
    one: SitePieces, other: SitePieces, kind: LinkKind, *, within_m: float = math.inf
) -> Iterator[Link]:
    """The nearest pair of their assets; of a building it is always the first asset or floor."""
    distance, a, b = min(
        (math.dist(here, there), a, b) for a, here in _ends(one) for b, there in _ends(other)
    )
    if distance <= within_m:
        yield Link(one.asset_id(a), other.asset_id(b), kind, float(max(1, round(distance))))


def _ends(site: SitePieces) -> list[tuple[int, Spot]]:
    """Where a site can be met: a building at its fire main, everything else anywhere."""
    spots = list(enumerate(site.spots()))
    return spots[:1] if site.template.kind is SiteKind.BUILDING else spots
