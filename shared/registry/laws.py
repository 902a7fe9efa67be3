"""What must hold between the pieces of a registry: references, the area tree, who is called.

A fault is said once, where it was written; what follows from it is not said again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from shared.config.complaint import did_you_mean, shown
from shared.domain.hazard import Hazard
from shared.domain.place import AreaKind
from shared.registry.draft import Draft, Notes, Shelf, Spot

_ORDER = {kind: rank for rank, kind in enumerate(AreaKind)}


def check(draft: Draft, notes: Notes) -> None:
    """Note every broken law."""
    _references(draft, notes)
    cyclic = _cycles(draft, notes)
    _area_order(draft, notes, cyclic)
    _shared_roof(draft, notes)
    if not cyclic:
        _somebody_answers(draft, notes)
    _orphans(draft, notes)


def _refer(shelf: Shelf[Any], key: str, what: str, spot: Spot, notes: Notes) -> None:
    if key and not shelf.knows(key):
        mend = f"add {shelf.thing} {shown(key)} or name another"
        if notes.early():
            mend = did_you_mean(key, shelf.spots, otherwise=mend)
        notes.error(spot, f"{what} names {shelf.thing} {shown(key)}, which does not exist", mend)


def _references(draft: Draft, notes: Notes) -> None:
    for area in draft.areas.kept.values():
        if area.parent is not None:
            spot = draft.areas.spots[area.id]
            _refer(draft.areas, area.parent, f"area {shown(area.id)}", spot, notes)
    for site in draft.sites.kept.values():
        _refer(draft.areas, site.area, f"site {shown(site.id)}", draft.sites.spots[site.id], notes)
    for asset in draft.assets.kept.values():
        spot, what = draft.assets.spots[asset.id], f"asset {shown(asset.id)}"
        _refer(draft.sites, asset.site, what, spot, notes)
        home = draft.sites.kept.get(asset.site)
        if home is None or home.area != asset.area:  # else the site has said it
            _refer(draft.areas, asset.area, what, spot, notes)
    for sensor in draft.sensors.kept.values():
        if not draft.assets.knows(sensor.asset):
            spot = draft.sensors.spots[sensor.id]
            _refer(draft.assets, sensor.asset, f"sensor {shown(sensor.id)}", spot, notes)
    _references_of_ties(draft, notes)


def _references_of_ties(draft: Draft, notes: Notes) -> None:
    for link, spot in draft.links:
        for end in (link.a, link.b):
            _refer(draft.assets, end, "a link", spot, notes)
        if link.a == link.b:
            notes.error(spot, f"a link joins {shown(link.a)} to itself", "name two assets")
    for team in draft.teams.kept.values():
        for member in team.members:
            spot = draft.teams.spots[team.id]
            _refer(draft.people, member, f"team {shown(team.id)}", spot, notes)
    for duty, spot in draft.duties:
        _refer(draft.areas, duty.area, "a duty", spot, notes)
        _refer(draft.teams, duty.team, "a duty", spot, notes)


def _cycles(draft: Draft, notes: Notes) -> set[str]:
    """Note every ring of parents once, at its first area; the areas in rings."""
    areas = draft.areas.kept
    settled: set[str] = set()
    found: set[str] = set()
    for start in areas:
        path: list[str] = []
        here: str | None = start
        while here is not None and here in areas and here not in settled and here not in path:
            path.append(here)
            here = areas[here].parent
        if here is not None and here in path:
            ring = path[path.index(here) :]
            found.update(ring)
            notes.error(
                draft.areas.spots[ring[0]],
                f"areas contain each other: {' > '.join([*ring, ring[0]])}",
                "give one of them a parent outside",
            )
        settled.update(path)
    return found


def _area_order(draft: Draft, notes: Notes, cyclic: set[str]) -> None:
    areas = draft.areas.kept
    cities = 0
    for area in areas.values():
        spot = draft.areas.spots[area.id]
        if area.kind is AreaKind.CITY:
            cities += 1
            if area.parent is not None:
                notes.error(spot, f"city {shown(area.id)} has a parent", "drop the parent")
        elif area.parent is None:
            what = f"{area.kind} {shown(area.id)} has no parent"
            notes.error(spot, what, "name the area it lies in")
        elif area.id in cyclic:
            continue
        elif (above := areas.get(area.parent)) and _ORDER[above.kind] >= _ORDER[area.kind]:
            what = f"{area.kind} {shown(area.id)} lies in {above.kind} {shown(above.id)}"
            notes.error(spot, what, f"the order is {' > '.join(_ORDER)}")
    if cities != 1 and not cyclic:
        what = f"holds {cities} areas of kind city"
        notes.error(Spot(draft.file, None), what, "there is exactly one, the root of the tree")


def _shared_roof(draft: Draft, notes: Notes) -> None:
    """Assets of one building have one height, or fire-water limits would differ by floor."""
    heights: dict[str, tuple[float, str]] = {}
    for asset in draft.assets.kept.values():
        if asset.height_m is None:
            continue
        height_m, first = heights.setdefault(asset.site, (asset.height_m, asset.id))
        if height_m != asset.height_m:
            what = (
                f"asset {shown(asset.id)} says height_m {asset.height_m:g}, "
                f"asset {shown(first)} of the same site {height_m:g}"
            )
            notes.error(draft.assets.spots[asset.id], what, "give the whole building's height")


def _upwards(draft: Draft, area: str) -> Iterator[str]:
    here: str | None = area
    while here is not None and here in draft.areas.kept:
        yield here
        here = draft.areas.kept[here].parent


def _somebody_answers(draft: Draft, notes: Notes) -> None:
    """A red incident anywhere must reach somebody: team, member and address."""
    answered: dict[str, set[Hazard]] = {}
    for duty, _ in draft.duties:
        team = draft.teams.kept.get(duty.team)
        # A team or person with a fault of its own is complained of where it stands.
        broken = team is None and draft.teams.knows(duty.team)
        if broken or (team and any(draft.people.knows(member) for member in team.members)):
            answered.setdefault(duty.area, set()).update(
                Hazard if duty.hazard is None else (duty.hazard,)
            )
    inhabited = {asset.area for asset in draft.assets.kept.values()} & set(draft.areas.kept)
    for area in sorted(inhabited):
        above = list(_upwards(draft, area))
        if draft.areas.kept[above[-1]].parent is not None:
            continue  # its parent does not exist or has a fault: said already
        reached = set().union(*(answered.get(one, set()) for one in above))
        if missing := [hazard.value for hazard in Hazard if hazard not in reached]:
            notes.error(
                draft.areas.spots[area],
                f"a red incident in {shown(area)} would reach nobody: {', '.join(missing)}",
                "add a duty of it or of an area above, with a team that has members",
            )


def _orphans(draft: Draft, notes: Notes) -> None:
    watched = {sensor.asset for sensor in draft.sensors.kept.values()}
    # With broken sensors about, an asset may only look unwatched.
    if len(draft.sensors.kept) == len(draft.sensors.spots):
        for key in _unused(draft.assets, watched):
            spot = draft.assets.spots[key]
            notes.warn(spot, f"asset {shown(key)} has no sensor", "add one, or drop the asset")
    housed = {asset.site for asset in draft.assets.kept.values()}
    if len(draft.assets.kept) == len(draft.assets.spots):
        for key in _unused(draft.sites, housed):
            spot = draft.sites.spots[key]
            notes.warn(spot, f"site {shown(key)} has no asset", "add one, or drop the site")
    teamed = {member for team in draft.teams.kept.values() for member in team.members}
    if len(draft.teams.kept) == len(draft.teams.spots):
        for key in _unused(draft.people, teamed):
            spot = draft.people.spots[key]
            notes.warn(spot, f"person {shown(key)} is in no team", "add them to a team")
    on_duty = {duty.team for duty, _ in draft.duties}
    for key in _unused(draft.teams, on_duty):
        spot = draft.teams.spots[key]
        notes.warn(spot, f"team {shown(key)} has no duty", "add a duty, or drop the team")


def _unused(shelf: Shelf[Any], used: Iterable[str]) -> Iterator[str]:
    seen = set(used)
    return (key for key in shelf.kept if key not in seen)
