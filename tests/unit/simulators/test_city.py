"""Normal life: same seed same bytes, gentle, inside every limit people are called for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from shared.domain.quantity import Quantity, to_canonical
from shared.registry.load import load_registry
from simulators.city import City, Trace, network_at
from simulators.habits import RESOLUTION, habit_of
from simulators.scenario import Scenario, frames_of
from simulators.zones import zone_model
from tests.support.played import START, series

CALLED_ABOVE = {
    Quantity.CH4: 0.25, Quantity.H2S: 3.6, Quantity.CO: 13.0, Quantity.SMOKE: 0.05,
    Quantity.TEMPERATURE: 40.0, Quantity.WATER_LEVEL: 0.30, Quantity.CO2: 2500.0,
}  # fmt: skip
CALLED_BELOW = {
    Quantity.O2: 20.2, Quantity.WATER_PRESSURE: 0.21, Quantity.FIRE_WATER_PRESSURE: 0.20,
    Quantity.RUNNING: 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def a_day(registry) -> dict[str, list[float]]:
    """The whole city for a day, every sensor reporting twice an hour."""
    seldom = {i: replace(sensor, interval_s=1800.0) for i, sensor in registry.sensors.items()}
    city = City(replace(registry, sensors=seldom), seed=1, start=START)
    plays = [city.play(group, {}, run="r", until_s=86_400.0) for group in city.groups]
    seen = series(frame for play in plays for _, frame in play)
    return {sensor: [value for _, value in points] for sensor, points in seen.items()}


def some_frames(registry, seed: int, **changed):
    scenario = Scenario(name="any", summary="any", **changed)
    return list(frames_of(scenario, registry, seed=seed, start=START, run="r", duration_s=60.0))


@pytest.mark.parametrize("seed", [0, 7], ids="seed={}".format)
def test_the_same_seed_gives_the_same_bytes(registry, seed):
    once, again = some_frames(registry, seed), some_frames(registry, seed)
    assert once == again
    assert len(once) > 20


def test_another_seed_gives_another_day(registry):
    once, other = some_frames(registry, 1), some_frames(registry, 2)
    assert [frame.measured_at for frame in once] == [frame.measured_at for frame in other]
    assert sum(a.payload != b.payload for a, b in zip(once, other, strict=True)) > len(once) / 2


def test_what_a_site_shows_does_not_depend_on_which_others_are_played(registry):
    alone = some_frames(registry, 3, sites=("vc-07",))
    together = [frame for frame in some_frames(registry, 3) if "/vc-07/" in frame.topic]
    assert alone == together != []


def test_on_an_ordinary_day_nothing_reaches_a_limit(registry):
    day = a_day(registry)
    assert set(day) == set(registry.sensors)
    checked = Counter()
    for sensor_id, values in day.items():
        sensor = registry.sensors[sensor_id]
        pumped = registry.assets[sensor.asset].kind == "pump"
        canonical = [to_canonical(sensor.quantity, sensor.unit, value) for value in values]
        if not pumped and (limit := CALLED_ABOVE.get(sensor.quantity)) is not None:
            assert max(canonical) < limit, sensor_id
            checked[sensor.quantity] += 1
        if not pumped and (limit := CALLED_BELOW.get(sensor.quantity)) is not None:
            assert min(canonical) > limit, sensor_id
            checked[sensor.quantity] += 1
        assert sensor.low <= min(values) <= max(values) <= sensor.high
    assert sum(checked.values()) > 300


def test_values_are_multiples_of_what_the_device_can_show(registry):
    seen = series(some_frames(registry, 1))
    for sensor_id, points in seen.items():
        sensor = registry.sensors[sensor_id]
        factor = to_canonical(sensor.quantity, sensor.unit, 1.0) - to_canonical(
            sensor.quantity, sensor.unit, 0.0
        )
        step = RESOLUTION[sensor.quantity] / factor
        for _, value in points:
            assert abs(value / step - round(value / step)) < 1e-6, sensor_id
    assert len(seen) > 100


def test_pressure_breathes_with_demand(registry):
    model = zone_model(registry, "z2")
    night, morning = network_at(model, np.array([3.0])), network_at(model, np.array([8.0]))
    assert (night.pressure_mpa > morning.pressure_mpa).all()
    assert night.inlet_ls[0] < 0.5 * morning.inlet_ls[0]


def test_a_trace_adds_to_its_sensor_and_to_no_other(registry):
    city = City(registry, seed=1, start=START, sites=["vc-07"])
    trace = {"vc-07-ch4": Trace(np.array([0.0, 100.0]), np.array([5.0, 5.0]))}
    plain, changed = (
        [frame for group in city.groups for _, frame in city.play(group, t, run="", until_s=90)]
        for t in ({}, trace)
    )
    before, after = series(plain), series(changed)
    assert np.allclose([v for _, v in after["vc-07-ch4"]],
                       [v + 5.0 for _, v in before["vc-07-ch4"]], atol=0.011)  # fmt: skip
    assert before["vc-07-o2"] == after["vc-07-o2"] != []


def test_every_kind_of_sensor_the_city_has_has_a_habit(registry):
    for sensor in registry.sensors.values():
        assert habit_of(registry.assets[sensor.asset].kind, sensor.quantity) is not None


def test_the_whole_city_stays_a_modest_stream_of_messages(registry):
    city = City(registry, seed=1, start=START, every_s_max=5.0)
    assert sum(1000.0 / group.interval_ms for group in city.groups) <= 20.0
