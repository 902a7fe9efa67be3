"""One decision, saved whole: the incident, what it owes, its place in the feed, and the reason.

Everything that moves an incident goes through here: events, deadlines, people, failed deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.alerts.core.cards import Card, card
from services.alerts.core.escalation import advance
from services.alerts.core.happenings import (
    Acknowledged,
    Cleared,
    Effect,
    Happening,
    Resolved,
    Shown,
    Unverifiable,
    arrived,
)
from services.alerts.core.narrative import TOCSIN, story
from services.alerts.core.opening import receive
from services.alerts.core.plan import Plan, Rules, plan
from services.alerts.core.policy import Policy
from services.alerts.ports import Decision, Work
from shared.domain.event import RiskEvent
from shared.domain.incident import Incident
from shared.logs import log


@dataclass(frozen=True, slots=True)
class Desk:
    policy: Policy
    rules: Rules
    unrouted: set[str] = field(default_factory=set)
    """Incidents that call and whose newest step found nobody to call."""

    async def receive(self, work: Work, event: RiskEvent, *, now: datetime) -> Incident | None:
        """Apply an event that was not applied before; None when it concerns no incident."""
        latest = await work.latest(event.run, event.asset, event.hazard)
        outcome = receive(latest, event, now=now, policy=self.policy)
        if outcome is None:
            await work.record(event, incident=None, received_at=now)
            return None
        after, effects = outcome
        before = latest if latest is not None and latest.id == after.id else None
        await self._save(work, before, arrived(event), after, effects, now=now)
        await work.record(event, incident=after.id, received_at=now)
        return after

    async def advance(
        self, work: Work, before: Incident, happening: Happening, *, now: datetime
    ) -> Incident:
        """Move an incident; raises IllegalMove, and then nothing is saved."""
        after, effects = advance(before, happening, now=now, policy=self.policy)
        if after != before or effects:
            await self._save(work, before, happening, after, effects, now=now)
        return after

    async def hear(
        self, work: Work, before: Incident, happening: Happening, *, now: datetime
    ) -> Incident:
        """As ``advance``, and its line enters the timeline even if nothing moves."""
        after, effects = advance(before, happening, now=now, policy=self.policy)
        await self._save(work, before, happening, after, effects, now=now)
        return after

    async def refresh(self, work: Work, incident: Incident, *, now: datetime) -> Card:
        """Put the incident's card onto the feed as it is now."""
        told = await work.told(incident.id)
        fresh = card(
            incident,
            sequence=work.next_sequence(),
            told=told,
            registry=self.rules.registry,
            policy=self.policy,
        )
        await work.show(fresh, now=now)
        return fresh

    async def _save(
        self,
        work: Work,
        before: Incident | None,
        happening: Happening,
        after: Incident,
        effects: tuple[Effect, ...],
        *,
        now: datetime,
    ) -> None:
        told = await work.told(after.id) if before is not None and effects else ()
        planned = plan(after, effects, told=told, now=now, rules=self.rules)
        await work.save(after)
        if planned.withdraw:
            await work.withdraw(after.id, now=now)
        await work.owe(planned.owed)
        await work.tell(after.id, story(before, happening, after, effects, planned, now=now))
        await work.decide(self._decision(before, happening, after, effects, planned, now=now))
        await self.refresh(work, after, now=now)
        self._watch(after, planned)
        _report(after, happening, planned)

    def _watch(self, after: Incident, planned: Plan) -> None:
        if planned.unrouted:
            self.unrouted.add(after.id)
        elif planned.called or after.next_deadline is None:
            self.unrouted.discard(after.id)

    def _decision(
        self,
        before: Incident | None,
        happening: Happening,
        after: Incident,
        effects: tuple[Effect, ...],
        planned: Plan,
        *,
        now: datetime,
    ) -> Decision:
        by, event = TOCSIN, None
        if isinstance(happening, Acknowledged | Resolved):
            by = happening.by
        elif isinstance(happening, Shown | Cleared | Unverifiable):
            event = happening.event.id
        return Decision(
            incident=after.id,
            run=after.run,
            at=now,
            happening=type(happening).__name__.lower(),
            by=by,
            event=event,
            phase_before=before.phase if before is not None else None,
            phase=after.phase,
            level=after.level,
            version=after.version,
            effects=tuple(repr(effect) for effect in effects),
            owed=tuple(one.key for one in planned.owed),
            policy=self.policy.version,
        )


def _report(after: Incident, happening: Happening, planned: Plan) -> None:
    log("alerts").info(
        "incident.moved",
        incident=after.id,
        run=after.run,
        asset=after.asset,
        hazard=after.hazard,
        level=after.level.value,
        phase=after.phase,
        because=type(happening).__name__.lower(),
        owed=len(planned.owed),
    )
    for called in planned.called:
        if not called.callees:
            log("alerts").error(
                "incident.nobody-to-call",
                incident=after.id,
                asset=after.asset,
                hazard=after.hazard,
                level=after.level.value,
                step=called.notify.step,
                reasons=[f"{gap.thing}: {gap.reason}" for gap in called.missed],
            )
