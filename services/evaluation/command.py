"""Behind ``tocsin evaluate``: arguments to values, a progress bar, a table, files, an exit code.

0 when everything that can be run here was run, also with misses: they are what one looks for. 1
when a scenario failed on the way or nothing could be run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.evaluation import report_html, report_json, table
from services.evaluation.model import Result
from services.evaluation.people import ANSWER_AFTER_S
from services.evaluation.run import FAILED, evaluate
from services.evaluation.setting import Configuration
from services.whole import TocsinSettings
from shared.config.loader import load_settings
from shared.errors import BadInput

SEEDS_MAX: Final = 1000
WIDTH_MIN: Final = 150
"""Columns of the table where nobody says how wide the terminal is."""
_RANGE: Final = re.compile(r"(\d+)(?:\.\.(\d+))?")


def evaluate_command(
    names: Sequence[str],
    *,
    settings: TocsinSettings,
    seeds: str = "1..5",
    json_path: Path | None = None,
    report: Path | None = None,
    compare: Path | None = None,
    jobs: int | None = None,
    answer_after_s: float | None = ANSWER_AFTER_S,
    as_json: bool = False,
) -> int:
    """Evaluate and say what came out; returns the exit code.

    ``names`` empty is the whole library; ``compare`` is a second settings file; ``as_json`` prints
    the document instead of the table. Raises BadInput, BadSettings, BadScenario and BadRegistry.
    """
    configurations = [Configuration("current", settings, answer_after_s)]
    if compare is not None:
        configurations.append(_second(compare, settings, answer_after_s))
    errors = Console(stderr=True)
    result = _with_progress(
        names,
        errors,
        seeds=seeds_of(seeds),
        configurations=configurations,
        city=settings.city.registry,
        jobs=jobs,
    )
    if json_path is not None:
        report_json.write(result, json_path)
    written = None if report is None else report_html.write(result, report)
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, WIDTH_MIN)
    if as_json:
        console.file.write(report_json.text(result))
    else:
        table.show(result, console)
    for path in (json_path, written):
        if path is not None:
            errors.print(f"written: {path}", soft_wrap=True)
    return exit_code(result)


def exit_code(result: Result) -> int:
    """1 when a scenario failed on the way or nothing was run."""
    broken = any(one.because.startswith(FAILED) for one in result.not_run)
    return 1 if broken or not result.runs else 0


def seeds_of(text: str) -> tuple[int, ...]:
    """``3``, ``1..20`` or several of these with commas; BadInput for anything else."""
    found: dict[int, None] = {}
    for part in text.split(","):
        matched = _RANGE.fullmatch(part.strip())
        if matched is None:
            raise BadInput(f"--seeds {text!r} is no list of seeds; write 1..20 or 3,5,8")
        first, last = int(matched[1]), int(matched[2] or matched[1])
        if last < first or last - first >= SEEDS_MAX:
            raise BadInput(f"--seeds {part.strip()} is no rising range of at most {SEEDS_MAX}")
        found.update(dict.fromkeys(range(first, last + 1)))
    if len(found) > SEEDS_MAX:
        raise BadInput(f"--seeds {text!r} are {len(found)} seeds, at most {SEEDS_MAX}")
    return tuple(found)


def _second(path: Path, first: TocsinSettings, answer_after_s: float | None) -> Configuration:
    settings = load_settings(TocsinSettings, file=path, env=os.environ)
    if settings.city.registry not in {None, first.city.registry}:
        raise BadInput(f"{path} names another registry; configurations are compared in one city")
    name = path.stem if path.stem != "current" else f"{path.stem}-2"
    return Configuration(name, settings, answer_after_s)


def _with_progress(
    names: Sequence[str],
    console: Console,
    *,
    seeds: tuple[int, ...],
    configurations: Sequence[Configuration],
    city: Path | None,
    jobs: int | None,
) -> Result:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("opening", total=None)

        def show(done: int, of: int, name: str) -> None:
            bar.update(task, completed=done, total=of, description=name)

        return evaluate(
            names,
            seeds=seeds,
            configurations=configurations,
            city=city,
            jobs=jobs,
            progress=show,
        )
