"""The bundled scenarios: complete, playable with any seed, and possible to keep their word."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from shared.config.marked_yaml import load_marked
from shared.domain.level import Level
from shared.errors import BadInput
from shared.registry.load import load_registry
from simulators import scenario_city, scenario_page, scenario_schema
from simulators.scenario import BUNDLED, expected_of, list_scenarios, parcels_of, stage
from simulators.scenario_kinds import FAULTS, HAPPENINGS

ROOT = Path(__file__).resolve().parents[3]
LISTED = list_scenarios()
NUMBERED = [one for one in LISTED if one.id]
PLAYABLE = [one for one in LISTED if one.city != "L-TOWN"]
LEVELS = (Level.YELLOW, Level.ORANGE, Level.RED)
ABOVE = {
    "ch4": (0.5, 1.0, 2.5), "h2s": (7.2, 14.4, 50.4), "smoke": (0.15, 0.30, 0.30),
    "water-level": (0.6, 1.0, 1.5), "co": (26.0, 52.0, 200.0),
}  # fmt: skip
BELOW = {
    "o2": (19.5, 18.0, 16.0), "water-pressure": (0.16, 0.14, 0.14),
    "fire-water-pressure": (0.15, 0.10, 0.05),
}  # fmt: skip
POSSIBLE = ["W04", "G01", "G02", "G03", "G04", "G05", "G06", "F01", "F04", "F05", "F06",
            "C01", "C02", "C03", "C04"]  # fmt: skip


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture(scope="module")
def schema():
    return jsonschema.Draft202012Validator(scenario_schema.document())


def test_the_library_holds_every_number():
    sizes = {"W": 6, "G": 7, "F": 6, "C": 4, "S": 16}
    wanted = [f"{letter}{i:02d}" for letter, last in sizes.items() for i in range(1, last + 1)]
    assert [one.id for one in NUMBERED] == wanted
    assert len({one.name for one in LISTED}) == len(LISTED)


@pytest.mark.parametrize("one", NUMBERED, ids=lambda one: one.id)
def test_a_file_is_named_after_its_scenario_and_speaks_both_languages(one):
    assert one.path.stem == f"{one.id}-{one.name}"
    assert one.id[0] == one.family
    raw = load_marked(one.path)[0].plain()
    for key in ("summary", "expects"):
        assert raw[key]["en"].strip().endswith(".")
        assert any("一" <= char <= "鿿" for char in raw[key]["zh"])


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_obeys_the_schema(path, schema):
    assert not list(schema.iter_errors(load_marked(path)[0].plain()))


def test_the_schema_refuses_what_is_refused(schema):
    good = {"name": "x", "summary": "s"}
    assert schema.is_valid(good)
    assert not schema.is_valid({"summary": "s"})
    for wrong in (
        {"speed": 3},
        {"happenings": [{"kind": "quake"}]},
        {"faults": [{"kind": "stuck", "at": "nowhere"}]},
    ):
        assert not schema.is_valid({**good, **wrong})


def test_schema_and_page_say_what_the_models_say():
    mend = "run python -m simulators.scenario_schema and python -m simulators.scenario_page"
    assert scenario_schema.FILE.read_text("utf-8") == scenario_schema.as_json(), mend
    said = scenario_page.PAGE.read_text("utf-8")
    assert said == scenario_page.page(said), mend


@pytest.mark.parametrize("one", PLAYABLE, ids=lambda one: one.id or one.name)
def test_every_scenario_is_sound_with_any_seed_and_says_what_to_notice(one, registry):
    places = set()
    for seed in (None, *range(1, 11)):
        staged = stage(one.id or one.name, registry, seed=seed)
        expected = expected_of(staged.scenario, staged.registry)
        assert expected or one.name == "quiet"
        scenario = staged.scenario
        places.add(str([scenario.happenings, scenario.faults]))
        for line in expected:
            assert line.quiet == (line.what is None)
            if line.what is not None:
                assert (
                    line.from_s <= line.earliest_s < line.latest_s <= (scenario.duration_s or 1e9)
                )
    if one.id and one.id not in {"S09", "S10"}:
        assert len(places) > 2, "seeds differ in nothing but noise"


@pytest.mark.parametrize("name", ["W02", "W03"])
def test_without_l_town_its_scenarios_say_what_is_missing(name, registry, monkeypatch, tmp_path):
    monkeypatch.setenv("TOCSIN_NETWORKS", str(tmp_path))
    monkeypatch.setattr("simulators.networks.source._LIBRARIES", ())
    scenario_city._network.cache_clear()
    with pytest.raises(BadInput, match=r"network L-TOWN not found .* install epyt"):
        stage(name, registry)


@pytest.mark.slow
@pytest.mark.needs_data("battledim/L-TOWN.inp")
def test_l_town_scenarios_are_sound_where_it_is(labelled_data, registry, monkeypatch):
    monkeypatch.setenv("TOCSIN_NETWORKS", str(labelled_data / "battledim"))
    for name in ("W02", "W03"):
        staged = stage(name, registry, seed=4)
        (leak,) = expected_of(staged.scenario, staged.registry)
        assert leak.position is not None
        assert len(staged.registry.sensors) >= 33


@pytest.mark.slow
@pytest.mark.parametrize("name", POSSIBLE)
def test_what_is_expected_of_a_limit_can_be_seen_in_time(name, registry):
    staged = stage(name, registry, seed=3)
    scenario = staged.scenario
    reached: dict[tuple[str, str, int], float] = {}
    start_us = round(scenario.start.timestamp() * 1e6)
    for parcel in parcels_of(scenario, registry, seed=3, start=scenario.start, run="x"):
        for sensor, at_us, value in zip(
            parcel.sensors, parcel.measured_at_us, parcel.values, strict=True
        ):
            quantity = registry.sensors[sensor].quantity.value
            limits, sign = (ABOVE[quantity], 1) if quantity in ABOVE else (BELOW.get(quantity), -1)
            for rank, limit in enumerate(limits or ()):
                if sign * value >= sign * limit:
                    since = (int(at_us) - start_us) / 1e6
                    reached.setdefault((parcel.site, quantity, rank), since)
    checked = 0
    for line in expected_of(scenario, registry):
        if line.what is None or line.what.hazard is None or line.level not in LEVELS:
            continue
        sites = {registry.assets[asset].site for asset in line.assets}
        quantities = SEEN_BY[line.what.value]
        rank = LEVELS.index(line.level)
        times = [t for (site, q, r), t in reached.items()
                 if site in sites and q in quantities and r == rank]  # fmt: skip
        assert times, f"{line.what} never reaches {line.level.value}"
        assert line.earliest_s <= min(times) <= line.latest_s
        checked += 1
    assert checked


SEEN_BY = {
    "gas": {"ch4", "h2s", "o2"}, "fire": {"smoke", "co"}, "water": {"water-pressure"},
    "fire-water": {"fire-water-pressure"}, "flood": {"water-level"},
}  # fmt: skip


def test_the_library_uses_every_kind_there_is():
    used = set()
    for path in BUNDLED.glob("*.yaml"):
        raw = load_marked(path)[0].plain()
        used |= {entry["kind"] for key in ("happenings", "faults") for entry in raw.get(key, [])}
    assert set(FAULTS) <= used
    assert set(HAPPENINGS) - used <= {"sprinkler"}
