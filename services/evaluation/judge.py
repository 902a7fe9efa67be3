"""What was called against what was true.

Law 1: every alarm is counted once: as belonging to a truth, as beside one, or as false.

Law 2: an alarm more never makes precision better unless it belongs to a truth, and never makes
recall worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.evaluation import causes
from services.evaluation.alarms import claimed, exaggerated, false_alarm, first_reaching, is_early
from services.evaluation.belonging import Belonging
from services.evaluation.ground import Ground
from services.evaluation.model import QUIET, Alarm, Expected, FalseAlarm, Judged, Step, Verdict
from services.evaluation.scene import Scene
from shared.domain.event import EventKind, ReasonCode
from simulators.happenings.common import What


@dataclass(frozen=True, slots=True)
class Judgement:
    judged: tuple[Judged, ...]
    true_alarms: int
    early_alarms: int
    side_alarms: int
    false: tuple[FalseAlarm, ...]


def judge(
    expected: Sequence[Expected], alarms: Sequence[Alarm], scene: Scene, ground: Ground
) -> Judgement:
    """Every truth with its verdict, and every alarm with its place.

    A scenario without any truth is itself one: that nothing is called.
    """
    belonging = Belonging(expected, scene.registry, ground)
    own: dict[str, list[Alarm]] = {one.name: [] for one in expected}
    blamed: dict[str, list[Alarm]] = {one.name: [] for one in expected}
    false: list[FalseAlarm] = []
    side = early = 0
    for alarm in alarms:
        truth = belonging.owner(alarm)
        if truth is not None:
            own[truth.name].append(alarm)
            early += is_early(alarm, truth)
        elif belonging.is_beside(alarm):
            side += 1
        else:
            culprit, cause = belonging.blame(alarm)
            false.append(false_alarm(alarm, cause))
            if culprit is not None:
                blamed[culprit.name].append(alarm)
    court = _Court(scene, ground, belonging, alarms)
    judged = [court.verdict(one, own[one.name], blamed[one.name]) for one in expected]
    if not expected:
        verdict = Verdict.BROKEN if false else Verdict.KEPT
        judged.append(Judged(truth=QUIET, what=QUIET, asset="", level=None, verdict=verdict))
    true = sum(len(mine) for mine in own.values()) - early
    return Judgement(tuple(judged), true, early, side, tuple(false))


@dataclass(frozen=True, slots=True)
class _Court:
    scene: Scene
    ground: Ground
    belonging: Belonging
    alarms: Sequence[Alarm]
    """All of the run."""

    def verdict(self, truth: Expected, own: Sequence[Alarm], blamed: Sequence[Alarm]) -> Judged:
        """What became of one truth; ``own`` belongs to it, ``blamed`` was taken from it."""
        charge = Judged(
            truth=truth.name,
            what=truth.what,
            asset=truth.at,
            level=truth.level.value if truth.level else None,
            verdict=Verdict.MISSED,
        )
        if truth.what == What.SENSOR_FAULT:
            return self._of_fault(charge, truth, blamed)
        if truth.hazard is None or truth.level is None:
            if not blamed:
                return replace(charge, verdict=Verdict.KEPT)
            return replace(charge, verdict=Verdict.BROKEN, cause=causes.of_confusion(blamed))
        charge = self._timed(charge, truth, own)
        found = first_reaching(own, truth.level)
        if found is None:
            mine = {alarm.occurrence for alarm in own}
            others = [
                one
                for one in self.alarms
                if one.occurrence not in mine and self.belonging.is_near(one, truth)
            ]
            return replace(charge, cause=causes.of_miss(truth, own, others, self.scene))
        return self._of_found(charge, truth, own, *found)

    def _timed(self, charge: Judged, truth: Expected, own: Sequence[Alarm]) -> Judged:
        """With the first warning of any colour, against the beginning and the standard."""
        first_s = min((alarm.raised_s for alarm in own), default=None)
        if first_s is None:
            return charge
        standard_s = self.scene.standard_s(truth)
        return replace(
            charge,
            warned_s=first_s - truth.from_s,
            ahead_s=None if standard_s is None else standard_s - first_s,
        )

    def _of_found(
        self, charge: Judged, truth: Expected, own: Sequence[Alarm], alarm: Alarm, step: Step
    ) -> Judged:
        assert truth.level is not None
        late_s = step.known_s - truth.latest_s
        verdict = Verdict.LATE if late_s > 0 else Verdict.TRUE
        return replace(
            charge,
            verdict=Verdict.EARLY if step.known_s < truth.earliest_s else verdict,
            cause=causes.of_lateness(late_s) if late_s > 0 else "",
            delay_s=step.known_s - truth.from_s,
            error_m=self.ground.error_m(alarm.asset, truth.at, truth.position),
            named=alarm.asset,
            right_asset=alarm.asset in truth.assets,
            likelihood=claimed(own, truth.level, until_s=truth.latest_s),
            exaggerated=exaggerated(own, truth),
            true_at=truth.position or self.ground.position(truth.at),
            named_at=self.ground.position(alarm.asset),
        )

    def _of_fault(self, charge: Judged, truth: Expected, blamed: Sequence[Alarm]) -> Judged:
        """Found when the detector says, of that asset and in time, that it cannot verify."""
        said = [
            step.known_s
            for alarm in self.alarms
            if alarm.asset in truth.assets
            for step in alarm.steps
            if step.kind is EventKind.UNVERIFIABLE or step.code == ReasonCode.SILENCE.value
            if truth.from_s <= step.known_s <= truth.latest_s
        ]
        if not said:
            return replace(charge, cause=causes.of_sensor_fault(blamed, since_s=truth.from_s))
        return replace(charge, verdict=Verdict.TRUE, delay_s=min(said) - truth.from_s)
