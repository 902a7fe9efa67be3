"""The result on a terminal: the table, the misses, and what was not run."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.evaluation.compare import compare
from services.evaluation.misses import misses_of
from services.evaluation.model import Result
from services.evaluation.stats import FIGURES, Summary, by_family, by_scenario, total
from services.evaluation.words import difference_of, figure_of, value_of

MISSES_MAX: Final = 40
_COLUMNS: Final = (
    ("precision", "precision"),
    ("recall", "recall"),
    ("delay_median_s", "delay"),
    ("delay_p90_s", "p90"),
    ("ahead_median_s", "ahead"),
    ("false_per_sensor_day", "false/d"),
    ("error_median_m", "off by"),
    ("kept", "quiet"),
    ("faults_named", "faults"),
    ("pages_per_run", "pages"),
    ("sleep_min_per_run", "sleep"),
)


def show(result: Result, console: Console) -> None:
    """Everything a reader of a terminal wants first."""
    for name in result.configurations if result.runs else ():
        _summaries(result, name, console)
    _difference(result, console)
    _misses(result, console)
    for one in result.not_run:
        console.print(f"not run: {escape(one.scenario)}: {escape(one.because)}")


def _summaries(result: Result, name: str, console: Console) -> None:
    title = name if len(result.configurations) > 1 else None
    table = Table(box=box.SIMPLE_HEAD, title=title, pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("scenario", "runs", "hazards"):
        table.add_column(head, justify="left" if head == "scenario" else "right", no_wrap=True)
    for _, head in _COLUMNS:
        table.add_column(head, justify="right", no_wrap=True)
    families = {one.key: one for one in by_family(result.runs, name)}
    for family, summary in families.items():
        for one in by_scenario(result.runs, name):
            if one.family == family:
                table.add_row(*_row(one, escape(one.key)))
        table.add_row(*_row(summary, f"family {escape(family)}"), style="dim", end_section=True)
    table.add_row(*_row(total(result.runs, name), "all"), style="bold")
    console.print(table)
    every = total(result.runs, name)
    console.print("false/d: false alarms by sensor-day; ahead: of the standard's limit; pages and")
    console.print("sleep: by run. Every figure with its interval is in --json and --report.")
    for figure in ("precision", "recall", "false_per_sensor_day"):
        title = next(one.title for one in FIGURES if one.name == figure)
        console.print(f"{title}: {figure_of(figure, every.figures[figure])}")


def _row(one: Summary, head: str) -> list[str]:
    values = [value_of(name, one.figures[name].value) for name, _ in _COLUMNS]
    return [head, str(one.runs), str(one.hazards), *values]


def _difference(result: Result, console: Console) -> None:
    compared = compare(result)
    if compared is None:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("figure", compared.first, compared.second, "difference"):
        table.add_column(escape(head), justify="left" if head == "figure" else "right")
    titles = {one.name: one.title for one in FIGURES}
    for one in compared.differences[: len(FIGURES)]:
        table.add_row(
            titles[one.figure],
            figure_of(one.figure, one.first),
            figure_of(one.figure, one.second),
            "same" if one.same else difference_of(one.figure, one.by),
        )
    console.print(table)
    console.print(f"{len(compared.turned)} truths fare otherwise")


def _misses(result: Result, console: Console) -> None:
    if not result.runs:
        return
    missed = misses_of(result.runs, result.configurations[0])
    for one in missed[:MISSES_MAX]:
        asked = one.level or one.what
        console.print(
            f"missed {escape(one.scenario)} {escape(one.truth)} ({asked}) under "
            f"{len(one.seeds)} of {one.of} seeds: {escape(one.example)}",
            soft_wrap=True,
        )
    if len(missed) > MISSES_MAX:
        console.print(f"and {len(missed) - MISSES_MAX} more, in the JSON and in the report")
