"""Many scenarios under many seeds, on as many cores as there are.

Law: the result depends on the scenarios, the seeds, the city and the configurations, never on how
many processes worked on it or which of them was done first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeAlias

from services.evaluation.chain import run_case
from services.evaluation.ground import Ground
from services.evaluation.library import Case, bundled, names_of_all, open_case
from services.evaluation.model import NotRun, Result, Run
from services.evaluation.setting import Configuration
from shared.domain.place import Position
from shared.domain.registry import Registry
from shared.errors import BadInput, TocsinError
from shared.registry.load import load_registry

Progress: TypeAlias = Callable[[int, int, str], None]
"""Done, of how many, and which scenario was done last."""

FAILED: Final = "failed"
"""How the reason begins where something broke, rather than being absent."""
CONFIGURATIONS_MAX: Final = 2
BACKGROUND_MAX: Final = 2000
"""Assets drawn on one map."""


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    seed: int
    picture: bool


@dataclass(frozen=True, slots=True)
class _Failed:
    because: str


def evaluate(
    names: Sequence[str],
    *,
    seeds: Sequence[int],
    configurations: Sequence[Configuration],
    city: Path | None = None,
    jobs: int | None = None,
    progress: Progress = lambda *_: None,
) -> Result:
    """Run every scenario (all bundled ones if none is named) under every seed and judge it.

    ``jobs`` None takes every core, 1 stays in this process. Raises BadInput for a scenario nobody
    knows and BadScenario for a file of the user's with faults; a bundled one that cannot be played
    here is in ``not_run``.
    """
    _must_add_up(seeds, configurations)
    registry = load_registry(city)
    opened: list[tuple[str, str, str]] = []
    not_run: list[NotRun] = []
    background: dict[str, tuple[Position, ...]] = {}
    for name in dict.fromkeys(names or names_of_all()):
        case = _opened(name, registry, seeds[0])
        if isinstance(case, NotRun):
            not_run.append(case)
        elif case.name in background:
            _must_be_the_same(name, case.name, [asked for asked, _, _ in opened])
        else:
            opened.append((name, case.name, case.family))
            background[case.name] = _background(case)
    tasks = [_Task(name, seed, seed == seeds[0]) for name, _, _ in opened for seed in seeds]
    outcomes = _outcomes(tasks, tuple(configurations), city, _cores(jobs), progress)
    runs: list[Run] = []
    for index, (_, name, family) in enumerate(opened):
        mine = outcomes[index * len(seeds) : (index + 1) * len(seeds)]
        failed = [one for one in mine if isinstance(one, _Failed)]
        if failed:
            not_run.append(NotRun(name, family, failed[0].because))
            background.pop(name)
            continue
        runs += [run for one in mine if not isinstance(one, _Failed) for run in one]
    return Result(
        runs=tuple(runs),
        not_run=tuple(not_run),
        seeds=tuple(seeds),
        configurations=tuple(one.name for one in configurations),
        background=background,
    )


def _must_add_up(seeds: Sequence[int], configurations: Sequence[Configuration]) -> None:
    if not seeds:
        raise BadInput("no seeds to evaluate with; give --seeds 1..20")
    names = [one.name for one in configurations]
    if not 1 <= len(names) <= CONFIGURATIONS_MAX or len(set(names)) != len(names):
        raise BadInput(f"configurations {names} are not one or two of different names")
    for one in configurations:
        one.policy  # noqa: B018 - a policy that cannot be read is told of before anything runs


def _must_be_the_same(name: str, called: str, earlier: Sequence[str]) -> None:
    """One asked for by id and by name is run once; two of one name cannot be told apart."""
    if bundled(name) is None or all(bundled(one) != bundled(name) for one in earlier):
        raise BadInput(f"two scenarios are named {called}; rename the one in {name}")


def _opened(name: str, city: Registry, seed: int) -> Case | NotRun:
    try:
        return open_case(name, city, seed)
    except (TocsinError, ImportError) as error:
        known = bundled(name)
        if known is None:
            raise
        return NotRun(*known, _one_line(error))


def _outcomes(
    tasks: Sequence[_Task],
    configurations: tuple[Configuration, ...],
    city: Path | None,
    jobs: int,
    progress: Progress,
) -> list[list[Run] | _Failed]:
    """What became of each task, in the order of the tasks."""
    found: dict[int, list[Run] | _Failed] = {}
    for index, outcome in _worked(tasks, configurations, city, jobs):
        found[index] = outcome
        progress(len(found), len(tasks), tasks[index].name)
    return [found[index] for index in range(len(tasks))]


def _worked(
    tasks: Sequence[_Task],
    configurations: tuple[Configuration, ...],
    city: Path | None,
    jobs: int,
) -> Iterator[tuple[int, list[Run] | _Failed]]:
    if jobs == 1 or len(tasks) < jobs:
        for index, task in enumerate(tasks):
            yield index, _work(task, configurations, city)
        return
    # Spawned, not forked: a fork would copy threads' locks in whatever state they are.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        numbers: dict[Future[list[Run] | _Failed], int] = {
            pool.submit(_work, task, configurations, city): index
            for index, task in enumerate(tasks)
        }
        try:
            for done in as_completed(numbers):
                yield numbers[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _work(
    task: _Task, configurations: tuple[Configuration, ...], city: Path | None
) -> list[Run] | _Failed:
    """One scenario under one seed; what goes wrong in it is told and stops nothing else."""
    try:
        case = open_case(task.name, _registry(city), task.seed)
        return run_case(case, configurations, picture=task.picture)
    except (TocsinError, ImportError) as error:
        return _Failed(_one_line(error))
    except Exception as error:  # noqa: BLE001 - hours of other runs must not be lost with it
        return _Failed(f"{FAILED} under seed {task.seed}: {_one_line(error)!r}")


@cache
def _registry(city: Path | None) -> Registry:
    """Read once in each process."""
    return load_registry(city)


def _cores(jobs: int | None) -> int:
    if jobs is not None and jobs < 1:
        raise BadInput(f"--jobs {jobs} is less than one process")
    return jobs if jobs is not None else len(os.sched_getaffinity(0))


def _background(case: Case) -> tuple[Position, ...]:
    """Where the assets of the scenario's own sites lie."""
    ground = Ground(case.registry)
    sites = set(case.sites)
    places = (
        ground.position(asset.id)
        for asset in sorted(case.registry.assets.values(), key=lambda one: one.id)
        if asset.site in sites
    )
    return tuple(dict.fromkeys(place for place in places if place is not None))[:BACKGROUND_MAX]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
