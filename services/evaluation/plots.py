"""The pictures of a report, made of a result: curves, delays, the price of recall, the map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from services.evaluation.ground import EARTH_M
from services.evaluation.model import Judged, Result, Run, Trail
from services.evaluation.svg import Chart, Scale, linear, logarithmic
from services.evaluation.sweep import sweep
from shared.domain.place import Position

CURVES_MAX: Final = 60
MAPS_MAX: Final = 24
MAP_WIDTH: Final = 420
_DELAY_LOW_S: Final = 1.0
_FAMILY_LOOKS: Final = ("one", "two", "three", "four", "five", "six")


def curves(result: Result) -> Iterator[tuple[str, str]]:
    """Title and picture of each kept curve, of the first configuration."""
    shown = 0
    for run in result.runs:
        if run.configuration != result.configurations[0]:
            continue
        for trail in run.trails:
            if shown < CURVES_MAX:
                shown += 1
                yield f"{run.scenario}, seed {run.seed}: {trail.sensor}", _curve(trail)


def _curve(trail: Trail) -> str:
    values = [value for _, value in trail.points]
    spread = (max(values) - min(values)) or 1.0
    low, high = min(values) - 0.5 * spread, max(values) + 0.5 * spread
    near = [limit for _, limit in trail.limits if low <= limit <= high]
    unit = 3600.0 if trail.points[-1][0] > 4 * 3600.0 else 60.0
    x = Scale(
        trail.points[0][0] / unit,
        trail.points[-1][0] / unit,
        "hours" if unit == 3600.0 else "minutes",  # noqa: PLR2004 - seconds of an hour
    )
    y = linear([*values, *near], f"{trail.quantity}, {trail.unit}")
    chart = Chart(x, y, f"{trail.sensor} over time, with its expected band and its alarms")
    chart.span(trail.span[0] / unit, trail.span[1] / unit, "happening")
    chart.band(
        [(at / unit, max(low, y.low), min(high, y.high)) for at, low, high in trail.band
         if high > y.low and low < y.high],
        "band",
    )  # fmt: skip
    for level, limit in trail.limits:
        chart.across(limit, f"limit {level}", level)
    chart.line([(at / unit, value) for at, value in trail.points], "data")
    for at_s, level in trail.marks:
        chart.mark(at_s / unit, f"alarm {level}", f"{level} at {at_s:.0f} s")
    return chart.svg()


def delays(result: Result, configuration: str) -> str:
    """How many of each family's hazards had been called after which time; empty for none."""
    by_family: dict[str, list[Judged]] = {}
    for run in _of(result, configuration):
        mine = [one for one in run.judged if one.level is not None]
        by_family.setdefault(run.family, []).extend(mine)
    called = [one.delay_s for every in by_family.values() for one in every if one.delay_s]
    if not called:
        return ""
    x = logarithmic([max(delay, _DELAY_LOW_S) for delay in called], "seconds since it began")
    chart = Chart(x, Scale(0.0, 1.0, "share called"), "share of hazards called against delay")
    for family, look in families(result, configuration):
        after = sorted(one.delay_s for one in by_family[family] if one.delay_s is not None)
        count = len(by_family[family])
        rising = [(delay_s, (place + 1) / count) for place, delay_s in enumerate(after)]
        if rising:
            chart.steps([(x.low, 0.0), *rising, (x.high, rising[-1][1])], f"data {look}")
    return chart.svg()


def families(result: Result, configuration: str) -> list[tuple[str, str]]:
    """Family and the look of its line, as ``delays`` draws them."""
    named = sorted({run.family for run in _of(result, configuration)})
    return [
        (family, _FAMILY_LOOKS[number % len(_FAMILY_LOOKS)]) for number, family in enumerate(named)
    ]


def price(result: Result) -> str:
    """Recall against false alarms a sensor-year as the bar of likelihood falls; empty for none."""
    swept = {name: sweep(result.runs, name) for name in result.configurations}
    points = [point for every in swept.values() for point in every]
    if not points:
        return ""
    x = linear(
        [point.false_per_sensor_year for point in points],
        "false alarms a sensor-year",
        zero=True,
    )
    chart = Chart(x, Scale(0.0, 1.0, "recall"), "recall against false alarms a sensor-year")
    for look, every in zip(("one", "two"), swept.values(), strict=False):
        places = [(point.false_per_sensor_year, point.recall) for point in every]
        chart.steps(places, f"data {look}")
        chart.dots(places[-1:], f"dot {look}", radius=4)
    return chart.svg()


def maps(result: Result, configuration: str) -> Iterator[tuple[str, str]]:
    """Scenario and map: where it truly was, what was named first, and the way between."""
    by_scenario: dict[str, list[Judged]] = {}
    for run in _of(result, configuration):
        placed = [one for one in run.judged if one.true_at and one.named_at]
        by_scenario.setdefault(run.scenario, []).extend(placed)
    drawn = 0
    for name, placed in by_scenario.items():
        if placed and drawn < MAPS_MAX:
            drawn += 1
            yield name, _map(result.background.get(name, ()), placed)


def _map(background: Sequence[Position], placed: Sequence[Judged]) -> str:
    pairs = [(one.true_at, one.named_at) for one in placed if one.true_at and one.named_at]
    every = [*background, *(place for pair in pairs for place in pair)]
    origin = (min(place[0] for place in every), min(place[1] for place in every))
    flat = [_flat(place, origin) for place in every]
    x = linear([place[0] for place in flat], "metres east")
    y = linear([place[1] for place in flat], "metres north")
    reach = max(x.high - x.low, y.high - y.low)
    chart = Chart(
        Scale(x.low, x.low + reach, x.label),
        Scale(y.low, y.low + reach, y.label),
        "where it was and what was named first",
        width=MAP_WIDTH,
        height=MAP_WIDTH - 18,
    )
    chart.dots(flat[: len(background)], "asset", radius=1.6)
    for true, named in pairs:
        chart.line([_flat(true, origin), _flat(named, origin)], "way")
    chart.dots([_flat(true, origin) for true, _ in pairs], "truth", radius=6)
    chart.dots([_flat(named, origin) for _, named in pairs], "named", radius=3)
    return chart.svg()


def _flat(place: Position, origin: Position) -> tuple[float, float]:
    """Metres east and north of the origin, near enough for one city."""
    east = math.radians(place[0] - origin[0]) * math.cos(math.radians(origin[1])) * EARTH_M
    return east, math.radians(place[1] - origin[1]) * EARTH_M


def _of(result: Result, configuration: str) -> list[Run]:
    return [run for run in result.runs if run.configuration == configuration]
