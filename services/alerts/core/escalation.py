"""What may become of an incident: a pure state machine.

Rule 1: ``MOVES`` lists every way an incident can change. A pair that is not listed is an illegal
move, and an illegal move changes nothing.

Rule 2: nothing here reads a clock, sends a message or touches a row. What must be done comes back
as effects.

Rule 3: while somebody should be called, ``next_deadline`` is set (see ``ladder.py``).
"""

# ruff: noqa: ARG001 - every move has the same shape, whether or not it asks what time it is

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from services.alerts.core.happenings import (
    Acknowledged,
    Cleared,
    DeliveryFailed,
    Happening,
    Resolved,
    Shown,
    StandDown,
    TimePassed,
    Unverifiable,
)
from services.alerts.core.ladder import Outcome, climb, new_round, remind
from services.alerts.core.policy import Policy
from shared.domain.event import EventKind, RiskEvent
from shared.domain.incident import Incident, Phase, Why
from shared.errors import IllegalMove

SPARK_POINTS_MAX: Final = 40

Move: TypeAlias = Callable[[Incident, Any, datetime, Policy], Outcome]


def advance(incident: Incident, happening: Happening, *, now: datetime, policy: Policy) -> Outcome:
    """The incident after ``happening``, and everything that must be done because of it.

    Raises IllegalMove, with the incident unchanged, for a move that ``MOVES`` does not list and
    for a person who acts on a version older than the newest rise.
    """
    move = MOVES.get((incident.phase, type(happening)))
    if move is None:
        raise IllegalMove(
            f"incident {incident.id} is {incident.phase}, it cannot be "
            f"{type(happening).__name__.lower()} any more"
        )
    after, effects = move(incident, happening, now, policy)
    if after != incident:
        version = incident.version + 1
        begun = after.round != incident.round
        after = replace(
            after,
            version=version,
            changed_at=now,
            round_version=version if begun else after.round_version,
        )
    return after, effects


# --- data ----------------------------------------------------------------------------------------


def _shown_while_calling(
    incident: Incident, shown: Shown, now: datetime, policy: Policy
) -> Outcome:
    after = _seen(incident, shown.event, present=True)
    if after.level > incident.round_level:
        return new_round(after, Why.RAISED, now, policy)
    return after, ()


def _shown_while_acknowledged(
    incident: Incident, shown: Shown, now: datetime, policy: Policy
) -> Outcome:
    """An acknowledgement stands for the level it was given at, not for what comes after."""
    after = _seen(incident, shown.event, present=True)
    if shown.event.kind is EventKind.RAISED:
        return new_round(after, Why.REOPENED, now, policy)
    if incident.acknowledged_level is None or after.level > incident.acknowledged_level:
        return new_round(after, Why.RAISED, now, policy)
    return after, ()


def _shown_after_return(incident: Incident, shown: Shown, now: datetime, policy: Policy) -> Outcome:
    return new_round(_seen(incident, shown.event, present=True), Why.REOPENED, now, policy)


def _returned(incident: Incident, cleared: Cleared, now: datetime, policy: Policy) -> Outcome:
    """Over by the data; calls stop, and a person has still to close it."""
    after = replace(
        _seen(incident, cleared.event, present=False), phase=Phase.RETURNED, next_deadline=None
    )
    return after, (StandDown(Why.RETURNED),)


def _cleared_again(incident: Incident, cleared: Cleared, now: datetime, policy: Policy) -> Outcome:
    return _seen(incident, cleared.event, present=False), ()


def _blinded(incident: Incident, lost: Unverifiable, now: datetime, policy: Policy) -> Outcome:
    """Lost sight is no all-clear: everything goes on as it was, marked."""
    event = lost.event
    return replace(
        incident,
        verified=False,
        decided_at=max(incident.decided_at, event.decided_at),
        sentence=event.sentence,
    ), ()


def _after_the_end(
    incident: Incident, data: Shown | Cleared | Unverifiable, now: datetime, policy: Policy
) -> Outcome:
    """A closed incident remembers what the data went on to say; a rise opens a new one."""
    gone = isinstance(data, Cleared)
    return replace(incident, present=incident.present and not gone), ()


# --- people --------------------------------------------------------------------------------------


def _acknowledge(incident: Incident, ack: Acknowledged, now: datetime, policy: Policy) -> Outcome:
    _must_have_seen(incident, ack.version)
    after = replace(
        incident,
        phase=Phase.ACKNOWLEDGED,
        next_deadline=None,
        acknowledged_by=ack.by,
        acknowledged_at=now,
        acknowledged_level=incident.level,
    )
    return after, (StandDown(Why.ACKNOWLEDGED, ack.by),)


def _take_over(incident: Incident, ack: Acknowledged, now: datetime, policy: Policy) -> Outcome:
    """The same person twice is once; another person takes it over."""
    _must_have_seen(incident, ack.version)
    if ack.by == incident.acknowledged_by:
        return incident, ()
    return replace(
        incident,
        acknowledged_by=ack.by,
        acknowledged_at=now,
        acknowledged_level=max(incident.level, incident.acknowledged_level or incident.level),
    ), ()


def _look_into(incident: Incident, ack: Acknowledged, now: datetime, policy: Policy) -> Outcome:
    """Over by the data and now somebody looks; closing it is still to come."""
    _must_have_seen(incident, ack.version)
    if ack.by == incident.acknowledged_by:
        return incident, ()
    return replace(
        incident, acknowledged_by=ack.by, acknowledged_at=now, acknowledged_level=incident.level
    ), ()


def _resolve(incident: Incident, act: Resolved, now: datetime, policy: Policy) -> Outcome:
    _must_have_seen(incident, act.version)
    after = replace(
        incident,
        phase=Phase.RESOLVED,
        next_deadline=None,
        resolved_by=act.by,
        resolved_at=now,
        resolution=act.reason,
    )
    return after, (StandDown(Why.RESOLVED, act.by),)


# --- time and deliveries -------------------------------------------------------------------------


def _lost(incident: Incident, lost: DeliveryFailed, now: datetime, policy: Policy) -> Outcome:
    """When a whole step cannot be reached there is nobody to be patient with."""
    newest = lost.round == incident.round and lost.step == incident.called - 1
    if not (newest and lost.step_lost):
        return incident, ()
    return climb(replace(incident, next_deadline=now), now, policy)


def _climb(incident: Incident, _: TimePassed, now: datetime, policy: Policy) -> Outcome:
    return climb(incident, now, policy)


def _remind(incident: Incident, _: TimePassed, now: datetime, policy: Policy) -> Outcome:
    return remind(incident, now, policy)


def _stay(incident: Incident, _: Happening, now: datetime, policy: Policy) -> Outcome:
    return incident, ()


# --- what the moves share ------------------------------------------------------------------------


def _seen(incident: Incident, event: RiskEvent, *, present: bool) -> Incident:
    return replace(
        incident,
        level=event.level,
        worst_level=max(incident.worst_level, event.level),
        present=present,
        verified=True,
        decided_at=max(incident.decided_at, event.decided_at),
        sentence=event.sentence,
        spark=spark_of(event) or incident.spark,
    )


def _must_have_seen(incident: Incident, version: int | None) -> None:
    if version is not None and version < incident.round_version:
        raise IllegalMove(
            f"incident {incident.id} has become {incident.level.value} since version {version}; "
            f"look at version {incident.version} first"
        )


def spark_of(event: RiskEvent) -> tuple[float, ...]:
    """The newest values of the sensor that decided it, oldest first; empty without evidence."""
    if not event.evidence:
        return ()
    deciding = event.reasons[0].sensor if event.reasons else event.evidence[0].sensor
    chosen = next((one for one in event.evidence if one.sensor == deciding), event.evidence[0])
    return chosen.values[-SPARK_POINTS_MAX:]


MOVES: Final[dict[tuple[Phase, type[Any]], Move]] = {
    (Phase.CALLING, TimePassed): _climb,
    (Phase.CALLING, Shown): _shown_while_calling,
    (Phase.CALLING, Cleared): _returned,
    (Phase.CALLING, Unverifiable): _blinded,
    (Phase.CALLING, Acknowledged): _acknowledge,
    (Phase.CALLING, Resolved): _resolve,
    (Phase.CALLING, DeliveryFailed): _lost,
    (Phase.UNANSWERED, TimePassed): _remind,
    (Phase.UNANSWERED, Shown): _shown_while_calling,
    (Phase.UNANSWERED, Cleared): _returned,
    (Phase.UNANSWERED, Unverifiable): _blinded,
    (Phase.UNANSWERED, Acknowledged): _acknowledge,
    (Phase.UNANSWERED, Resolved): _resolve,
    (Phase.UNANSWERED, DeliveryFailed): _stay,
    (Phase.ACKNOWLEDGED, TimePassed): _stay,
    (Phase.ACKNOWLEDGED, Shown): _shown_while_acknowledged,
    (Phase.ACKNOWLEDGED, Cleared): _returned,
    (Phase.ACKNOWLEDGED, Unverifiable): _blinded,
    (Phase.ACKNOWLEDGED, Acknowledged): _take_over,
    (Phase.ACKNOWLEDGED, Resolved): _resolve,
    (Phase.ACKNOWLEDGED, DeliveryFailed): _stay,
    (Phase.RETURNED, TimePassed): _stay,
    (Phase.RETURNED, Shown): _shown_after_return,
    # The bus delivers at least once, so the end of a hazard may be announced twice.
    (Phase.RETURNED, Cleared): _cleared_again,
    (Phase.RETURNED, Unverifiable): _blinded,
    (Phase.RETURNED, Acknowledged): _look_into,
    (Phase.RETURNED, Resolved): _resolve,
    (Phase.RETURNED, DeliveryFailed): _stay,
    (Phase.RESOLVED, TimePassed): _stay,
    (Phase.RESOLVED, Shown): _after_the_end,
    (Phase.RESOLVED, Cleared): _after_the_end,
    (Phase.RESOLVED, Unverifiable): _after_the_end,
    (Phase.RESOLVED, DeliveryFailed): _stay,
}
