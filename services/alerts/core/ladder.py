"""How far a ladder was climbed at a given moment.

How often we look never changes what we do: however late a look comes, every step whose hour has
come is called once and the incident ends in the same state. Only reminders that nobody could have
been given in time are not given afterwards: the newest stands for all that were missed. So the
work of one look is bounded by the ladder's length, also after a week of sleep.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from services.alerts.core.happenings import Effect, Exhausted, Notify
from services.alerts.core.policy import Policy
from shared.domain.incident import Incident, Phase, Why

Outcome: TypeAlias = tuple[Incident, tuple[Effect, ...]]


def climb(incident: Incident, now: datetime, policy: Policy) -> Outcome:
    """Call every step whose hour has come, however late we notice."""
    ladder = policy.ladder(incident.round_level)
    effects: list[Effect] = []
    called, due = incident.called, _deadline(incident)
    while called < len(ladder.steps) and due <= now:
        step = ladder.steps[called]
        why = incident.round_why if called == 0 else Why.CLIMBED
        effects.append(
            Notify(incident.round, called, step.areas, incident.round_level, why, step.whole_team)
        )
        due += step.patience
        called += 1
    after = replace(incident, called=called, next_deadline=due)
    if due > now:
        return after, tuple(effects)
    effects.append(Exhausted(incident.round))
    after, reminders = remind(replace(after, phase=Phase.UNANSWERED), now, policy)
    return after, (*effects, *reminders)


def remind(incident: Incident, now: datetime, policy: Policy) -> Outcome:
    """Call the top step again; one reminder stands for all that came due since the last look."""
    due = _deadline(incident)
    if due > now:
        return incident, ()
    ladder = policy.ladder(incident.round_level)
    newest = (now - due) // ladder.repeat
    number = incident.reminders + newest + 1
    top = ladder.steps[-1]
    after = replace(incident, reminders=number, next_deadline=due + (newest + 1) * ladder.repeat)
    effect = Notify(
        incident.round,
        len(ladder.steps) - 1,
        top.areas,
        incident.round_level,
        Why.REMINDER,
        top.whole_team,
        number,
    )
    return after, (effect,)


def _deadline(incident: Incident) -> datetime:
    if incident.next_deadline is None:
        raise AssertionError(f"incident {incident.id} is {incident.phase} without a deadline")
    return incident.next_deadline


def new_round(incident: Incident, why: Why, now: datetime, policy: Policy) -> Outcome:
    """Begin at the foot of the ladder of the level that is; who answered before is asked anew."""
    fresh = replace(
        incident,
        phase=Phase.CALLING,
        round=incident.round + 1,
        round_level=incident.level,
        round_why=why,
        called=0,
        reminders=0,
        next_deadline=now,
        acknowledged_by=None,
        acknowledged_at=None,
        acknowledged_level=None,
    )
    return climb(fresh, now, policy)
