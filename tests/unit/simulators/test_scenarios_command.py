"""What stands behind ``tocsin scenario``: every answer as rows and as lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services import scenarios
from shared.errors import BadInput
from shared.registry.load import load_registry
from simulators.scenario import stage


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def test_the_list_names_all_or_one_family():
    rows = scenarios.list_scenarios_rows()
    assert len(rows) >= 39
    assert json.dumps(rows)
    gas = scenarios.list_scenarios_rows("g")
    assert [row["id"] for row in gas] == [f"G{number:02d}" for number in range(1, 8)]
    lines = scenarios.list_lines(gas)
    assert lines[0].startswith("G01  chamber-leak")
    assert "6 h" in lines[0]


@pytest.mark.parametrize("name", ["C02", "c02", "false-all-clear", "C02-false-all-clear"])
def test_a_scenario_is_shown_by_any_of_its_names(name, registry):
    shown = scenarios.show(name, registry, seed=3)
    text = "\n".join(shown.lines)
    for word in ("C02", "culvert-gas at sq-p", "stuck at sq-p", "gas at least red", "0:30", "seed"):
        assert word in text
    assert shown.row["seed"] == 3
    assert json.dumps(shown.row)
    assert shown.row["truth"][0]["what"] == "gas"


def test_what_cannot_be_shown_is_said(registry):
    with pytest.raises(BadInput, match=r"no scenario 'C99'; there are: .*C01 culvert-vapour"):
        scenarios.show("C99", registry)


def test_a_new_scenario_checks_clean_and_plays(registry, tmp_path: Path):
    path = tmp_path / "mine.yaml"
    shown = scenarios.new("mine", path)
    assert shown.row["file"] == str(path)
    assert scenarios.check(path, registry) == ()
    staged = stage(str(path), registry)
    assert staged.scenario.name == "mine"
    assert len(staged.scenario.happenings) == len(staged.scenario.faults) == 1
    with pytest.raises(BadInput, match="exists already"):
        scenarios.new("mine", path)


def test_a_new_scenario_may_begin_as_another(registry, tmp_path: Path):
    shown = scenarios.new("my-tower", tmp_path, template="F01")
    path = Path(shown.row["file"])
    assert path.name == "my-tower.yaml"
    assert scenarios.check(path, registry) == ()
    scenario = stage(str(path), registry).scenario
    assert (scenario.name, scenario.id) == ("my-tower", None)


@pytest.mark.parametrize(("name", "file"), [("My Leak", "a.yaml"), ("leak", "a.txt")])
def test_a_new_scenario_wants_a_name_and_a_file_that_can_be_played(name, file, tmp_path: Path):
    with pytest.raises(BadInput):
        scenarios.new(name, tmp_path / file)


BAD = """\
name: bad
summery: typo
sites: [vc-07, vc-77]
every_s: fast
happenings:
  - kind: gas-leek
    asset: vc-07
  - kind: gas-leak
    asset: {any: chamber, hass: [ch4]}
    leak_m3h: {between: [3, 1]}
    from_s: 10
    until_s: 50
  - kind: gas-leak
    asset: vc-01
    leak_m3h: 1
    from_s: 10
    until_s: 5
faults:
  - {kind: stuck, sensor: vc-07-ch5}
  - {kind: bias, asset: {same: nobody}}
truth:
  - {quiet: true, what: gas}
  - {what: gas, assets: [vc-99], earliest_s: 0, latest_s: 9}
"""


def test_a_wrong_file_is_told_everything_at_once_with_line_and_mend(registry, tmp_path: Path):
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    told = scenarios.check(path, registry)
    expected = [
        (1, "summary: is missing", "add it"),
        (2, "summery: is not understood here", "did you mean 'summary'?"),
        (3, "sites: vc-77 is not in the registry", "did you mean"),
        (4, "every_s: must be a number, got 'fast'", "write it in digits"),
        (6, "'gas-leek' is no kind", "did you mean 'gas-leak'?"),
        (9, "hass is not a way to narrow", "use site, has, but"),
        (10, "between takes two numbers, the smaller first", "write [a, b]"),
        (14, "asset vc-01 stands in vc-01, which is not among sites", "add vc-01 to sites"),
        (17, "until_s 5 is not after from_s 10", "correct one of them"),
        (19, "sensor vc-07-ch5 is not in the registry", "did you mean 'vc-07-ch4'?"),
        (20, "nothing is named 'nobody'", "names given with as: none"),
        (22, "truth[0]: says neither what nor quiet, or both", "write what: or quiet: true"),
        (23, "truth[1]: has no level", "gas has a colour"),
        (23, "truth[1]: asset vc-99 is not in the registry", "did you mean"),
    ]
    found = [(one.line, one.what, one.mend) for one in told]
    for line, what, mend in expected:
        assert any(line == at and what in said and mend in do for at, said, do in found), (
            f"line {line} {what} is missing in\n" + "\n".join(map(str, told))
        )
    assert len(told) == len(expected), "\n".join(map(str, told))


def test_a_missing_network_is_one_complaint(registry, tmp_path: Path):
    path = tmp_path / "net.yaml"
    path.write_text("name: net\nsummary: s\ncity: {network: NoSuchTown}\n")
    (complaint,) = scenarios.check(path, registry)
    assert "NoSuchTown not found" in str(complaint)


def test_the_city_of_a_scenario_becomes_a_registry_that_loads(registry, tmp_path: Path):
    into = tmp_path / "net3"
    shown = scenarios.export_city("W01", into, registry)
    loaded = load_registry(into)
    made = stage("W01", registry).registry
    assert loaded.sensors == dict(made.sensors)
    assert loaded.assets == dict(made.assets)
    assert shown.row["sensors"] == len(loaded.sensors)
    with pytest.raises(BadInput, match="exists already"):
        scenarios.export_city("W01", into, registry)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "no end"),
        (45, "45 s"),
        (3600, "1 h"),
        (5400, "90 min"),
        (604_800, "7 d"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, said):
    assert scenarios.lasting(seconds) == said


def test_a_fault_of_form_hides_no_fault_of_sense(registry, tmp_path: Path):
    path = tmp_path / "twice-wrong.yaml"
    path.write_text(
        "name: twice-wrong\n"
        "summary: Wrong in form and in sense.\n"
        "seed: -1\n"
        "happenings:\n"
        "  - kind: gas-leak\n"
        "    asset: nowhere\n"
        "    leak_m3h: {between: [-2, -1]}\n"
        "    from_s: 10\n"
        "    until_s: 5\n"
    )

    said = "\n".join(str(fault) for fault in scenarios.check(path, registry))

    for line, words in ((3, "seed"), (6, "nowhere"), (7, "leak_m3h"), (9, "not after")):
        assert any(f"yaml:{line}:" in one and words in one for one in said.splitlines()), said
