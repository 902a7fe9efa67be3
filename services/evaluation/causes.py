"""Why something that ought to have been called in time was not, in words an engineer can act on.

Each cause begins with a fixed phrase, so that misses of one kind can be counted together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.detector.core.baseline import WARMUP
from services.detector.core.limit import Limit, Sense
from services.evaluation.model import Alarm, Expected
from services.evaluation.scene import Scene, Shown, beyond, longest_beyond_s
from shared.domain.level import Level
from shared.domain.quantity import CANONICAL_UNIT

LATE: Final = "too late"
LOWER: Final = "only"
NO_DETECTOR: Final = "no detector yet"
NO_SENSOR: Final = "no sensor"
SILENT: Final = "not heard"
SUPPRESSED: Final = "suppressed"
ELSEWHERE: Final = "called as something else"
TOO_SHORT: Final = "too short"
WARM_UP: Final = "warm-up"
NEVER: Final = "never reached a limit"
CONFUSED: Final = "called without need"


def kind_of(cause: str) -> str:
    """The fixed phrase a cause begins with."""
    return cause.split(":", 1)[0].split(";", 1)[0]


def of_lateness(by_s: float) -> str:
    return f"{LATE}: by {by_s:.0f} s"


def of_sensor_fault(taken_for: Sequence[Alarm], *, since_s: float) -> str:
    """Why a lying sensor was not called one."""
    what = "nothing tells a sensor that lies from one that does not"
    return f"{NO_DETECTOR}: {what}{_confused(taken_for, since_s)}"


def of_confusion(taken_for: Sequence[Alarm]) -> str:
    """Nothing to call, and what it was called."""
    return f"{CONFUSED}{_confused(taken_for, 0.0)}"


def _confused(alarms: Sequence[Alarm], since_s: float) -> str:
    if not alarms:
        return ""
    first = min(alarms, key=lambda alarm: alarm.raised_s)
    when = f"after {first.raised_s - since_s:.0f} s"
    return f"; it was taken for {first.hazard.value} at {first.asset} {when}"


@dataclass(frozen=True, slots=True)
class _Case:
    expected: Expected
    level: Level
    own: Sequence[Alarm]
    others: Sequence[Alarm]
    every: Sequence[Shown]
    meanwhile: Sequence[Shown]
    """The same sensors, only while it was to be noticed."""

    @property
    def gap(self) -> str:
        return _too_short(self.meanwhile, self.level) or _gap(self)


def of_miss(expected: Expected, own: Sequence[Alarm], others: Sequence[Alarm], scene: Scene) -> str:
    """Why ``expected`` never reached its colour.

    ``own`` are the alarms that belong to it, ``others`` every other alarm beside it.
    """
    assert expected.level is not None
    every = list(scene.watchers(expected))
    meanwhile = [one.between(expected.from_s, expected.latest_s) for one in every]
    case = _Case(expected, expected.level, own, others, every, meanwhile)
    found = (words for check in _CHECKS if (words := check(case)))
    return next(found, f"{NEVER}: {case.gap}")


def _only_lower(case: _Case) -> str:
    if not case.own:
        return ""
    worst = max(alarm.worst for alarm in case.own)
    return f"{LOWER} {worst.value}: {case.level.value} was asked for; {case.gap}"


def _nobody_there(case: _Case) -> str:
    return "" if case.every else f"{NO_SENSOR}: of {case.expected.what} at {case.expected.at}"


def _not_heard(case: _Case) -> str:
    if any(one.times_s.size for one in case.meanwhile):
        return ""
    return f"{SILENT}: no reading of {case.expected.at} arrived while it happened"


def _suppressed(case: _Case) -> str:
    for alarm in case.others:
        if alarm.hazard is case.expected.hazard and alarm.raised_s < case.expected.from_s:
            since = f"falsely, since {alarm.raised_s:.0f} s"
            return f"{SUPPRESSED}: {alarm.asset} was already in alarm, {since}"
    return ""


def _elsewhere(case: _Case) -> str:
    for alarm in case.others:
        if alarm.hazard is not case.expected.hazard and alarm.raised_s >= case.expected.from_s:
            return f"{ELSEWHERE}: {alarm.hazard.value} at {alarm.asset}; {case.gap}"
    return ""


def _short(case: _Case) -> str:
    words = _too_short(case.meanwhile, case.level)
    return words and f"{TOO_SHORT}: {words}"


def _deaf(case: _Case) -> str:
    if any(one.limits or one.speaks for one in case.every):
        return ""
    names = ", ".join(sorted({one.sensor.quantity.value for one in case.every}))
    return f"{NO_DETECTOR}: {names} has neither limits nor habits of which a breach is an alarm"


def _warm(case: _Case) -> str:
    taught = max(int((one.times_s < case.expected.from_s).sum()) for one in case.every)
    if taught >= WARMUP:
        return ""
    return f"{WARM_UP}: {taught} of {WARMUP} readings before it began; {case.gap}"


_CHECKS: Final = (
    _only_lower,
    _nobody_there,
    _not_heard,
    _suppressed,
    _elsewhere,
    _short,
    _deaf,
    _warm,
)
"""In this order; the first that has something to say is the cause."""


def _gap(case: _Case) -> str:
    """How far the sensor that went farthest went towards a limit of that colour."""
    farthest = max(_ways(case), default=None)
    if farthest is None:
        return f"no limit of {case.level.value} is set for what is measured there"
    _, words = farthest
    return words


def _ways(case: _Case) -> Iterator[tuple[float, str]]:
    """The share of the way from usual to each limit that was gone, and in words."""
    for whole, one in zip(case.every, case.meanwhile, strict=True):
        if not one.values.size:
            continue
        before = whole.values[whole.times_s < case.expected.from_s]
        usual = float(np.median(before)) if before.size else float(one.values[0])
        unit = CANONICAL_UNIT[one.sensor.quantity]
        for limit in _of_level(one, case.level):
            above = limit.sense is Sense.ABOVE
            worst = float(one.values.max() if above else one.values.min())
            verb, side = ("rose", "from") if above else ("fell", "below")
            begins = f"{limit.level.value} begins {side} {limit.raises_at:.4g}"
            words = f"{one.sensor.id} {verb} to {worst:.4g} {unit}, {begins}"
            yield (worst - usual) / ((limit.raises_at - usual) or 1.0), words


def _too_short(shown: Sequence[Shown], level: Level) -> str:
    """A limit that was passed for less time than it asks for; empty for none."""
    for one in shown:
        for limit in _of_level(one, level):
            lasted_s = longest_beyond_s(one, limit)
            if beyond(one.values, limit).any() and lasted_s < limit.on_after_s:
                return (
                    f"{one.sensor.id} was beyond {limit.raises_at:.4g} for {lasted_s:.0f} s, "
                    f"{limit.level.value} asks for {limit.on_after_s:.0f} s"
                )
    return ""


def _of_level(shown: Shown, level: Level) -> list[Limit]:
    """The limits on values from that colour on, mildest first."""
    limits = [one for one in shown.limits if one.level >= level and not one.sense.is_rate]
    return sorted(limits, key=lambda limit: limit.level.rank)
