"""The whole evaluation: repeatable, whoever works on it, and honest about what it left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.evaluation import report_html, report_json, run
from services.evaluation.command import evaluate_command, exit_code, seeds_of
from services.evaluation.library import names_of_all
from services.evaluation.model import NotRun, Verdict
from services.evaluation.run import evaluate
from services.evaluation.setting import Configuration
from services.whole import TocsinSettings
from shared.errors import BadInput, BadSettings
from tests.support.evaluated import NAMES, SEEDS, loud, small_result

CURRENT = (Configuration("current"),)

OWN = """\
name: own
summary: Gas seeps into vc-07.
family: G
duration_s: 900
sites: [vc-07]
every_s_max: 5
happenings:
  - kind: gas-leak
    asset: vc-07
    from_s: 60
    until_s: 600
    leak_m3h: {leak}
    volume_m3: 10
    air_changes_per_h: 0.1
    truth: {what: gas, level: red, earliest_s: 70, latest_s: {latest}}
"""


def own(folder: Path, *, leak: float = 8.0, latest: float = 500.0) -> str:
    path = folder / "own.yaml"
    path.write_text(OWN.replace("{leak}", f"{leak:g}").replace("{latest}", f"{latest:g}"))
    return str(path)


def the_one(result):
    (judged,) = result.runs[0].judged
    return judged


@pytest.mark.slow
def test_two_processes_find_to_the_digit_what_one_finds():
    together = evaluate(NAMES, seeds=SEEDS, configurations=CURRENT, jobs=2)
    assert report_json.text(together) == report_json.text(small_result())
    assert report_html.page(together) == report_html.page(small_result())


@pytest.mark.slow
def test_runs_come_in_the_order_they_were_asked_for():
    found = [(one.scenario, one.seed) for one in small_result().runs]
    assert found == [
        (name, seed) for name in ("chamber-gas", "tower-fire", "stuck") for seed in SEEDS
    ]


@pytest.mark.slow
def test_progress_is_told_after_every_run(tmp_path: Path):
    told = []
    evaluate([own(tmp_path)], seeds=[1, 2, 3], configurations=CURRENT, jobs=1,
             progress=lambda *said: told.append(said[:2]))  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_an_own_scenario_is_judged(tmp_path: Path):
    result = evaluate([own(tmp_path)], seeds=[3], configurations=CURRENT, jobs=1)
    judged = the_one(result)
    assert judged.verdict is Verdict.TRUE
    assert 60 < judged.delay_s < 440
    assert (result.runs[0].family, result.runs[0].refused) == ("G", {})
    assert result.runs[0].calls
    assert result.runs[0].trails[0].band == (), "too few readings for an opinion"


def test_a_planted_miss_has_the_planted_cause(tmp_path: Path):
    weak = the_one(evaluate([own(tmp_path, leak=0.2)], seeds=[1], configurations=CURRENT, jobs=1))
    assert weak.verdict is Verdict.MISSED
    assert "red begins from 2.5" in weak.cause
    late = the_one(evaluate([own(tmp_path, latest=100)], seeds=[1], configurations=CURRENT, jobs=1))
    assert late.verdict is Verdict.LATE
    assert late.cause.startswith("too late: by ")


def test_the_price_is_counted_in_pages_of_real_people(tmp_path: Path):
    quiet, noisy = (
        evaluate([own(tmp_path)], seeds=[1], configurations=[one], jobs=1)
        for one in (Configuration("current"), loud(tmp_path))
    )
    assert len(noisy.runs[0].calls) > len(quiet.runs[0].calls) > 0
    assert noisy.runs[0].event_ids == quiet.runs[0].event_ids


def test_a_bundled_scenario_that_cannot_be_played_here_is_not_run(monkeypatch):
    def absent(*_):
        raise BadInput("network L-TOWN not found")

    monkeypatch.setattr(run, "open_case", absent)
    result = evaluate(["burst"], seeds=[1], configurations=CURRENT, jobs=1)
    assert result.not_run == (NotRun("burst", "-", "network L-TOWN not found"),)
    assert result.runs == ()
    assert exit_code(result) == 1


def test_one_that_breaks_on_the_way_stops_no_other(monkeypatch, tmp_path: Path):
    whole = run.run_case

    def breaks(case, configurations, *, picture):
        if case.name == "burst":
            raise ZeroDivisionError("a bug")
        return whole(case, configurations, picture=picture)

    monkeypatch.setattr(run, "run_case", breaks)
    result = evaluate(["burst", own(tmp_path)], seeds=[1], configurations=CURRENT, jobs=1)
    assert [one.scenario for one in result.runs] == ["own"]
    assert result.not_run[0].because == "failed under seed 1: 'a bug'"
    assert exit_code(result) == 1
    assert exit_code(replace(result, not_run=())) == 0


def test_a_scenario_nobody_knows_is_an_error_that_names_those_there_are():
    with pytest.raises(BadInput, match=r"no scenario 'brust'; there are: .*burst"):
        evaluate(["brust"], seeds=[1], configurations=CURRENT, jobs=1)


def test_one_asked_for_twice_is_run_once_but_two_of_one_name_are_refused(tmp_path: Path):
    result = evaluate(["S01", "stuck"], seeds=[1], configurations=CURRENT, jobs=1)
    assert [one.scenario for one in result.runs] == ["stuck"]
    mine = Path(own(tmp_path))
    twin = tmp_path / "twin.yaml"
    twin.write_text(mine.read_text())
    with pytest.raises(BadInput, match="two scenarios are named own"):
        evaluate([str(mine), str(twin)], seeds=[1], configurations=CURRENT, jobs=1)


def test_what_does_not_add_up_is_told_before_anything_runs(tmp_path: Path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("levels: {}")
    settings = TocsinSettings.model_validate({"alerts": {"policy": bad}})
    with pytest.raises(BadSettings):
        evaluate([], seeds=[1], configurations=[Configuration("bad", settings)])
    with pytest.raises(BadInput, match="different names"):
        evaluate([], seeds=[1], configurations=CURRENT * 2)
    with pytest.raises(BadInput, match="seeds"):
        evaluate([], seeds=[], configurations=CURRENT)
    with pytest.raises(BadInput, match="--jobs 0"):
        evaluate(["burst"], seeds=[1], configurations=CURRENT, jobs=0)


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", (3,)), ("1..4", (1, 2, 3, 4)), ("5,1..2, 2", (5, 1, 2))]
)
def test_seeds_are_read(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "5..1", "1..", "-1", "1..2000"])
def test_what_are_no_seeds_is_refused(text):
    with pytest.raises(BadInput, match="--seeds"):
        seeds_of(text)


def test_the_command_writes_what_it_says(tmp_path: Path, capsys):
    other = tmp_path / "loud-settings.yaml"
    loud(tmp_path)
    other.write_text(f"alerts: {{policy: {tmp_path / 'loud.yaml'}}}")
    code = evaluate_command(
        [own(tmp_path)], settings=TocsinSettings(), seeds="1..2", compare=other, jobs=1,
        json_path=tmp_path / "deep" / "out.json", report=tmp_path / "report",
    )  # fmt: skip
    said = capsys.readouterr()
    assert code == 0
    assert "family G" in said.out
    assert "pages per run" in said.out
    assert "out.json" in said.err
    document = json.loads((tmp_path / "deep" / "out.json").read_text())
    assert [one["name"] for one in document["configurations"]] == ["current", "loud-settings"]
    assert "What turned" in (tmp_path / "report" / "report.html").read_text()


def test_the_command_prints_json_and_nothing_else(tmp_path: Path, capsys):
    evaluate_command([own(tmp_path)], settings=TocsinSettings(), seeds="1", jobs=1, as_json=True)
    assert json.loads(capsys.readouterr().out)["seeds"] == [1]


def test_a_second_city_is_refused(tmp_path: Path):
    other = tmp_path / "other.yaml"
    other.write_text("city: {registry: elsewhere/registry.yaml}")
    with pytest.raises(BadInput, match="another registry"):
        evaluate_command([], settings=TocsinSettings(), seeds="1", compare=other, jobs=1)


def test_the_library_has_something_of_every_kind():
    assert {"burst", "chamber-gas", "tower-fire", "quiet", "demo"} <= set(names_of_all())
