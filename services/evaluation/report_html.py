"""The report: one file that needs nothing else, in light and in dark.

No script, no request, no date: whoever opens it in ten years sees the same, and the same result
gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import Final

from services.evaluation import plots
from services.evaluation.compare import compare
from services.evaluation.misses import misses_of, nuisances_of
from services.evaluation.model import Result
from services.evaluation.stats import FIGURES, Summary, by_family, by_scenario, total
from services.evaluation.words import difference_of, figure_of

FILE: Final = "report.html"
NUISANCES_MAX: Final = 60
_STYLE: Final = Path(__file__).with_name("report.css")
_IN_TABLES: Final = (
    "precision", "recall", "delay_median_s", "delay_p90_s", "ahead_median_s",
    "false_per_sensor_day", "error_median_m", "kept", "faults_named", "pages_per_run",
    "sleep_min_per_run",
)  # fmt: skip

Row = Sequence[tuple[str, str]]
"""Cells: text, and how it looks."""


def write(result: Result, folder: Path) -> Path:
    """The report in a folder; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(page(result), encoding="utf-8")
    return path


def page(result: Result) -> str:
    """The whole file."""
    parts = [_head(result)]
    if result.runs:
        first = result.configurations[0]
        parts += [
            _totals(result),
            _comparison(result),
            _groups(result, "By family", by_family(result.runs, first), "family"),
            _groups(result, "By scenario", by_scenario(result.runs, first), "scenario"),
            _misses(result),
            _false_alarms(result),
            _pictures("Curves", _CURVES, plots.curves(result)),
            _delays(result),
            _price(result),
            _pictures("Places", _PLACES, plots.maps(result, first)),
        ]
    parts += [_not_run(result), _definitions()]
    style = _STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Tocsin evaluation</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


_CURVES: Final = (
    "The sensor that showed each happening best, under the first seed. Shaded upright: the "
    "happening. Shaded along the curve: what the detector held for usual. Upright lines: alarms "
    "of that asset in their colours. Dashed: the limits of each colour."
)
_PLACES: Final = (
    "Ring: where it truly was. Dot: the asset that was called first at the colour asked for, over "
    "all seeds. Grey: the assets of the sites that were played."
)


def _head(result: Result) -> str:
    scenarios = len({run.scenario for run in result.runs})
    seeds = ", ".join(map(str, _ranges(result.seeds)))
    runs = [run for run in result.runs if run.configuration == result.configurations[0]]
    days = sum(run.sensor_days for run in runs)
    readings = sum(run.readings for run in runs)
    names = " against ".join(escape(name) for name in result.configurations)
    return (
        "<h1>Tocsin evaluation</h1>\n"
        f"<p>{scenarios} scenarios, seeds {seeds}, configuration {names}: {readings:,} readings, "
        f"{days:,.0f} sensor-days, through the ingest, detector and alert cores of production. "
        "Intervals are at 95 %.</p>"
    )


def _totals(result: Result) -> str:
    summaries = [total(result.runs, name) for name in result.configurations]
    compared = compare(result)
    by = {
        one.figure: one.by for one in (compared.differences if compared else ())
        if one.key == summaries[0].key
    }  # fmt: skip
    heads = ["figure", *result.configurations, *(["difference"] if compared else [])]
    rows = []
    for definition in FIGURES:
        cells = [(definition.title, "")]
        cells += [
            (figure_of(definition.name, one.figures[definition.name]), "number")
            for one in summaries
        ]
        if compared:
            change = by.get(definition.name)
            cells.append((difference_of(definition.name, change), _look(definition.better, change)))
        rows.append(cells)
    spare = [("", "")] if compared else []
    for title, count in _COUNTS.items():
        rows.append([(title, ""), *((count(one), "number") for one in summaries), *spare])
    return f"<h2>Summary</h2>{_table(heads, rows)}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


_COUNTS: Final[Mapping[str, Callable[[Summary], str]]] = {
    "hazards": lambda one: str(one.hazards),
    "verdicts": lambda one: _counted(one.verdicts),
    "alarms: true, early, beside, false": lambda one: (
        f"{one.true_alarms}, {one.early_alarms}, {one.side_alarms}, {one.false_alarms}"
    ),
    "false alarms by colour": lambda one: _counted(one.false_by_level),
    "pages, other messages, sleep": lambda one: f"{one.pages}, {one.messages}, {one.sleep_min} min",
}


def _comparison(result: Result) -> str:
    compared = compare(result)
    if compared is None:
        return ""
    rows = [
        [(one.scenario, ""), (str(one.seed), "number"), (one.truth, ""),
         (one.first, ""), (one.second, "")]
        for one in compared.turned
    ]  # fmt: skip
    words = f"{len(rows)} truths fare otherwise under {compared.second}."
    heads = ["scenario", "seed", "truth", compared.first, compared.second]
    table = _table(heads, rows) if rows else ""
    return f"<h2>What turned</h2><p>{escape(words)}</p>{table}"


def _groups(result: Result, title: str, summaries: Iterable[Summary], what: str) -> str:
    wanted = [definition for definition in FIGURES if definition.name in _IN_TABLES]
    heads = [what, "runs", "hazards", *(definition.title for definition in wanted)]
    rows = [
        [(one.key, "name"), (str(one.runs), "number"), (str(one.hazards), "number"),
         *((_two_lines(figure_of(d.name, one.figures[d.name])), "number") for d in wanted)]
        for one in summaries
    ]  # fmt: skip
    note = "" if len(result.configurations) == 1 else _of_first(result)
    return f"<h2>{title}</h2>{note}{_table(heads, rows)}"


def _two_lines(words: str) -> str:
    """The interval below its figure."""
    return words.replace(" (", "\n", 1).removesuffix(")")


def _of_first(result: Result) -> str:
    return f'<p class="note">Of {escape(result.configurations[0])}.</p>'


def _misses(result: Result) -> str:
    missed = misses_of(result.runs, result.configurations[0])
    rows = [
        [(one.family, ""), (one.scenario, ""), (one.truth, ""), (one.level or one.what, ""),
         (f"{len(one.seeds)} of {one.of}", "number"),
         (", ".join(f"{kind} ({count})" for kind, count in one.kinds.items()), ""),
         (one.example, "cause")]
        for one in missed
    ]  # fmt: skip
    heads = ["family", "scenario", "truth", "asked for", "seeds", "why", "for instance"]
    words = "What was not called in time, or called without need: the detector's work list."
    table = _table(heads, rows) if rows else "<p>Nothing.</p>"
    return f'<h2>Misses</h2><p class="note">{words}</p>{table}'


def _false_alarms(result: Result) -> str:
    every = nuisances_of(result.runs, result.configurations[0])
    rows = [
        [(one.scenario, ""), (one.hazard, ""), (one.sensor, ""), (one.level, ""), (one.code, ""),
         (str(one.count), "number"), (str(one.seeds), "number"), (one.cause, "cause")]
        for one in every[:NUISANCES_MAX]
    ]  # fmt: skip
    heads = ["scenario", "hazard", "sensor", "colour", "reason", "alarms", "seeds", "when"]
    more = len(every) - len(rows)
    left = f'<p class="note">and {more} more kinds, in the JSON.</p>' if more else ""
    table = _table(heads, rows) if rows else "<p>None.</p>"
    return f"<h2>False alarms</h2>{table}{left}"


def _pictures(title: str, note: str, pictures: Iterable[tuple[str, str]]) -> str:
    figures = [f"<figure><h3>{escape(name)}</h3>{drawing}</figure>" for name, drawing in pictures]
    if not figures:
        return ""
    inner = "\n".join(figures)
    return f'<h2>{title}</h2><p class="note">{note}</p><div class="pictures">{inner}</div>'


def _delays(result: Result) -> str:
    first = result.configurations[0]
    drawing = plots.delays(result, first)
    if not drawing:
        return ""
    keys = "".join(
        f'<span class="key"><i class="{look}"></i>{escape(family)}</span>'
        for family, look in plots.families(result, first)
    )
    words = "Share of each family's hazards that had reached their colour after a time; what was "
    words += "never called keeps the curve below 1."
    figure = f"<figure>{drawing}<figcaption>{keys}</figcaption></figure>"
    return f'<h2>Delays</h2><p class="note">{words}</p>{figure}'


def _price(result: Result) -> str:
    drawing = plots.price(result)
    if not drawing:
        return ""
    words = (
        "Recall against false alarms a sensor-year, as the bar falls from certain to anything. "
        "Swept is the likelihood the events carry, after the fact: alarms are left out, the "
        "detector is not run again with other thresholds, so nothing can be found here that it "
        "did not call. The dot is the detector as it is."
    )
    return f'<h2>Price of recall</h2><p class="note">{words}</p><figure>{drawing}</figure>'


def _not_run(result: Result) -> str:
    if not result.not_run:
        return ""
    rows = [[(one.family, ""), (one.scenario, ""), (one.because, "cause")]
            for one in result.not_run]  # fmt: skip
    return f"<h2>Not run</h2>{_table(['family', 'scenario', 'why'], rows)}"


def _definitions() -> str:
    rows = [[(one.title, ""), (one.unit, ""), (one.meaning, "cause")] for one in FIGURES]
    return f"<h2>What the figures mean</h2>{_table(['figure', 'unit', 'meaning'], rows)}"


def _table(heads: Sequence[str], rows: Iterable[Row]) -> str:
    rows = list(rows)
    looks = ["number" if look.startswith("number") else "" for _, look in rows[0]] if rows else []
    top = "".join(_cell("th", head, look) for head, look in zip_longest(heads, looks, fillvalue=""))
    body = "\n".join(
        "<tr>" + "".join(_cell("td", words, look) for words, look in row) + "</tr>"
        for row in rows
    )  # fmt: skip
    return (
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(tag: str, words: str, look: str) -> str:
    opening = f'<{tag} class="{look}">' if look else f"<{tag}>"
    first, _, below = words.partition("\n")
    small = f"<small>{escape(below)}</small>" if below else ""
    return f"{opening}{escape(first)}{small}</{tag}>"


def _look(better: int, by: float | None) -> str:
    if by is None or by == 0 or better == 0:
        return "number"
    return "number better" if (by > 0) == (better > 0) else "number worse"


def _ranges(seeds: Sequence[int]) -> list[str]:
    whole = list(range(seeds[0], seeds[0] + len(seeds)))
    return [f"{seeds[0]} to {seeds[-1]}"] if list(seeds) == whole and len(seeds) > 1 else [
        str(seed) for seed in seeds
    ]  # fmt: skip
