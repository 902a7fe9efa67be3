"""A city's morning with everything in it that could depend on how the input is cut."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from services.detector.core.watch import Watch
from shared.bus.codec import Pack
from tests.support.detector_city import packed

FLOOR = [f"harbour-f12-{end}" for end in ("smoke-a", "smoke-b", "temp", "co")]
TUNNEL = ["t3-s4-ch4", "t3-s4-o2", "t3-s4-co", "t3-s4-temp", "t3-s2-fan"]
NODES = ["z2-n01-pressure", "z2-n02-pressure", "z2-inlet-flow"]
USUAL = {
    "smoke-a": (0.01, 0.002), "smoke-b": (0.01, 0.002), "temp": (22.0, 0.1), "co": (2.0, 0.5),
    "ch4": (0.05, 0.01), "o2": (20.9, 0.02), "fan": (1.0, 0.0), "pressure": (0.4, 0.002),
    "flow": (12.0, 0.2),
}  # fmt: skip


def morning(seed: int, *, steps: int = 60, run: str = "") -> list[Pack]:
    """Packs of three sites: fire, gas with a stopped fan, a burst, silence, repeats, rubbish."""
    rng = np.random.default_rng(seed)
    told: list[Pack] = []
    for step in range(steps):
        at = step * 20.0
        for site, sensors in (("harbour-tower", FLOOR), ("t3", TUNNEL), ("z2", NODES)):
            readings = [
                (sensor, at + rng.uniform(0, 5), _shown(sensor, step, steps, rng))
                for sensor in sensors
                if not _silent(sensor, step, steps)
            ]
            if rng.random() < 0.1:
                readings += [(sensors[0], at + 7.0, 5.0, 2), ("nobody", at, 1.0)]
            if rng.random() < 0.15:
                # Two readings of one sensor in one record, and one that comes late.
                readings.append((sensors[0], at + 9.0, _shown(sensors[0], step, steps, rng)))
                readings.append((sensors[-1], at - 400.0, 1.0))
            told.append(packed(site, *readings, run=run, historical=bool(rng.random() < 0.03)))
            if rng.random() < 0.1:
                told.append(told[-1])
    return told


def _silent(sensor: str, step: int, steps: int) -> bool:
    return sensor == "t3-s4-o2" and steps * 0.4 < step < steps * 0.7


def _shown(sensor: str, step: int, steps: int, rng: np.random.Generator) -> float:
    centre, noise = (
        USUAL[sensor.removeprefix("harbour-f12-").split("-")[-1]]
        if ("smoke" not in sensor)
        else USUAL["smoke-a"]
    )
    value = centre + noise * rng.standard_normal()
    trouble = steps * 0.3 < step < steps * 0.6
    if sensor == "t3-s2-fan":
        return 0.0 if trouble else 1.0
    if not trouble:
        return value
    worse = {
        "harbour-f12-smoke-a": 0.8, "harbour-f12-temp": 30.0, "t3-s4-ch4": 0.6,
        "t3-s4-o2": -3.5, "z2-n01-pressure": -0.28,
    }  # fmt: skip
    return max(0.0, value + worse.get(sensor, 0.0))


def in_portions(watch: Watch, packs: list[Pack], cuts: Iterable[int]) -> tuple[list, np.ndarray]:
    """Events and scores of ``packs`` taken in portions of these sizes, then the rest."""
    events, scores, at = [], [], 0
    for size in [*cuts, len(packs)]:
        seen = watch.observe(packs[at : at + size])
        events += seen.events
        scores.append(seen.scores)
        at += size
    return events, np.concatenate(scores)
