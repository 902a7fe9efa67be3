"""Events become alarms: everything said from one raise on, of one asset and one hazard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.evaluation.hearing import Heard
from services.evaluation.model import Alarm, Expected, FalseAlarm, Step
from shared.domain.event import RiskEvent
from shared.domain.level import Level


def alarms_of(heard: Iterable[Heard], *, start_us: int) -> tuple[Alarm, ...]:
    """The occurrences of a run in the order they were raised."""
    steps: dict[str, list[Step]] = {}
    about: dict[str, RiskEvent] = {}
    for one in heard:
        event = one.event
        about.setdefault(event.occurrence, event)
        steps.setdefault(event.occurrence, []).append(_step(one, start_us))
    return tuple(
        Alarm(name, about[name].site, about[name].asset, about[name].hazard, tuple(said))
        for name, said in steps.items()
    )


def _step(one: Heard, start_us: int) -> Step:
    event = one.event
    first = event.reasons[0] if event.reasons else None
    return Step(
        id=event.id,
        kind=event.kind,
        level=event.level,
        decided_s=round(event.decided_at.timestamp() - start_us / 1e6, 6),
        known_s=(one.known_us - start_us) / 1e6,
        likelihood=event.likelihood,
        sensor=first.sensor if first else "",
        code=first.code.value if first else "",
    )


def first_reaching(own: Iterable[Alarm], level: Level) -> tuple[Alarm, Step] | None:
    """The first of these alarms to say at least ``level``, and the event that said it.

    Of those that came with the same message, the likeliest.
    """
    reached = [(alarm, step) for alarm in own if (step := alarm.reached(level)) is not None]
    return min(reached, key=lambda pair: (pair[1].known_s, -pair[1].likelihood), default=None)


def is_early(alarm: Alarm, truth: Expected) -> bool:
    """It said the truth's colour before anybody could have known."""
    step = alarm.reached(truth.level) if truth.level is not None else None
    return step is not None and step.known_s < truth.earliest_s


def claimed(own: Iterable[Alarm], level: Level, *, until_s: float) -> float | None:
    """The highest likelihood claimed at that colour until then."""
    claims = [
        step.likelihood
        for alarm in own
        for step in alarm.steps
        if step.shows and step.level >= level and step.known_s <= until_s
    ]
    return max(claims, default=None)


def exaggerated(own: Sequence[Alarm], truth: Expected) -> str | None:
    """The colour reached beyond the worst that was right; None for none."""
    worst = max((alarm.worst for alarm in own), default=None)
    if worst is None or truth.level_max is None or worst <= truth.level_max:
        return None
    return worst.value


def false_alarm(alarm: Alarm, cause: str) -> FalseAlarm:
    """An alarm nothing explains, as it is listed."""
    return FalseAlarm(
        asset=alarm.asset,
        hazard=alarm.hazard.value,
        level=alarm.worst.value,
        at_s=alarm.raised_s,
        sensor=alarm.steps[0].sensor,
        code=alarm.steps[0].code,
        likelihood=alarm.likelihood,
        cause=cause,
    )
