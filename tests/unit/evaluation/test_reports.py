"""What is written down: the same bytes for the same result, whole in itself, in a stable form."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from services.evaluation import report_html, report_json, table
from services.evaluation.compare import compare
from services.evaluation.model import NotRun, Result, Verdict
from services.evaluation.run import evaluate
from services.evaluation.setting import Configuration
from services.evaluation.stats import FIGURES, total
from services.evaluation.sweep import sweep
from services.evaluation.words import difference_of, figure_of, span_of
from tests.support.evaluated import loud, small_result

pytestmark = pytest.mark.slow
SCHEMA = Path(report_json.__file__).with_name("result.schema.json")


class Elements(HTMLParser):
    """Every tag with its attributes; complains of one that is not closed."""

    VOID = frozenset({"meta", "circle", "rect", "path", "link", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser.seen


def test_the_report_asks_the_world_for_nothing():
    page = report_html.page(small_result())
    seen = elements(page)
    assert len(seen) > 500
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in seen)
    for _, attributes in seen:
        assert not {"src", "href", "srcset", "onload", "style"} & set(attributes)
    assert not re.search(r"url\(|@import|https?:", page)


def test_the_report_holds_every_part():
    page = report_html.page(small_result())
    for part in ("Summary", "By family", "By scenario", "Misses", "False alarms", "Curves",
                 "Delays", "Price of recall", "Places", "What the figures mean"):  # fmt: skip
        assert f"<h2>{part}</h2>" in page
    assert "prefers-color-scheme: dark" in page
    assert 'class="band"' in page
    assert 'class="alarm red"' in page


def test_the_same_result_gives_the_same_bytes(tmp_path: Path):
    result = small_result()
    first = report_html.write(result, tmp_path / "a").read_bytes()
    assert report_html.write(result, tmp_path / "b").read_bytes() == first
    assert report_json.text(result) == report_json.text(result)


def test_what_was_not_run_is_named_with_the_reason():
    empty = Result((), (NotRun("abrupt-leak", "W", "network <L-TOWN> not found"),), (1,), ("a",))
    page = report_html.page(empty)
    elements(page)
    assert "network &lt;L-TOWN&gt; not found" in page
    console = Console(record=True, width=200)
    table.show(empty, console)
    assert "not run: abrupt-leak: network <L-TOWN> not found" in console.export_text()


def test_the_json_has_the_form_of_its_schema():
    schema = json.loads(SCHEMA.read_text())
    document = json.loads(report_json.text(small_result()))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    figures = document["configurations"][0]["total"]["figures"]
    assert set(figures) == {one.name for one in FIGURES}
    for change in ({"version": 2}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, **change}, schema)


def test_the_table_shows_every_scenario_and_every_miss():
    console = Console(record=True, width=200)
    table.show(small_result(), console)
    shown = console.export_text()
    for words in ("chamber-gas", "tower-fire", "stuck", "family S", "missed stuck faults[0]"):
        assert words in shown


def test_two_configurations_hear_the_same_and_call_otherwise(tmp_path: Path):
    result = evaluate(
        ["chamber-gas"], seeds=[1, 2], jobs=1,
        configurations=[Configuration("current"), loud(tmp_path)],
    )  # fmt: skip
    first, second = (total(result.runs, name) for name in result.configurations)
    assert second.pages > first.pages > 0
    compared = compare(result)
    changed = {one.figure for one in compared.differences if not one.same}
    assert changed == {"pages_per_run"}
    assert compared.turned == ()
    page = report_html.page(result)
    elements(page)
    assert "number worse" in page
    document = json.loads(report_json.text(result))
    assert document["comparison"]["second"] == "loud"
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))


def test_a_truth_that_fares_otherwise_is_named():
    result = small_result()
    assert compare(result) is None
    deaf = [
        replace(
            run,
            configuration="deaf",
            judged=tuple(replace(one, verdict=Verdict.MISSED) for one in run.judged),
        )
        for run in result.runs
    ]
    both = replace(result, runs=(*result.runs, *deaf), configurations=("current", "deaf"))
    turned = compare(both).turned
    assert {(one.scenario, one.first, one.second) for one in turned} == {
        ("chamber-gas", "true", "missed"),
        ("stuck", "kept", "missed"),
        ("tower-fire", "true", "missed"),
    }


def test_the_sweep_only_gives_up_alarms_and_ends_with_the_detector_as_it_is():
    result = small_result()
    points = sweep(result.runs, "current")
    assert len(points) > 1
    recalls = [point.recall for point in points]
    prices = [point.false_per_sensor_year for point in points]
    assert recalls == sorted(recalls)
    assert prices == sorted(prices)
    assert recalls[-1] == total(result.runs, "current").figures["recall"].value


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (-20, "−20 s"), (119, "119 s"), (125, "2 min 5 s"), (7200, "2.0 h"),
     (3 * 86400, "3.0 d")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds, words):
    assert span_of(seconds) == words


def test_figures_are_said_with_their_interval_and_differences_with_their_sign():
    recall = total(small_result().runs, "current").figures["recall"]
    assert figure_of("recall", recall) == "100.0 % (51.0 to 100.0)"
    assert difference_of("recall", -0.05) == "−5.0 %"
    assert difference_of("delay_median_s", 30.0) == "+30 s"
    assert difference_of("recall", None) == "–"
