"""Scenarios: named stories with a seed and their ground truth, read from YAML.

A scenario file is refused with every fault it has, in the file's own words. Its frames depend on
the file, the registry, the seed, the start and the run's name, and on nothing else.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import numpy as np
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from shared.domain.registry import Registry
from shared.errors import BadInput, Complaints
from simulators.city import City, Trace
from simulators.frames import Frame
from simulators.happenings.common import Part
from simulators.happenings.fire.floor import FloorFire
from simulators.happenings.gas.leak import GasLeak
from simulators.happenings.main_burst import MainBurst
from simulators.physics.gas import Floats

BUNDLED: Final = Path(__file__).parent / "scenarios"

AnyHappening: TypeAlias = Annotated[GasLeak | FloorFire | MainBurst, Field(discriminator="kind")]
_happening: Final[TypeAdapter[GasLeak | FloorFire | MainBurst]] = TypeAdapter(AnyHappening)


class BadScenario(Complaints, BadInput):
    """A scenario file with faults, all of them named."""


class Scenario(Part):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    summary: str = Field(min_length=1)
    seed: int = Field(default=1, ge=0)
    """The seed its truth was checked with; another one may be asked for."""
    duration_s: float | None = Field(default=None, gt=0)
    """None: until somebody stops it."""
    sites: tuple[str, ...] | None = None
    """Which sites live; None is the whole city."""
    every_s_max: float | None = Field(default=None, gt=0)
    """Sensors report at least this often, however seldom their registry says."""
    happenings: tuple[AnyHappening, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A bundled scenario, for those who choose one."""

    name: str
    summary: str


def list_scenarios() -> tuple[Listed, ...]:
    """Every bundled scenario by name."""
    raw = [yaml.safe_load(file.read_text("utf-8")) for file in sorted(BUNDLED.glob("*.yaml"))]
    return tuple(Listed(entry["name"], entry["summary"]) for entry in raw)


def load_scenario(name: str, registry: Registry) -> Scenario:
    """A bundled scenario by name, or one of the user's own by a path that ends in .yaml.

    Raises BadInput if there is none and BadScenario if it cannot be played in this city.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise BadInput(f"no scenario file at {name}")
        return parse_scenario(path.read_text("utf-8", errors="replace"), name, registry)
    known = [entry.name for entry in list_scenarios()]
    if name not in known:
        raise BadInput(
            f"no scenario {name!r}; there are: {', '.join(known)}, or give a path to a .yaml file"
        )
    text = (BUNDLED / f"{name}.yaml").read_text("utf-8")
    return parse_scenario(text, f"scenario {name}", registry)


def parse_scenario(text: str, thing: str, registry: Registry) -> Scenario:
    """The scenario a YAML text describes; BadScenario names every fault under ``thing``."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadScenario(thing, (f"is no YAML: {' '.join(str(error).split())}",)) from error
    if not isinstance(raw, dict):
        raise BadScenario(thing, ("must be a mapping with name, summary and happenings",))
    faults, happenings = _happenings(raw.pop("happenings", None) or [], registry)
    scenario = None
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        faults = [*_lines(error, ()), *faults]
    if scenario is not None:
        for site in scenario.sites or ():
            if site not in registry.sites:
                faults.append(f"sites: {site} is not in the registry of {registry.name}")
    if faults or scenario is None:
        raise BadScenario(thing, tuple(faults))
    return scenario.model_copy(update={"happenings": tuple(happenings)})


def traces_of(scenario: Scenario, city: City) -> dict[str, Trace]:
    """What all happenings together add, by sensor."""
    by_sensor: dict[str, list[Trace]] = {}
    for happening in scenario.happenings:
        for sensor, trace in happening.traces(city).items():
            by_sensor.setdefault(sensor, []).append(trace)
    return {sensor: _together(traces) for sensor, traces in by_sensor.items()}


def frames_of(
    scenario: Scenario,
    registry: Registry,
    *,
    seed: int,
    start: datetime,
    run: str,
    duration_s: float | None = None,
) -> Iterator[Frame]:
    """The scenario's frames in order of ``measured_at``; endless if nothing ends it."""
    city = City(
        registry,
        seed=seed,
        start=start,
        sites=scenario.sites,
        every_s_max=scenario.every_s_max,
    )
    ends = [end for end in (duration_s, scenario.duration_s) if end is not None]
    until_s = min(ends) if ends else None
    traces = traces_of(scenario, city)
    plays = [city.play(group, traces, run=run, until_s=until_s) for group in city.groups]
    for _, frame in heapq.merge(*plays, key=lambda timed: timed[0]):
        yield frame


def _happenings(
    raw: Any, registry: Registry
) -> tuple[list[str], list[GasLeak | FloorFire | MainBurst]]:
    if not isinstance(raw, list):
        return ["happenings must be a list"], []
    faults: list[str] = []
    parsed = []
    for number, entry in enumerate(raw):
        place = f"happenings[{number}]"
        try:
            happening = _happening.validate_python(entry)
        except ValidationError as error:
            faults += _lines(error, (place,))
            continue
        faults += [f"{place}: {fault}" for fault in happening.faults(registry)]
        parsed.append(happening)
    return faults, parsed


def _lines(error: ValidationError, before: tuple[str, ...]) -> list[str]:
    lines = []
    for fault in error.errors(include_url=False, include_context=False):
        kinds = {"gas-leak", "floor-fire", "main-burst"}
        path = [str(step) for step in fault["loc"] if str(step) not in kinds]
        where = ".".join([*before, *path]) or "the file"
        given = "" if fault["type"] == "missing" else f", got {fault['input']!r:.60}"
        lines.append(f"{where}: {fault['msg'].lower()}{given}")
    return lines


def _together(traces: list[Trace]) -> Trace:
    if len(traces) == 1:
        return traces[0]
    times: Floats = np.unique(np.concatenate([trace.times_s for trace in traces]))
    added = sum(
        np.interp(times, trace.times_s, trace.added, left=0.0, right=0.0) for trace in traces
    )
    return Trace(times, np.asarray(added))
