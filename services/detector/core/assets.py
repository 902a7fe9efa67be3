"""From sensors that changed their grade to what is said of an asset.

Law 1: everything here happens in the order of the readings on the bus, so the same input says the
same in whatever portions it comes.

Law 2: only a reading clears. A sensor in alarm that is not heard while its site's time goes on
makes the case unverifiable; its level stays until the sensor is heard again.

A site's time is the newest ``measured_at`` of its readings. Silence is how far that moved since
the sensor was last heard, not the difference of their clocks, so a device whose clock is ahead
silences nobody. A site of which nothing is heard has no time, and cannot fall silent here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from services.detector.core.bank import NEVER
from services.detector.core.compound import CALM, judge
from services.detector.core.roster import Roster
from shared.domain.event import EventKind
from shared.domain.hazard import Hazard
from shared.domain.place import Site, SiteKind
from shared.domain.quantity import Quantity


@dataclass(slots=True)
class Member:
    """A sensor in alarm, as it was when its grade last changed."""

    row: int
    grade: int
    """Of its limits: 0 for none, else 1 + rank."""
    mask: int
    surprised: bool
    at_us: int
    value: float
    score: float
    expected: tuple[float, float] | None
    """What the baseline holds for usual; None without an opinion."""
    heard_us: int = NEVER
    """The site's time when it was last heard."""
    lost: bool = False
    was_mask: int = 0
    """The limits it had crossed before."""

    @property
    def shown(self) -> int:
        return max(self.grade, int(self.surprised))


@dataclass(slots=True)
class Case:
    """An asset in trouble of one kind, in one run."""

    run: str
    site: str
    asset: str
    hazard: Hazard
    members: dict[int, Member] = field(default_factory=dict)
    grade: int = CALM
    occurrence: str = ""
    unverifiable: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be said; the members are as they were then."""

    kind: EventKind
    case: Case
    grade: int
    previous: int
    decided_at_us: int
    position: int
    """Of the deciding reading in its batch."""
    members: tuple[Member, ...]
    """Worst first, the deciding one before its equals."""
    decider: Member
    rule: str | None


@dataclass(slots=True)
class Cases:
    """Every case of one partition, and what the rules need to know besides."""

    sites: dict[str, Site]
    open: dict[tuple[str, str], dict[tuple[str, Hazard], Case]] = field(default_factory=dict)
    """By (run, site), then by (asset, hazard)."""
    time_us: dict[tuple[str, str], int] = field(default_factory=dict)
    """Each (run, site)'s own time."""
    stopped: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """Rows of fans that stand still, by (run, site)."""

    def change(self, roster: Roster, member: Member, position: int) -> Iterator[Finding]:
        """A sensor changed its grade."""
        run, place = roster.owner(member.row)
        site = place.asset.site
        if place.hazard is None:
            fans = self.stopped.setdefault((run, site), set())
            (fans.add if member.grade else fans.discard)(member.row)
            for case in self._at(run, site):
                if case.hazard is Hazard.GAS:
                    yield from self._rejudge(roster, case, member, position)
            return
        fresh = Case(run=run, site=site, asset=place.asset.id, hazard=place.hazard)
        here = self.open.setdefault((run, site), {})
        case = here.setdefault((place.asset.id, place.hazard), fresh)
        known = case.members.pop(member.row, None)
        if known is not None:
            member.heard_us, member.was_mask = known.heard_us, known.mask
        if member.shown:
            case.members[member.row] = member
        yield from self._rejudge(roster, case, member, position)

    def pass_time(
        self,
        roster: Roster,
        run: str,
        site: str,
        *,
        until_us: int,
        heard: Collection[int],
        position: int,
    ) -> Iterator[Finding]:
        """The end of one record: the site's time is at least ``until_us``, ``heard`` were heard."""
        now = max(self.time_us.get((run, site), NEVER), until_us)
        self.time_us[(run, site)] = now
        for case in self._at(run, site):
            for member in case.members.values():
                if member.row in heard:
                    member.heard_us, member.lost = now, False
                elif now - member.heard_us > roster.owner(member.row)[1].silent_after_us:
                    member.lost = True
            rest, _ = self._judge(roster, case, heard_only=True)
            unverifiable = rest < case.grade
            if unverifiable != case.unverifiable:
                case.unverifiable = unverifiable
                kind = EventKind.UNVERIFIABLE if unverifiable else EventKind.CHANGED
                speaker = _speaker(case, unverifiable=unverifiable)
                yield _finding(case, kind, speaker, grade=case.grade, at_us=now, position=position)

    def cases(self) -> Iterator[Case]:
        """Every open case, in the order of sites and of their becoming open."""
        for here in self.open.values():
            yield from here.values()

    def alarmed(self) -> list[int]:
        """Rows of every sensor in alarm."""
        return [row for case in self.cases() for row in case.members]

    def let_go(self, roster: Roster, rows: Collection[int]) -> list[Case]:
        """Drop sensors that the registry no longer has; returns the cases that ended with them."""
        ended = []
        for case in list(self.cases()):
            if not case.members.keys().isdisjoint(rows):
                case.members = {r: one for r, one in case.members.items() if r not in rows}
                case.grade, _ = self._judge(roster, case, heard_only=False)
                if not case.members:
                    self._close(case)
                    ended.append(case)
        for fans in self.stopped.values():
            fans.difference_update(rows)
        return ended

    def forget(self, run: str) -> None:
        """Drop everything of an evicted run, without a word: nobody may call that a clear."""
        self.open = {key: here for key, here in self.open.items() if key[0] != run}
        self.time_us = {key: at for key, at in self.time_us.items() if key[0] != run}
        self.stopped = {key: fans for key, fans in self.stopped.items() if key[0] != run}

    def _at(self, run: str, site: str) -> list[Case]:
        return list(self.open.get((run, site), {}).values())

    def _close(self, case: Case) -> None:
        here = self.open[(case.run, case.site)]
        del here[(case.asset, case.hazard)]
        if not here:
            del self.open[(case.run, case.site)]

    def _judge(self, roster: Roster, case: Case, *, heard_only: bool) -> tuple[int, str | None]:
        still = bool(self.stopped.get((case.run, case.site)))
        shown: list[tuple[Quantity, int]] = [
            (roster.owner(member.row)[1].quantity, member.shown)
            for member in case.members.values()
            if not (heard_only and member.lost)
        ]
        tunnel = self.sites[case.site].kind is SiteKind.TUNNEL
        return judge(case.hazard, shown, air_stands=still and tunnel)

    def _rejudge(
        self, roster: Roster, case: Case, decider: Member, position: int
    ) -> Iterator[Finding]:
        grade, rule = self._judge(roster, case, heard_only=False)
        if grade == case.grade:
            if not case.members and grade == CALM:
                self._close(case)
            return
        if case.grade == CALM:
            kind = EventKind.RAISED
        elif grade == CALM:
            kind = EventKind.CLEARED
            self._close(case)
        else:
            kind = EventKind.CHANGED
        moment = decider.at_us
        yield _finding(case, kind, decider, grade=grade, at_us=moment, position=position, rule=rule)


def _finding(
    case: Case,
    kind: EventKind,
    by: Member,
    *,
    grade: int,
    at_us: int,
    position: int,
    rule: str | None = None,
) -> Finding:
    previous, case.grade = case.grade, grade
    members = sorted(
        {**case.members, by.row: by}.values()
        if kind is EventKind.CLEARED
        else case.members.values(),
        key=lambda member: (-member.shown, member.row != by.row, member.row),
    )
    return Finding(
        kind=kind,
        case=case,
        grade=grade,
        previous=previous,
        decided_at_us=at_us,
        position=position,
        members=tuple(members),
        decider=by,
        rule=rule,
    )


def _speaker(case: Case, *, unverifiable: bool) -> Member:
    """Who a silence or its end is told of: the worst sensor that is lost, or is not any more."""
    candidates = [member for member in case.members.values() if member.lost == unverifiable]
    return max(candidates, key=lambda member: (member.shown, -member.row))
