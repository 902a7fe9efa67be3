"""One telling sensor for each truth of a run, thinned so that its picture is small.

Thinning keeps the lowest and the highest of every stretch, so no peak is lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from services.evaluation.model import Alarm, Expected, Step, Trail
from services.evaluation.scene import Scene, Shown, beyond
from shared.domain.quantity import CANONICAL_UNIT

POINTS_MAX: Final = 400
BAND_MAX: Final = 80
TRAILS_MAX: Final = 4
"""Pictures of one run."""


def trails_of(
    expected: Sequence[Expected], alarms: Sequence[Alarm], scene: Scene
) -> tuple[Trail, ...]:
    """The curve of the sensor that showed each truth best."""
    found = [trail for one in expected for trail in _trail(one, alarms, scene)]
    return tuple(found[:TRAILS_MAX])


def _trail(one: Expected, alarms: Sequence[Alarm], scene: Scene) -> Iterator[Trail]:
    heard = [shown for shown in scene.watchers(one) if shown.times_s.size]
    if not heard:
        return
    best = max(heard, key=lambda shown: _telling(shown, one))
    sensor = best.sensor
    until_s = min(one.until_s, float(best.times_s.max()))
    band = scene.tape.bands.get(sensor.id, ())
    every = max(1, math.ceil(len(band) / BAND_MAX))
    yield Trail(
        sensor=sensor.id,
        quantity=sensor.quantity.value,
        unit=CANONICAL_UNIT[sensor.quantity],
        points=_thinned(best),
        band=tuple(
            ((at_us - scene.start_us) / 1e6, _short(low), _short(high))
            for at_us, low, high in band[::every]
        ),
        marks=tuple(
            (step.known_s, step.level.value)
            for alarm in alarms
            if alarm.asset == sensor.asset
            for step in _rises(alarm)
        ),
        limits=tuple(
            (limit.level.value, limit.raises_at) for limit in best.limits if not limit.sense.is_rate
        ),
        span=(one.from_s, until_s),
    )


def _rises(alarm: Alarm) -> Iterator[Step]:
    """The events that said worse than anything before them."""
    worst = None
    for step in alarm.steps:
        if step.shows and (worst is None or step.level > worst):
            worst = step.level
            yield step


def _telling(shown: Shown, one: Expected) -> tuple[int, float, str]:
    """How many limits it passed, and how far it moved on the whole against how it swung before."""
    before = shown.values[shown.times_s < one.from_s]
    during = shown.between(one.from_s, one.until_s)
    if not during.values.size:
        return (-1, 0.0, shown.sensor.id)
    passed = sum(bool(beyond(during.values, limit).any()) for limit in during.limits)
    usual = float(before.mean()) if before.size else float(during.values[0])
    swing = float(before.std()) if before.size > 1 else 0.0
    moved = abs(float(during.values.mean()) - usual)
    return (passed, moved / max(swing, 1e-3 * abs(usual), 1e-9), shown.sensor.id)


def _thinned(shown: Shown) -> tuple[tuple[float, float], ...]:
    order = np.argsort(shown.times_s, kind="stable")
    times, values = shown.times_s[order], shown.values[order]
    if times.size <= POINTS_MAX:
        kept = np.arange(times.size)
    else:
        edges = np.linspace(0, times.size, POINTS_MAX // 2 + 1).astype(np.intp)
        ends = [
            (first + int(values[first:last].argmin()), first + int(values[first:last].argmax()))
            for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
        kept = np.unique(np.array(ends))
    return tuple((round(float(times[i]), 3), _short(float(values[i]))) for i in kept)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
