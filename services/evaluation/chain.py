"""One scenario under one seed, through ingest, detector and alert engine, without a bus.

The cores are those of production and the clock is the run's own, so the events have the ids they
have live. Several configurations listen to the same messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.evaluation.alarms import alarms_of
from services.evaluation.curves import trails_of
from services.evaluation.feed import Intake
from services.evaluation.ground import Ground
from services.evaluation.hearing import Tape, listen
from services.evaluation.judge import judge
from services.evaluation.library import Case
from services.evaluation.model import Run
from services.evaluation.people import called
from services.evaluation.scene import Scene
from services.evaluation.setting import Configuration
from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.limits import Limits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S = 86_400.0


def run_case(case: Case, configurations: Sequence[Configuration], *, picture: bool) -> list[Run]:
    """The case judged under each configuration; ``picture`` also keeps curves to draw."""
    start = case.start
    start_us = (start - _EPOCH) // timedelta(microseconds=1)
    sites = {
        case.registry.assets[asset].site
        for one in case.expected
        for asset in (one.at, *one.assets)
        if asset in case.registry.assets
    }
    tape = Tape(sites=frozenset(sites), with_bands=picture)
    intake = Intake(catalogue_of(case.registry), configurations[0].settings.ingest.limits)
    watches = [configuration.watch(case.registry) for configuration in configurations]
    sensors: set[str] = set()
    heard = listen(intake.packs(case.frames()), watches, tape, sensors=sensors)
    scene = Scene(case.registry, tape, start_us, _honest(case, tape.sites))
    ground = Ground(case.registry)
    runs = []
    for configuration, watch, said in zip(configurations, watches, heard, strict=True):
        alarms = alarms_of(said, start_us=start_us)
        judgement = judge(case.expected, alarms, scene, ground)
        calls, messages = called(
            said,
            configuration.town(case.registry),
            start=start,
            end=start + timedelta(seconds=case.duration_s),
        )
        runs.append(
            Run(
                scenario=case.name,
                family=case.family,
                seed=case.seed,
                configuration=configuration.name,
                start=start,
                duration_s=case.duration_s,
                readings=watch.counts["read"],
                sensors=len(sensors),
                sensor_days=len(sensors) * case.duration_s / _DAY_S,
                refused=dict(sorted(intake.refused.items())),
                judged=judgement.judged,
                true_alarms=judgement.true_alarms,
                early_alarms=judgement.early_alarms,
                side_alarms=judgement.side_alarms,
                false=judgement.false,
                calls=calls,
                messages=messages,
                event_ids=tuple(one.event.id for one in said),
                trails=trails_of(case.expected, alarms, scene) if picture else (),
            )
        )
    return runs


def _honest(case: Case, sites: frozenset[str]) -> Tape | None:
    """What would have been shown without lies, where a hazard is to be timed by it."""
    if not case.has_lies or all(one.hazard is None for one in case.expected):
        return None
    tape = Tape(sites=sites, with_bands=False)
    intake = Intake(catalogue_of(case.registry), Limits())
    for pack in intake.packs(case.frames(honest=True)):
        tape.keep(pack)
    return tape
