"""Scenarios: named stories with a seed and their ground truth, as frames or as columns.

What is played depends on the file, the registry, the seed, the start and the run's name, and on
nothing else.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from shared.config.marked_yaml import Node, load_marked
from shared.domain.place import Position
from shared.domain.registry import Registry
from shared.errors import BadInput
from simulators.city import City, LieMakers, Trace
from simulators.faults.common import Fault, LieMaker
from simulators.frames import Frame
from simulators.happenings.common import Happening, Truth, position_of
from simulators.messages import Parcel
from simulators.physics.gas import Floats
from simulators.scenario_file import BadScenario, Staged, read_scenario
from simulators.scenario_model import START, Expected, Family, Scenario

__all__ = [
    "BUNDLED", "START", "BadScenario", "Expected", "Family", "Listed", "Scenario", "Staged",
    "expected_of", "frames_of", "list_scenarios", "load_scenario", "parcels_of", "parse_scenario",
    "scenario_text", "stage", "traces_of",
]  # fmt: skip

BUNDLED: Final = Path(__file__).parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Listed:
    """A bundled scenario, for those who choose one."""

    name: str
    summary: str
    id: str | None = None
    family: str | None = None
    summary_zh: str = ""
    duration_s: float | None = None
    city: str = "demo"
    path: Path = BUNDLED


def list_scenarios() -> tuple[Listed, ...]:
    """Every bundled scenario: those without a number first, then W, G, F, C and S."""
    listed = [_listed(file) for file in sorted(BUNDLED.glob("*.yaml"))]
    order = ["", *(family.value for family in Family)]

    def place(one: Listed) -> tuple[int, str]:
        return order.index(one.family or ""), one.id or one.name

    return tuple(sorted(listed, key=place))


def _listed(path: Path) -> Listed:
    root, complaints = load_marked(path)
    if root is None or not isinstance(root.value, dict):
        raise BadScenario(f"scenario {path.stem}", complaints)
    raw = root.plain()
    summary = raw.get("summary", "")
    both = summary if isinstance(summary, dict) else {"en": str(summary)}
    city = raw.get("city", "demo")
    return Listed(
        name=str(raw.get("name", path.stem)),
        summary=str(both.get("en", "")),
        id=raw.get("id"),
        family=raw.get("family"),
        summary_zh=str(both.get("zh", "")),
        duration_s=_seconds(root.value.get("duration_s")),
        city=city if isinstance(city, str) else str(city.get("network") or "generated"),
        path=path,
    )


def _seconds(node: Node | None) -> float | None:
    return float(node.value) if node is not None and isinstance(node.value, int | float) else None


def scenario_text(name: str) -> tuple[str, Path]:
    """The text of a scenario and its file: by id, by name, or by a path that ends in .yaml.

    Raises BadInput if there is none.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise BadInput(f"no scenario file at {name}")
        return path.read_text("utf-8", errors="replace"), path
    listed = list_scenarios()
    for one in listed:
        if name in {one.name, one.path.stem} or (one.id and name.upper() == one.id):
            return one.path.read_text("utf-8"), one.path
    known = ", ".join(one.name if one.id is None else f"{one.id} {one.name}" for one in listed)
    raise BadInput(f"no scenario {name!r}; there are: {known}, or give a path to a .yaml file")


def stage(name: str, registry: Registry, *, seed: int | None = None) -> Staged:
    """A scenario with its city, and with everything it leaves to its seed decided.

    ``registry`` is the city of a scenario that names none; ``seed`` None is the file's own. Raises
    BadInput if there is no such scenario or its city cannot be had here, and BadScenario with
    every fault if it cannot be played in this city.
    """
    text, path = scenario_text(name)
    thing = f"scenario {name}" if path.parent == BUNDLED else name
    return read_scenario(text, thing, registry, seed=seed, beside=path.parent)


def load_scenario(name: str, registry: Registry, *, seed: int | None = None) -> Scenario:
    """The scenario of ``stage`` alone."""
    return stage(name, registry, seed=seed).scenario


def parse_scenario(
    text: str, thing: str, registry: Registry, *, seed: int | None = None
) -> Scenario:
    """The scenario a YAML text describes; BadScenario names every fault under ``thing``."""
    return read_scenario(text, thing, registry, seed=seed).scenario


def traces_of(scenario: Scenario, city: City) -> dict[str, Trace]:
    """What all happenings together add, by sensor."""
    by_sensor: dict[str, list[Trace]] = {}
    for happening in scenario.happenings:
        for sensor, trace in happening.traces(city).items():
            by_sensor.setdefault(sensor, []).append(trace)
    return {sensor: _together(traces) for sensor, traces in by_sensor.items()}


def lies_of(scenario: Scenario, registry: Registry, *, seed: int) -> LieMakers:
    """What lies on which sensor, in the order of the file."""
    found: dict[str, list[LieMaker]] = {}
    for number, fault in enumerate(scenario.faults):
        for sensor, maker in fault.lies(registry, seed=seed, number=number):
            found.setdefault(sensor, []).append(maker)
    return found


def frames_of(
    scenario: Scenario,
    registry: Registry,
    *,
    seed: int,
    start: datetime,
    run: str,
    duration_s: float | None = None,
) -> Iterator[Frame]:
    """The scenario's frames in order of sending; endless if nothing ends it."""
    with _staged(scenario, registry, seed, start, duration_s) as (city, traces, lies, until_s):
        plays = [
            city.play(group, traces, run=run, until_s=until_s, lies=lies) for group in city.groups
        ]
        for _, frame in heapq.merge(*plays, key=lambda timed: timed[0]):
            yield frame


def parcels_of(
    scenario: Scenario,
    registry: Registry,
    *,
    seed: int,
    start: datetime,
    run: str,
    duration_s: float | None = None,
) -> Iterator[Parcel]:
    """The same messages in the same order as columns: what ingest would store of each frame."""
    with _staged(scenario, registry, seed, start, duration_s) as (city, traces, lies, until_s):
        plays = [
            city.parcels(group, traces, run=run, until_s=until_s, lies=lies)
            for group in city.groups
        ]
        for _, parcel in heapq.merge(*plays, key=lambda timed: timed[0]):
            yield parcel


@contextmanager
def _staged(
    scenario: Scenario, registry: Registry, seed: int, start: datetime, duration_s: float | None
) -> Iterator[tuple[City, dict[str, Trace], LieMakers, float | None]]:
    city = City(
        registry,
        seed=seed,
        start=start,
        sites=scenario.sites,
        every_s_max=scenario.every_s_max,
        every_s=scenario.every_s,
    )
    ends = [end for end in (duration_s, scenario.duration_s) if end is not None]
    lies = lies_of(scenario, registry, seed=seed)
    with closing(city):
        yield city, traces_of(scenario, city), lies, min(ends) if ends else None


def expected_of(scenario: Scenario, registry: Registry) -> tuple[Expected, ...]:
    """The whole ground truth: of happenings, of faults, and what the file says besides."""
    found = []
    for number, happening in enumerate(scenario.happenings):
        if happening.truth is not None:
            place = (happening.asset,)
            source = f"happenings[{number}]"
            position = happening.position(registry)
            found.append(_of(happening, happening.truth, place, position, source))
    for number, fault in enumerate(scenario.faults):
        if fault.truth is not None:
            lying = tuple(dict.fromkeys(one.asset for one in fault.targets(registry)))
            position = position_of(registry, lying)
            found.append(_of(fault, fault.truth, lying, position, f"faults[{number}]"))
    for number, entry in enumerate(scenario.truth):
        found.append(
            Expected(
                what=entry.what,
                quiet=entry.quiet,
                assets=entry.assets,
                position=position_of(registry, entry.assets),
                level=entry.level,
                level_max=entry.level_max,
                from_s=entry.from_s,
                until_s=entry.until_s,
                earliest_s=entry.earliest_s,
                latest_s=entry.latest_s,
                source=f"truth[{number}]",
            )
        )
    return tuple(found)


def _of(
    one: Happening | Fault,
    truth: Truth,
    place: tuple[str, ...],
    position: Position | None,
    source: str,
) -> Expected:
    return Expected(
        what=truth.what,
        quiet=False,
        assets=truth.assets or place,
        position=position,
        level=truth.level,
        level_max=truth.level_max,
        from_s=one.from_s,
        until_s=one.until_s,
        earliest_s=truth.earliest_s,
        latest_s=truth.latest_s,
        source=source,
    )


def _together(traces: list[Trace]) -> Trace:
    if len(traces) == 1:
        return traces[0]
    times: Floats = np.unique(np.concatenate([trace.times_s for trace in traces]))
    added = sum(
        np.interp(times, trace.times_s, trace.added, left=0.0, right=0.0) for trace in traces
    )
    return Trace(times, np.asarray(added))
