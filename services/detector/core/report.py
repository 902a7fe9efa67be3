"""A finding becomes a risk event: reasons, evidence, likelihood, a sentence, and its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from services.detector.core import explain, risk
from services.detector.core.assets import Finding, Member
from services.detector.core.identity import event_id
from services.detector.core.limit import Confidence, Limit
from services.detector.core.profiles import Profiles
from services.detector.core.roster import Roster
from shared.domain.event import EventKind, Evidence, Reason, ReasonCode, RiskEvent
from shared.domain.level import Level
from shared.domain.registry import Registry

LIMITS_DETECTOR: Final = "limits/1"
BASELINE_DETECTOR: Final = "baseline/1"
SPOKEN_MOST: Final = 4
"""Sensors whose readings an event carries as evidence."""
REASONS_MOST: Final = 12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Trail: TypeAlias = Callable[[int, int], tuple[Sequence[int], Sequence[float]]]
"""The newest readings of a row up to a position of the batch: times and values, oldest first."""


@dataclass(frozen=True, slots=True)
class Reporter:
    registry: Registry
    profiles: Profiles

    def report(self, finding: Finding, roster: Roster, trail: Trail) -> RiskEvent:
        """The event of a finding; a raise also gives its case the name of the occurrence."""
        case = finding.case
        cleared = finding.kind is EventKind.CLEARED
        grade = finding.previous if cleared else finding.grade
        level = Level.at(grade - 1)
        previous = Level.at(finding.previous - 1) if finding.previous else None
        reasons = self._reasons(finding, roster, level)
        raised = finding.kind is EventKind.RAISED
        identity = event_id(
            kind=finding.kind,
            site=case.site,
            asset=case.asset,
            hazard=case.hazard,
            level=level,
            previous=previous,
            decided_at_us=finding.decided_at_us,
            occurrence="" if raised else case.occurrence,
            reasons=reasons,
        )
        if raised:
            case.occurrence = identity
        asset = self.registry.assets[case.asset]
        by_limit = any(reason.code is not ReasonCode.BASELINE for reason in reasons)
        return RiskEvent(
            id=identity,
            occurrence=case.occurrence,
            run=case.run,
            kind=finding.kind,
            site=case.site,
            asset=case.asset,
            hazard=case.hazard,
            level=level,
            previous=previous,
            decided_at=_moment(finding.decided_at_us),
            likelihood=self._likelihood(finding, roster),
            consequence=risk.consequence(asset),
            sentence=self._sentence(finding, roster, level),
            detector=LIMITS_DETECTOR if by_limit else BASELINE_DETECTOR,
            reasons=reasons,
            evidence=_evidence(finding, roster, trail),
        )

    def _limit(self, roster: Roster, member: Member, mask: int) -> Limit | None:
        """The worst limit of a mask; of equal ones the first of the table."""
        limits = self.profiles.limits[roster.owner(member.row)[1].profile]
        crossed = [limit for slot, limit in enumerate(limits) if mask >> slot & 1]
        return max(crossed, key=lambda limit: limit.level.rank, default=None)

    def _reasons(self, finding: Finding, roster: Roster, level: Level) -> tuple[Reason, ...]:
        reasons = [self._reason(member, roster, level) for member in finding.members[:REASONS_MOST]]
        place = roster.owner(finding.decider.row)[1]
        if finding.rule is not None:
            reasons.insert(
                0,
                Reason(
                    code=ReasonCode.COMPOUND,
                    sensor=place.sensor,
                    quantity=place.quantity,
                    level=level,
                    value=_clean(finding.decider.value),
                    limit=None,
                    source=finding.rule,
                    confidence=Confidence.PROPOSAL.value,
                ),
            )
        if finding.kind is EventKind.UNVERIFIABLE:
            reasons.insert(
                0,
                Reason(
                    code=ReasonCode.SILENCE,
                    sensor=place.sensor,
                    quantity=place.quantity,
                    level=level,
                    value=_clean(finding.decider.value),
                    limit=None,
                    source=f"not heard for {place.silent_after_us // 1_000_000} s",
                    confidence=Confidence.PROPOSAL.value,
                ),
            )
        return tuple(reasons)

    def _reason(self, member: Member, roster: Roster, level: Level) -> Reason:
        """One sensor's part; of a sensor that recovered, the value it recovered beyond."""
        place = roster.owner(member.row)[1]
        recovered = not member.shown
        limit = self._limit(roster, member, member.was_mask if recovered else member.mask)
        if limit is None:
            return Reason(
                code=ReasonCode.BASELINE,
                sensor=place.sensor,
                quantity=place.quantity,
                level=level if recovered else Level.BLUE,
                value=_clean(member.value),
                limit=None,
                source="robust level and scale of this sensor's own readings",
                confidence=Confidence.PROPOSAL.value,
            )
        return Reason(
            code=ReasonCode.LIMIT,
            sensor=place.sensor,
            quantity=place.quantity,
            level=level if recovered else limit.level,
            value=_clean(member.value),
            limit=limit.clears_at if recovered else limit.raises_at,
            source=limit.source,
            confidence=limit.confidence.value,
        )

    def _likelihood(self, finding: Finding, roster: Roster) -> float:
        if finding.kind is EventKind.CLEARED:
            return 0.0
        if finding.rule is not None:
            return risk.AGREED
        chances = [risk.of_surprise(m.score) for m in finding.members if m.surprised]
        for member in finding.members:
            limits = self.profiles.limits[roster.owner(member.row)[1].profile]
            chances += [
                risk.of_limit(limit, member.value)
                for slot, limit in enumerate(limits)
                if member.mask >> slot & 1
            ]
        return max(chances, default=0.0)

    def _sentence(self, finding: Finding, roster: Roster, level: Level) -> explain.Sentence:
        silent = finding.kind is EventKind.UNVERIFIABLE
        speaker = finding.decider if silent else finding.members[0]
        quantity = roster.owner(speaker.row)[1].quantity
        limit = self._limit(roster, speaker, speaker.mask)
        if finding.kind is EventKind.CLEARED:
            what = explain.back_to_normal(quantity, speaker.value)
        elif limit is not None:
            what = explain.against(quantity, speaker.value, limit)
        else:
            what = explain.unlike_itself(quantity, speaker.value, speaker.expected)
        site = self.registry.sites[finding.case.site]
        asset = self.registry.assets[finding.case.asset]
        place = explain.where(site, asset)
        return explain.sentence(finding.kind, place, what, level, finding.rule)


def _evidence(finding: Finding, roster: Roster, trail: Trail) -> tuple[Evidence, ...]:
    """The newest readings of the deciding sensors, the decider's always among them."""
    rows = [finding.decider.row, *(member.row for member in finding.members)]
    expected = {member.row: member.expected for member in finding.members}
    shown: list[Evidence] = []
    for row in dict.fromkeys(rows[:SPOKEN_MOST]):
        place = roster.owner(row)[1]
        times, values = trail(row, finding.position)
        band = expected.get(row)
        shown.append(
            Evidence(
                sensor=place.sensor,
                quantity=place.quantity,
                measured_at=tuple(_moment(at) for at in times),
                values=tuple(_clean(value) for value in values),
                expected_low=_clean(band[0]) if band else None,
                expected_high=_clean(band[1]) if band else None,
            )
        )
    return tuple(shown)


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def _clean(value: float) -> float:
    """Without the noise of binary and single precision; six digits are more than any sensor has."""
    return float(f"{value:.6g}")
