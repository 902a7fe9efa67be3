"""The figures of many runs: of one scenario, of a family, of everything.

What each figure means is said once, in ``FIGURES``; tables, JSON and the report all take it from
there. Hazards make precision and recall; lying sensors and quiet times are counted apart.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.evaluation.causes import kind_of
from services.evaluation.intervals import NOTHING, Figure, quantile, rate, share
from services.evaluation.model import QUIET, Judged, Run, Verdict
from services.evaluation.people import SLEEP_MIN_PER_PAGE
from shared.domain.hazard import Hazard
from simulators.happenings.common import What

ALL: Final = "all"
_HAZARDS: Final = frozenset(hazard.value for hazard in Hazard)


@dataclass(frozen=True, slots=True)
class Definition:
    name: str
    title: str
    unit: str
    better: int
    """1 when more is better, -1 when less is, 0 when neither."""
    meaning: str


FIGURES: Final = (
    Definition("precision", "precision", "share", 1,
               "alarms that belong to a truth and were no guess, of all that are true, early or "
               "false"),
    Definition("recall", "recall", "share", 1,
               "hazards called at their colour by their latest moment, of all hazards"),
    Definition("delay_median_s", "delay median", "s", -1,
               "from the beginning to the colour asked for, of hazards that reached it"),
    Definition("delay_p90_s", "delay p90", "s", -1, "nine of ten are no slower"),
    Definition("warned_median_s", "first warning median", "s", -1,
               "from the beginning to the first alarm of any colour"),
    Definition("ahead_median_s", "ahead of the standard", "s", 1,
               "first alarm before a published limit of orange or red was first passed"),
    Definition("false_per_sensor_day", "false alarms per sensor-day", "1/d", -1,
               "false alarms by the days all sensors were listened to"),
    Definition("error_median_m", "localisation error median", "m", -1,
               "from the asset called first to where it truly was"),
    Definition("error_p90_m", "localisation error p90", "m", -1, "nine of ten are no worse"),
    Definition("right_asset", "right asset", "share", 1,
               "called hazards whose first alarm named an asset that was right"),
    Definition("kept", "quiet kept", "share", 1,
               "quiet scenarios and operations of which nothing was called"),
    Definition("faults_named", "lying sensors named", "share", 1,
               "sensor faults that were said to be faults, in time"),
    Definition("pages_per_run", "pages per run", "1", -1,
               "messages that ask one person to answer"),
    Definition("sleep_min_per_run", "sleep lost per run", "min", -1,
               f"pages from 22:00 to 07:00 by the city's clocks, {SLEEP_MIN_PER_PAGE} min each"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    key: str
    """A scenario's or family's name, or ``all``."""
    family: str
    configuration: str
    runs: int
    readings: int
    sensor_days: float
    hazards: int
    verdicts: dict[str, int]
    """Of hazards, by verdict."""
    true_alarms: int
    early_alarms: int
    side_alarms: int
    false_alarms: int
    false_by_level: dict[str, int]
    exaggerated: int
    pages: int
    messages: int
    sleep_min: int
    causes: dict[str, int]
    """Misses and lateness by kind of cause."""
    figures: dict[str, Figure]
    """By the name of its definition."""


def summarise(runs: Sequence[Run], key: str, family: str) -> Summary:
    """All figures of some runs of one configuration."""
    judged = [one for run in runs for one in run.judged]
    hazards = [one for one in judged if one.what in _HAZARDS]
    false = [one for run in runs for one in run.false]
    pages = sum(len(run.calls) for run in runs)
    nights = sum(call.night for run in runs for call in run.calls)
    sensor_days = sum(run.sensor_days for run in runs)
    true, early = sum(run.true_alarms for run in runs), sum(run.early_alarms for run in runs)
    found = [one for one in hazards if one.delay_s is not None]
    seed = zlib.crc32(key.encode())
    figures = {
        "precision": share(true, true + early + len(false)),
        "recall": share(sum(one.verdict.caught for one in hazards), len(hazards)),
        **_quantiles(hazards, seed),
        "false_per_sensor_day": rate(len(false), sensor_days),
        "right_asset": share(sum(bool(one.right_asset) for one in found), len(found)),
        "kept": _share_of(judged, lambda one: one.what in {QUIET, What.OPERATIONAL.value}),
        "faults_named": _share_of(judged, lambda one: one.what == What.SENSOR_FAULT.value),
        "pages_per_run": _mean(pages, len(runs)),
        "sleep_min_per_run": _mean(nights * SLEEP_MIN_PER_PAGE, len(runs)),
    }
    assert set(figures) == {definition.name for definition in FIGURES}
    return Summary(
        key=key,
        family=family,
        configuration=runs[0].configuration if runs else "",
        runs=len(runs),
        readings=sum(run.readings for run in runs),
        sensor_days=sensor_days,
        hazards=len(hazards),
        verdicts=_counted(one.verdict.value for one in hazards),
        true_alarms=true,
        early_alarms=early,
        side_alarms=sum(run.side_alarms for run in runs),
        false_alarms=len(false),
        false_by_level=_counted(one.level for one in false),
        exaggerated=sum(one.exaggerated is not None for one in hazards),
        pages=pages,
        messages=sum(run.messages for run in runs),
        sleep_min=nights * SLEEP_MIN_PER_PAGE,
        causes=_counted(kind_of(one.cause) for one in judged if one.cause),
        figures=figures,
    )


def by_scenario(runs: Sequence[Run], configuration: str) -> list[Summary]:
    """One for each scenario, in the order they were run."""
    mine = [run for run in runs if run.configuration == configuration]
    names = dict.fromkeys((run.scenario, run.family) for run in mine)
    return [
        summarise([run for run in mine if run.scenario == name], name, family)
        for name, family in names
    ]


def by_family(runs: Sequence[Run], configuration: str) -> list[Summary]:
    """One for each family, by name."""
    mine = [run for run in runs if run.configuration == configuration]
    return [
        summarise([run for run in mine if run.family == family], family, family)
        for family in sorted({run.family for run in mine})
    ]


def total(runs: Sequence[Run], configuration: str) -> Summary:
    """Of everything."""
    return summarise([run for run in runs if run.configuration == configuration], ALL, "")


def _quantiles(hazards: Sequence[Judged], seed: int) -> dict[str, Figure]:
    delays = [one.delay_s for one in hazards if one.delay_s is not None]
    warned = [one.warned_s for one in hazards if one.warned_s is not None]
    ahead = [one.ahead_s for one in hazards if one.ahead_s is not None]
    errors = [one.error_m for one in hazards if one.error_m is not None]
    return {
        "delay_median_s": quantile(delays, 0.5, seed=seed),
        "delay_p90_s": quantile(delays, 0.9, seed=seed),
        "warned_median_s": quantile(warned, 0.5, seed=seed),
        "ahead_median_s": quantile(ahead, 0.5, seed=seed),
        "error_median_m": quantile(errors, 0.5, seed=seed),
        "error_p90_m": quantile(errors, 0.9, seed=seed),
    }


def _share_of(judged: Iterable[Judged], concerns: Callable[[Judged], bool]) -> Figure:
    mine = [one for one in judged if concerns(one)]
    return share(sum(one.verdict in {Verdict.KEPT, Verdict.TRUE} for one in mine), len(mine))


def _mean(amount: float, runs: int) -> Figure:
    return Figure(amount / runs, None, None, runs) if runs else NOTHING


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
