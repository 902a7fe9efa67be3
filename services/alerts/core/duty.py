"""Who is called: the teams that answer for a hazard in an area, and why the others are not.

A duty for the hazard itself goes before a duty for every hazard. A step that resolves to nobody
falls through to the next area up the tree that has somebody; only when the whole tree has nobody
is a route empty, and that is a fault of the city's roster that must be reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.hazard import Hazard
from shared.domain.person import Address, Duty, Person, Team
from shared.domain.place import Area, AreaKind
from shared.domain.registry import Registry


class Gap(StrEnum):
    """Why somebody, or nobody, is not called."""

    NO_AREA = "no-area"
    """The asset lies in no area of that kind."""
    NO_DUTY = "no-duty"
    """No team answers for this hazard there."""
    NO_MEMBER = "no-member"
    NO_ADDRESS = "no-address"
    NOT_IN_EXERCISE = "not-in-exercise"
    """Has addresses, but none on a channel that carries exercises."""


@dataclass(frozen=True, slots=True)
class Callee:
    person: Person
    team: Team
    address: Address


@dataclass(frozen=True, slots=True)
class Missed:
    thing: str
    """Area kind, area, team or person id."""
    reason: Gap


@dataclass(frozen=True, slots=True)
class Route:
    callees: tuple[Callee, ...]
    missed: tuple[Missed, ...]


class DutyBook:
    """The registry's duties, found by area."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        by_area: dict[str, list[Duty]] = {}
        for duty in registry.duties:
            by_area.setdefault(duty.area, []).append(duty)
        self._by_area: Mapping[str, list[Duty]] = by_area

    def route(
        self,
        *,
        asset: str,
        hazard: Hazard,
        kinds: Iterable[AreaKind],
        whole_team: bool,
        channels: frozenset[str] | None = None,
    ) -> Route:
        """Whom a step calls; ``channels`` limits the addresses, None allows all."""
        upwards = self.upwards(asset)
        missed: list[Missed] = []
        callees: dict[str, Callee] = {}
        tried: set[str] = set()

        def call(area: Area) -> None:
            tried.add(area.id)
            for callee in self._owners(
                area, hazard, whole_team=whole_team, channels=channels, missed=missed
            ):
                callees.setdefault(callee.person.id, callee)

        for kind in kinds:
            areas = [area for area in upwards if area.kind is kind]
            if not areas:
                missed.append(Missed(kind.value, Gap.NO_AREA))
            for area in areas:
                call(area)
        for area in upwards:
            if callees:
                break
            if area.id not in tried:
                call(area)
        return Route(tuple(callees.values()), tuple(missed))

    def fallback(
        self,
        *,
        person: str,
        team: str,
        failed: Iterable[tuple[str, str]],
        already: Iterable[str],
        channels: frozenset[str] | None = None,
    ) -> Callee | None:
        """Another way when a call failed: the person's next address, then the next member.

        ``failed`` are the (channel, target) that did not work; ``already`` the people called.
        """
        dead = set(failed)
        called = set(already)
        chosen = self._registry.teams.get(team)
        if chosen is None:
            return None
        for member in (person, *(one for one in chosen.members if one not in called)):
            somebody = self._registry.people.get(member)
            for address in somebody.addresses if somebody else ():
                usable = channels is None or address.channel in channels
                if somebody and usable and (address.channel, address.target) not in dead:
                    return Callee(somebody, chosen, address)
        return None

    def nobody_for(self, kinds: Iterable[AreaKind]) -> list[tuple[str, Hazard]]:
        """Every (area with assets, hazard) for which a step over ``kinds`` reaches nobody."""
        wanted = tuple(kinds)
        one_of = {asset.area: asset.id for asset in self._registry.assets.values()}
        return [
            (area, hazard)
            for area, asset in one_of.items()
            for hazard in Hazard
            if not self.route(asset=asset, hazard=hazard, kinds=wanted, whole_team=True).callees
        ]

    def upwards(self, asset: str) -> list[Area]:
        """The asset's areas, smallest first; for an asset nobody knows, the city itself."""
        known = self._registry.assets.get(asset)
        if known is not None:
            return list(self._registry.upwards(known.area))
        return [area for area in self._registry.areas.values() if area.parent is None]

    def _owners(
        self,
        area: Area,
        hazard: Hazard,
        *,
        whole_team: bool,
        channels: frozenset[str] | None,
        missed: list[Missed],
    ) -> list[Callee]:
        here = self._by_area.get(area.id, [])
        for duties in (
            [duty for duty in here if duty.hazard is hazard],
            [duty for duty in here if duty.hazard is None],
        ):
            found = [
                callee
                for duty in duties
                for callee in self._members(
                    duty.team, whole_team=whole_team, channels=channels, missed=missed
                )
            ]
            if found:
                return found
        missed.append(Missed(area.id, Gap.NO_DUTY))
        return []

    def _members(
        self,
        team_id: str,
        *,
        whole_team: bool,
        channels: frozenset[str] | None,
        missed: list[Missed],
    ) -> Iterator[Callee]:
        team = self._registry.teams[team_id]
        if not team.members:
            missed.append(Missed(team.id, Gap.NO_MEMBER))
        for member in team.members:
            person = self._registry.people[member]
            usable = [
                address
                for address in person.addresses
                if channels is None or address.channel in channels
            ]
            if usable:
                yield Callee(person, team, usable[0])
                if not whole_team:
                    return
            else:
                reason = Gap.NOT_IN_EXERCISE if person.addresses else Gap.NO_ADDRESS
                missed.append(Missed(person.id, reason))
