"""From effects to messages owed: who exactly, on which channel, in which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.alerts.core import messages
from services.alerts.core.duty import Callee, DutyBook, Missed
from services.alerts.core.happenings import Effect, Exhausted, Notify, StandDown
from shared.domain.incident import Incident, Notification, Receipt, Why
from shared.domain.registry import Registry


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan needs to know beside the incident."""

    registry: Registry
    duties: DutyBook
    exercise_channels: frozenset[str]
    give_up: timedelta
    """How long a message is worth sending."""
    base_url: str = ""

    def channels(self, incident: Incident) -> frozenset[str] | None:
        """The channels this incident's messages may go to; None allows all."""
        return self.exercise_channels if incident.exercise else None


@dataclass(frozen=True, slots=True)
class Called:
    """One step's call as it came out."""

    notify: Notify
    callees: tuple[Callee, ...]
    missed: tuple[Missed, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    owed: tuple[Notification, ...]
    called: tuple[Called, ...]
    withdraw: bool
    """Calls not yet sent are not worth sending any more."""

    @property
    def unrouted(self) -> bool:
        """A step of this plan reaches nobody at all."""
        return any(not called.callees for called in self.called)


def plan(
    incident: Incident,
    effects: Iterable[Effect],
    *,
    told: Sequence[Notification],
    now: datetime,
    rules: Rules,
) -> Plan:
    """The messages ``effects`` ask for; ``told`` is every earlier message of the incident."""
    owed: list[Notification] = []
    called: list[Called] = []
    withdraw = False
    for effect in effects:
        if isinstance(effect, Notify):
            outcome = _routed(incident, effect, rules)
            called.append(outcome)
            owed += [
                notification(incident, effect.why, callee, now=now, rules=rules,
                             step=effect.step, reminder=effect.reminder)
                for callee in outcome.callees
            ]  # fmt: skip
        elif isinstance(effect, StandDown):
            withdraw = True
            owed += _stood_down(incident, effect, told, now=now, rules=rules)
        else:
            assert isinstance(effect, Exhausted)
    return Plan(tuple(owed), tuple(called), withdraw)


def notification(
    incident: Incident,
    why: Why,
    callee: Callee,
    *,
    now: datetime,
    rules: Rules,
    step: int,
    reminder: int = 0,
) -> Notification:
    """One call to one person on one address."""
    address = callee.address
    key = "/".join(
        (incident.id, str(incident.round), str(step), str(reminder), callee.person.id,
         address.channel, address.target)
    )  # fmt: skip
    link = f"{rules.base_url.rstrip('/')}/#{incident.id}" if rules.base_url else ""
    return Notification(
        key=key,
        incident=incident.id,
        run=incident.run,
        why=why,
        level=incident.level,
        round=incident.round,
        step=step,
        reminder=reminder,
        person=callee.person.id,
        name=callee.person.name,
        team=callee.team.id,
        channel=address.channel,
        target=address.target,
        text=messages.call(incident, why, rules.registry, link=link),
        language=callee.person.language,
        owed_at=now,
        deadline=now + rules.give_up,
    )


def _routed(incident: Incident, effect: Notify, rules: Rules) -> Called:
    route = rules.duties.route(
        asset=incident.asset,
        hazard=incident.hazard,
        kinds=effect.areas,
        whole_team=effect.whole_team,
        channels=rules.channels(incident),
    )
    return Called(effect, route.callees, route.missed)


def _stood_down(
    incident: Incident,
    effect: StandDown,
    told: Sequence[Notification],
    *,
    now: datetime,
    rules: Rules,
) -> list[Notification]:
    """Whoever may have been called is told, on the address that worked, except who did it."""
    last: dict[str, Notification] = {}
    for earlier in told:
        reached = earlier.state is Receipt.SENT or (
            earlier.state is Receipt.OWED and earlier.attempts > 0
        )
        if reached and earlier.why.asks and effect.by not in {earlier.person, earlier.name}:
            last[earlier.person] = earlier
    text = messages.stand_down(incident, effect.why, effect.by, rules.registry)
    return [
        Notification(
            key=f"{incident.id}/v{incident.version}/{effect.why}/{earlier.person}",
            incident=incident.id,
            run=incident.run,
            why=effect.why,
            level=incident.level,
            round=incident.round,
            step=earlier.step,
            person=earlier.person,
            name=earlier.name,
            team=earlier.team,
            channel=earlier.channel,
            target=earlier.target,
            text=text,
            language=earlier.language,
            owed_at=now,
            deadline=now + rules.give_up,
        )
        for earlier in last.values()
    ]


def other_way(
    incident: Incident, failed: Notification, told: Sequence[Notification], rules: Rules
) -> Callee | None:
    """Another address or another member for a call that was written off; None if there is none."""
    same_step = [one for one in told if _same_call(one, failed)]
    dead = {(one.channel, one.target) for one in same_step if one.state is Receipt.WRITTEN_OFF} | {
        (failed.channel, failed.target)
    }
    return rules.duties.fallback(
        person=failed.person,
        team=failed.team,
        failed=dead,
        already={one.person for one in same_step},
        channels=rules.channels(incident),
    )


def step_lost(failed: Notification, told: Sequence[Notification]) -> bool:
    """Nobody of the failed call's step was reached or is still being tried."""
    return not any(
        one.key != failed.key
        and (one.round, one.step) == (failed.round, failed.step)
        and one.why.asks
        and one.state in {Receipt.SENT, Receipt.OWED}
        for one in told
    )


def _same_call(one: Notification, other: Notification) -> bool:
    return (one.round, one.step, one.reminder) == (other.round, other.step, other.reminder)
