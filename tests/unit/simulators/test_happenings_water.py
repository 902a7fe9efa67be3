"""Leaks, bursts, operations and sinkholes in the city's zones: when, where, how they look."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter

from shared.registry.load import load_registry
from simulators.city import City
from simulators.happenings import water
from simulators.happenings.water import Flush, Leak, MainBurst, PumpTrip, Sinkhole, ValveShut
from simulators.physics.water import MPA_PER_M
from tests.support.played import START

HOUR = 3600.0
DAY = 86_400.0


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture
def city(registry):
    return City(registry, seed=1, start=START, sites=["z1", "z2"])


def made(kind: str, **fields):
    models = {model.model_fields["kind"].annotation.__args__[0]: model for model in water.KINDS}
    return TypeAdapter(models[kind]).validate_python({"kind": kind, **fields})


def added(happening, city, sensor: str, *times_s: float) -> list[float]:
    trace = happening.traces(city)[sensor]
    return [float(value) for value in trace.at(np.array(times_s))]


def test_every_kind_has_a_word_of_its_own():
    words = [model.model_fields["kind"].annotation.__args__[0] for model in water.KINDS]
    assert sorted(words) == ["flush", "leak", "main-burst", "pump-trip", "sinkhole", "valve-shut"]


def test_an_abrupt_leak_shows_at_once_and_goes_when_it_is_repaired(city):
    leak = made("leak", asset="z2-n05", from_s=100.0, until_s=2 * HOUR, hole_mm=40)
    before, first, last, after = added(
        leak, city, "z2-n05-pressure", 99.0, 101.0, 2 * HOUR - 1, 2 * HOUR
    )
    assert before == pytest.approx(0.0, abs=1e-6)
    assert first == pytest.approx(last, rel=0.25)  # people draw more as the hours pass
    assert first < -0.003
    assert after == pytest.approx(0.0, abs=1e-6)
    (more,) = added(leak, city, "z2-inlet-flow", HOUR)
    assert more == pytest.approx(4.17 * 5.2, rel=0.1)  # C of 40 mm, about 27 m of head


def test_a_growing_leak_grows_by_its_area(city):
    leak = made("leak", asset="z2-n05", from_s=DAY, until_s=8 * DAY, grows_s=5 * DAY, hole_mm=40)
    quarter, half, whole, later = added(
        leak, city, "z2-inlet-flow", *(DAY + 5 * DAY * share for share in (0.2, 0.4, 1.0, 1.2))
    )
    assert quarter == pytest.approx(half / 2.0, rel=0.03)  # at the same hour of the day
    assert quarter == pytest.approx(whole / 5.0, rel=0.05)
    assert later == pytest.approx(whole, rel=0.02)


def test_a_leak_in_a_main_lies_halfway_between_its_ends(registry, city):
    leak = made("leak", asset="z2-n05", pipe="z2-n05--z2-n04", from_s=0.0, until_s=HOUR, hole_mm=60)
    assert list(leak.faults(registry)) == []
    ends = [np.array(registry.assets[end].geometry.positions[0]) for end in leak.ends()]
    assert leak.position(registry) == pytest.approx(tuple((ends[0] + ends[1]) / 2.0))
    falls = {sensor: trace.at(np.array([1800.0]))[0] for sensor, trace in leak.traces(city).items()}
    pressures = {sensor: fall for sensor, fall in falls.items() if sensor.endswith("-pressure")}
    worst = sorted(pressures, key=pressures.__getitem__)[:4]
    assert {"z2-n05-pressure", "z2-n04-pressure"} & set(worst)
    assert not any(sensor.startswith("z1") for sensor in falls)


def test_a_burst_undershoots_before_it_settles(city):
    burst = made("main-burst", asset="z2-n05", from_s=100.0, until_s=HOUR, hole_mm=150)
    early, settled = added(burst, city, "z2-n05-pressure", 103.0, 400.0)
    assert early < 1.08 * settled < -0.1
    flows = added(burst, city, "z2-inlet-flow", 103.0, 400.0)
    assert flows[0] == pytest.approx(flows[1], rel=0.05)


def test_a_tripped_pump_lowers_all_gauges_alike_and_quickly_gives_it_back(city):
    trip = made("pump-trip", asset="z1-inlet", from_s=600.0, until_s=1800.0, fall_m=4.0)
    falls = [
        trace.at(np.array([599.0, 601.0, 1799.0, 1800.0])) / MPA_PER_M
        for sensor, trace in trip.traces(city).items()
        if sensor.endswith("-pressure")
    ]
    assert len(falls) == 11
    for before, first, last, after in falls:
        assert (before, after) == pytest.approx((0.0, 0.0), abs=1e-4)
        assert (first, last) == pytest.approx((-4.0, -4.0), abs=0.1)


def test_a_flushing_takes_what_it_says(city):
    flush = made("flush", asset="z1-n09", from_s=0.0, until_s=HOUR, flow_ls=20.0)
    assert added(flush, city, "z1-inlet-flow", 1800.0) == pytest.approx([20.0], abs=0.1)


def test_a_shut_valve_hurts_one_side_and_helps_the_other(city):
    shut = made("valve-shut", asset="z2-n03", pipe="z2-n03--z2-n06", from_s=0.0, until_s=HOUR)
    traces = shut.traces(city)
    below, above = (
        traces[f"z2-{node}-pressure"].at(np.array([1800.0]))[0] for node in ("n06", "n03")
    )
    assert below < -0.0005
    assert above >= 0.0


@pytest.mark.slow
def test_a_sinkhole_seeps_for_weeks_and_then_gives_way(city):
    hole = made(
        "sinkhole", asset="z2-n05", from_s=0.0, collapse_s=60 * DAY, until_s=60 * DAY + HOUR,
        hole_mm=40, burst_mm=150,
    )  # fmt: skip
    nights = [16 * HOUR + 7 * DAY * week for week in range(1, 8)]  # 16:00 UTC + 8 h is midnight
    flows = np.array(added(hole, city, "z2-inlet-flow", *nights))
    assert (np.diff(flows) > 0.0).all()
    assert np.diff(flows) == pytest.approx(np.diff(flows).mean(), rel=0.05)
    eve, broken, mended = added(
        hole, city, "z2-n05-pressure", 60 * DAY - 1, 60 * DAY + 60, 60 * DAY + HOUR
    )
    assert broken < 10.0 * eve < 0.0
    assert mended == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("happening", "said"),
    [
        (Leak(kind="leak", asset="z2-n05", pipe="z2-n01--z2-n09", from_s=0, until_s=1, hole_mm=9),
         "pipe z2-n01--z2-n09 is no pipe link"),
        (Leak(kind="leak", asset="z2-n05", pipe="z2-n01--z2-n04", from_s=0, until_s=1, hole_mm=9),
         "does not touch asset z2-n05"),
        (MainBurst(kind="main-burst", asset="vc-07", from_s=0, until_s=1, hole_mm=9),
         "is a chamber, this happens at: pipe, pipe-node"),
        (ValveShut(kind="valve-shut", asset="z2-n05", from_s=0, until_s=1),
         "name the main to shut"),
        (PumpTrip(kind="pump-trip", asset="nowhere", from_s=0, until_s=1),
         "asset nowhere is not in the registry"),
        (Flush(kind="flush", asset="z2-n05", from_s=5, until_s=1), "until_s 1 is not after from_s"),
        (Sinkhole(kind="sinkhole", asset="z2-n05", from_s=0, until_s=9, collapse_s=10),
         "collapse_s 10 is not between"),
    ],
)  # fmt: skip
def test_what_cannot_happen_is_refused_in_words(registry, happening, said):
    assert any(said in line for line in happening.faults(registry))


def test_the_same_happening_gives_the_same_numbers(city):
    burst = made("main-burst", asset="z2-n05", from_s=100.0, until_s=HOUR, hole_mm=150)
    once, again = burst.traces(city), burst.traces(city)
    assert once.keys() == again.keys()
    for sensor, trace in once.items():
        assert trace.added.tobytes() == again[sensor].added.tobytes()
