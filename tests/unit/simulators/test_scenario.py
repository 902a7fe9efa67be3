"""Scenarios keep their promises, and a wrong file is told everything that is wrong with it."""

from __future__ import annotations

import pytest

from shared.domain.level import Level
from shared.errors import BadInput
from shared.registry.load import load_registry
from simulators.scenario import (
    BadScenario,
    frames_of,
    list_scenarios,
    load_scenario,
    parse_scenario,
)
from tests.support.played import START, first_at_least, first_below, series


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def played(name: str, registry, *, seed: int | None = None, duration_s: float | None = None):
    scenario = load_scenario(name, registry)
    return series(
        frames_of(
            scenario,
            registry,
            seed=scenario.seed if seed is None else seed,
            start=START,
            run="drill",
            duration_s=duration_s,
        )
    )


def truth_of(name: str, registry, asset: str):
    scenario = load_scenario(name, registry)
    return next(h.truth for h in scenario.happenings if h.asset == asset)


def test_the_promised_scenarios_are_there():
    names = {entry.name for entry in list_scenarios()}
    assert {"burst", "tower-fire", "chamber-gas", "quiet", "demo"} <= names
    assert all(entry.summary for entry in list_scenarios())


def test_a_burst_empties_its_zone_within_its_promise_and_leaves_the_others_alone(registry):
    seen = played("burst", registry)
    truth = truth_of("burst", registry, "z2-n05")
    low = first_below(seen["z2-n05-pressure"], 0.10)
    assert truth.level is Level.RED
    assert truth.earliest_s <= low <= truth.latest_s - 20  # red water waits 20 s
    assert seen["z2-n05-pressure"][-1][1] > 0.21  # repaired
    for sensor, points in seen.items():
        if sensor.endswith("-pressure") and not sensor.startswith("z2-"):
            assert first_below(points, 0.21) is None, sensor
    flows = [value for _, value in seen["z2-inlet-flow"]]
    assert max(flows) > 2 * flows[0]


def test_the_first_sample_of_a_burst_undershoots_where_it_settles(registry):
    points = [v for t, v in played("burst", registry)["z2-n02-pressure"] if 120 <= t < 300]
    assert min(points[:3]) < points[-1] - 0.005


def test_a_tower_fire_shows_smoke_in_two_heads_before_heat_and_then_spreads(registry):
    seen = played("tower-fire", registry)
    truth = truth_of("tower-fire", registry, "harbour-f23")
    one = first_at_least(seen["harbour-f23-smoke-a"], 0.3)
    two = first_at_least(seen["harbour-f23-smoke-b"], 0.3)
    heat = first_at_least(seen["harbour-f23-temp"], 54.0)
    assert truth.earliest_s <= max(one, two) <= truth.latest_s
    assert 60 <= heat - max(one, two) <= 360
    assert max(one, two) < first_at_least(seen["harbour-f24-smoke-a"], 0.3)
    assert one < first_at_least(seen["harbour-stair-smoke"], 0.3)
    assert first_at_least(seen["harbour-f22-smoke-a"], 0.05) is None
    assert first_at_least(seen["harbour-f25-smoke-a"], 0.05) is None
    assert seen["harbour-f23-smoke-a"][-1][1] < 0.05  # the air is clear again


def test_smouldering_shows_carbon_monoxide_long_before_heat(registry):
    seen = played("tower-fire", registry)
    co = first_at_least(seen["harbour-f23-co"], 13.0)
    assert co + 60 < first_at_least(seen["harbour-f23-temp"], 45.0)


def test_chamber_gas_climbs_through_the_colours_in_its_time(registry):
    seen = played("chamber-gas", registry)
    truth = truth_of("chamber-gas", registry, "vc-07")
    climbed = [first_at_least(seen["vc-07-ch4"], limit) for limit in (0.25, 0.5, 1.0, 2.5)]
    assert climbed == sorted(climbed)
    assert climbed[0] >= truth.earliest_s
    assert climbed[3] <= truth.latest_s
    # One cubic metre an hour into ten: 0.1 of the volume an hour, 1 % after six minutes.
    assert climbed[2] == pytest.approx(60 + 360 + 13, abs=15)
    assert seen["vc-07-ch4"][-1][1] < 0.2


@pytest.mark.parametrize("seed", [1, 2, 3], ids="seed={}".format)
def test_the_demo_reaches_orange_between_20_and_25_seconds(registry, seed):
    seen = played("demo", registry, seed=seed, duration_s=60.0)
    assert 18.0 <= first_at_least(seen["vc-07-ch4"], 1.0) <= 25.0


@pytest.mark.slow
def test_the_demo_has_a_fire_after_four_minutes_a_burst_after_eight_and_then_calm(registry):
    seen = played("demo", registry, duration_s=3000.0)
    assert 210 <= first_at_least(seen["harbour-f23-smoke-a"], 0.3) <= 300
    assert 480 <= first_below(seen["z2-n05-pressure"], 0.10) <= 500
    for sensor, limit in (("vc-07-ch4", 0.2), ("harbour-f23-smoke-a", 0.04)):
        assert max(value for since, value in seen[sensor] if since > 2500) < limit
    assert min(value for since, value in seen["z2-n05-pressure"] if since > 2500) > 0.21


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12], ids="seed={}".format)
def test_quiet_stays_quiet(registry, seed):
    seen = played("quiet", registry, seed=seed, duration_s=1800.0)
    assert len(seen) == len(registry.sensors)
    for sensor, points in seen.items():
        if sensor.endswith("-ch4"):
            assert first_at_least(points, 0.25) is None
        if "-smoke" in sensor:
            assert first_at_least(points, 0.05) is None
        if sensor.endswith("-o2"):
            assert first_below(points, 20.2) is None


def test_frames_come_in_order_and_carry_the_run(registry):
    scenario = load_scenario("demo", registry)
    frames = list(frames_of(scenario, registry, seed=1, start=START, run="drill", duration_s=30.0))
    moments = [frame.measured_at for frame in frames]
    assert moments == sorted(moments)
    assert all(b'"run":"drill"' in frame.payload for frame in frames)
    assert len(frames) > 50


def test_a_wrong_scenario_is_told_every_fault_at_once(registry):
    text = """
name: Bad Name
summary: s
speed: 3
sites: [nowhere]
happenings:
  - {kind: gas-leak, asset: vc-99, from_s: 10, until_s: 5, leak_m3h: 1}
  - {kind: floor-fire, asset: z2-n05, from_s: 0, until_s: 5}
  - {kind: earthquake, asset: vc-07}
  - {kind: main-burst, asset: z2-n05, from_s: 0, until_s: 60, hole_mm: wide}
  - {kind: gas-leak, asset: vc-07, from_s: 50, until_s: 90, leak_m3h: 1,
     truth: {what: gas, level: red, earliest_s: 20, latest_s: 10}}
"""
    with pytest.raises(BadScenario) as caught:
        parse_scenario(text, "scenario bad.yaml", registry)
    told = "\n".join(caught.value.lines)
    for word in ("name", "speed", "vc-99", "until_s 5 is not after", "z2-n05 is a pipe-node",
                 "no smoke sensor", "earthquake", "hole_mm", "latest_s is not after",
                 "before from_s"):  # fmt: skip
        assert word in told, f"{word} is missing in\n{told}"


def test_a_scenario_of_unknown_sites_is_refused(registry):
    with pytest.raises(BadScenario, match="nowhere is not in the registry"):
        parse_scenario("name: x\nsummary: s\nsites: [nowhere]", "x", registry)


@pytest.mark.parametrize("text", ["- a list", "name: [", "7", ""])
def test_what_is_no_scenario_is_refused_in_words(text, registry):
    with pytest.raises(BadScenario):
        parse_scenario(text, "scenario x", registry)


def test_an_unknown_name_lists_the_known_ones(registry):
    with pytest.raises(BadInput, match=r"no scenario 'fire'; there are: .*tower-fire"):
        load_scenario("fire", registry)


def test_a_scenario_of_the_users_own_is_read_from_its_path(registry, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nsummary: own\nduration_s: 5\n")
    assert load_scenario(str(path), registry).name == "mine"
    with pytest.raises(BadInput, match="no scenario file"):
        load_scenario(str(tmp_path / "none.yaml"), registry)


def test_gas_in_a_tunnel_is_smelt_downstream_and_not_upstream(registry):
    text = """
name: tunnel
summary: s
duration_s: 700
sites: [t3]
every_s_max: 5
happenings:
  - {kind: gas-leak, asset: t3-s3, from_s: 30, until_s: 600, leak_m3h: 150, air_changes_per_h: 6}
"""
    scenario = parse_scenario(text, "x", registry)
    seen = series(frames_of(scenario, registry, seed=1, start=START, run=""))
    here, next_one = (first_at_least(seen[f"t3-s{n}-ch4"], 0.4) for n in (3, 4))
    assert here < next_one
    assert first_at_least(seen["t3-s1-ch4"], 0.25) is None
