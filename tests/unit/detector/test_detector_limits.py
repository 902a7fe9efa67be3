"""Limits: what the tables promise, and that many sensors at once behave as each alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.detector.core.bank import blank
from services.detector.core.limit import Confidence, Family, Limit, Sense, family_of, hazard_of
from services.detector.core.limit_tables import LIMITS, limits_of
from services.detector.core.limits import LimitStep
from services.detector.core.profiles import SLOTS, compile_profiles, standard_profiles
from services.detector.core.rounds import rounds
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from tests.support.naive_limits import NaiveLimits

PROFILES = standard_profiles()
ALL = [
    pytest.param(limit, id=f"{family}-{quantity}-{limit.level.value}-{limit.sense}")
    for family, table in LIMITS.items()
    for quantity, limits in table.items()
    for limit in limits
]
START = 1_793_000_000_000_000


def grades(family, quantity, readings):
    """Grade after each (seconds, value)."""
    bank = blank(1)
    step = LimitStep(PROFILES, np.array([PROFILES.of(family, quantity)], np.int16))
    seen = []
    for seconds, value in readings:
        at = np.array([START + round(seconds * 1e6)])
        step.step(bank, np.array([value]), at, None)
        seen.append(int(PROFILES.grade[PROFILES.of(family, quantity), bank.mask[0]]))
    return seen


@pytest.mark.parametrize("limit", ALL)
def test_every_limit_names_its_source_and_clears_on_the_healthy_side(limit):
    assert limit.source
    assert limit.confidence in Confidence
    if limit.sense is Sense.BELOW:
        assert limit.clears_at >= limit.raises_at
    else:
        assert limit.clears_at < limit.raises_at
    assert limit.off_after_s > 0, "a single reading must not end an alarm"
    assert (limit.window_s > 0) == limit.sense.is_rate


@pytest.mark.parametrize("quantity", [Quantity.CH4, Quantity.H2S, Quantity.CO, Quantity.O2])
@pytest.mark.parametrize("family", [Family.UNDERGROUND, Family.SEWER, Family.BUILDING])
def test_orange_and_red_of_gases_never_wait(family, quantity):
    severe = [one for one in limits_of(family, quantity) if one.level >= Level.ORANGE]
    assert severe
    assert all(limit.on_after_s == 0 for limit in severe)


@pytest.mark.parametrize(
    ("family", "quantity", "values"),
    [
        (Family.UNDERGROUND, Quantity.CH4, [0.25, 0.5, 1.0, 2.5]),
        (Family.UNDERGROUND, Quantity.H2S, [3.6, 7.2, 14.4, 50.4]),
        (Family.UNDERGROUND, Quantity.CO, [13.05, 26.1, 52.2, 200.1]),
        (Family.UNDERGROUND, Quantity.O2, [20.19, 19.49, 17.99, 15.99]),
        (Family.NETWORK, Quantity.WATER_PRESSURE, [0.199, 0.159, 0.139, 0.099]),
        (Family.TALL_RISER, Quantity.FIRE_WATER_PRESSURE, [0.199, 0.149, 0.099, 0.049]),
        (Family.BUILDING, Quantity.TEMPERATURE, [None, 45.0, 54.0, 65.0]),
        (Family.BUILDING, Quantity.SMOKE, [0.05, 0.15, 0.30, None]),
    ],
)
def test_each_colour_is_reached_at_its_own_value(family, quantity, values):
    for grade, value in enumerate(values, start=1):
        if value is not None:
            lasting = grades(family, quantity, [(second, value) for second in range(0, 900, 30)])
            assert lasting[-1] == grade


def test_too_much_oxygen_is_orange():
    assert grades(Family.UNDERGROUND, Quantity.O2, [(0, 23.5)]) == [3]


def test_one_reading_of_17_percent_oxygen_is_orange_at_once():
    assert grades(Family.UNDERGROUND, Quantity.O2, [(0, 17.0)]) == [3]


def test_blue_methane_waits_five_minutes_of_event_time_without_a_break():
    seen = grades(Family.UNDERGROUND, Quantity.CH4, [(s, 0.3) for s in range(0, 301, 60)])
    assert seen == [0, 0, 0, 0, 0, 1]
    broken = [(s, 0.1 if s == 180 else 0.3) for s in range(0, 480, 60)]
    assert grades(Family.UNDERGROUND, Quantity.CH4, broken) == [0] * 8


def test_what_falls_from_red_goes_through_orange_and_never_through_nothing():
    readings = [(0, 3.0), *((s, 1.5) for s in range(10, 200, 10)), (210, 0.0), (400, 0.0)]
    seen = grades(Family.UNDERGROUND, Quantity.CH4, readings)
    assert seen[0] == 4
    assert seen[19] == 3
    assert seen[-2:] == [3, 0]
    assert 0 not in seen[:-1]


def test_recovery_counts_only_beyond_the_clear_value():
    hovering = [(0, 1.0), *((s, 0.9) for s in range(10, 1000, 10))]
    assert set(grades(Family.UNDERGROUND, Quantity.CH4, hovering)) == {3}


def test_ten_kelvin_in_a_minute_is_red_and_in_ten_minutes_blue():
    fast = [(s, 20 + s * 10 / 45) for s in range(0, 90, 2)]
    assert max(grades(Family.BUILDING, Quantity.TEMPERATURE, fast)) == 4
    slow = [(s, 20 + s * 10 / 500) for s in range(0, 700, 5)]
    assert max(grades(Family.BUILDING, Quantity.TEMPERATURE, slow)) == 1
    daily = [(s, 20 + s * 10 / 3600) for s in range(0, 7200, 30)]
    assert max(grades(Family.BUILDING, Quantity.TEMPERATURE, daily)) == 0


@pytest.mark.parametrize("glitch", [-40.0, 0.0, 44.0])
def test_one_bad_sample_is_no_rise(glitch):
    readings = [(s, glitch if s == 40 else 22.0) for s in range(0, 300, 5)]
    assert set(grades(Family.BUILDING, Quantity.TEMPERATURE, readings)) == {0}


def test_a_pressure_that_falls_by_a_tenth_of_a_megapascal_in_a_minute_is_red():
    burst = [(s, 0.42 if s < 60 else 0.30) for s in range(0, 180, 15)]
    assert max(grades(Family.NETWORK, Quantity.WATER_PRESSURE, burst)) == 4
    night = [(s, 0.42 - 0.12 * s / 7200) for s in range(0, 7200, 15)]
    assert max(grades(Family.NETWORK, Quantity.WATER_PRESSURE, night)) == 0


def test_fire_water_limits_depend_on_the_height_of_the_building():
    assert family_of(AssetKind.RISER, 180.0) is Family.TALL_RISER
    assert family_of(AssetKind.RISER, 96.0) is Family.RISER
    readings = [(s, 0.14) for s in range(0, 300, 30)]
    assert grades(Family.TALL_RISER, Quantity.FIRE_WATER_PRESSURE, readings)[-1] == 2
    assert grades(Family.RISER, Quantity.FIRE_WATER_PRESSURE, readings)[-1] == 1


def test_every_sensor_of_every_asset_has_a_hazard_but_the_fan():
    for kind in AssetKind:
        for quantity in Quantity:
            hazard = hazard_of(family_of(kind, None), quantity)
            assert (hazard is None) == (quantity is Quantity.RUNNING)
    assert hazard_of(Family.BUILDING, Quantity.CO) is Hazard.FIRE
    assert hazard_of(Family.UNDERGROUND, Quantity.CO) is Hazard.GAS
    assert hazard_of(Family.PUMP, Quantity.WATER_PRESSURE) is Hazard.MACHINE
    assert hazard_of(Family.RISER, Quantity.FIRE_WATER_PRESSURE) is Hazard.FIRE_WATER


def test_a_sensor_with_more_limits_than_fit_is_refused():
    one = Limit(Level.BLUE, Sense.ABOVE, 1.0, 0.5, 0, 60, "x", Confidence.PROPOSAL)
    with pytest.raises(ValueError, match="room for 8"):
        compile_profiles({Family.PUMP: {Quantity.CH4: (one,) * (SLOTS + 1)}})


SENSORS = [
    (Family.UNDERGROUND, Quantity.O2),
    (Family.BUILDING, Quantity.TEMPERATURE),
    (Family.NETWORK, Quantity.WATER_PRESSURE),
    (Family.UNDERGROUND, Quantity.CH4),
    (Family.PUMP, Quantity.CURRENT),
]


def story(draw_seed):
    """Readings of five sensors that walk, jump and come back, in a shuffled order."""
    rng = np.random.default_rng(draw_seed)
    centre = np.array([19.5, 45.0, 0.2, 0.7, 10.0])
    reach = np.array([2.5, 15.0, 0.1, 0.8, 5.0])
    rows = rng.integers(0, len(SENSORS), 160)
    clock = np.zeros(len(SENSORS))
    level = centre.copy()
    told = []
    for row in rows:
        clock[row] += rng.choice([1.0, 5.0, 20.0, 70.0])
        if rng.random() < 0.3:
            level[row] = centre[row] + reach[row] * rng.uniform(-1, 1)
        value = level[row] + 0.02 * reach[row] * rng.standard_normal()
        told.append((int(row), START + int(clock[row] * 1e6), float(value)))
    return told


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 60), min_size=1, max_size=12))
def test_many_sensors_at_once_do_what_each_does_alone(seed, cuts):
    told = story(seed)
    naive = [NaiveLimits(limits_of(*sensor)) for sensor in SENSORS]
    expected = []
    for row, at, value in told:
        naive[row].see(at, value)
        expected.append(naive[row].grade)
    assert any(expected)

    bank = blank(len(SENSORS))
    profile = np.array([PROFILES.of(*sensor) for sensor in SENSORS], np.int16)
    edges = np.minimum(np.cumsum([0, *cuts, len(told)]), len(told))
    shown = np.full(len(told), -1)
    for first, last in pairwise(edges):
        portion = told[first:last]
        plan = rounds(np.array([row for row, _, _ in portion], np.intp))
        at = np.array([at for _, at, _ in portion])[plan.layout]
        values = np.array([value for _, _, value in portion])[plan.layout]
        work = _rows(bank, plan.rows)
        step = LimitStep(PROFILES, profile[plan.rows])
        for begin, end in plan:
            step.step(work, values[begin:end], at[begin:end], None)
            grade = PROFILES.grade[profile[plan.rows[: end - begin]], work.mask[: end - begin]]
            shown[first + plan.layout[begin:end]] = grade
        _write(bank, plan.rows, work)
    assert shown.tolist() == expected


def _rows(bank, rows):
    work = blank(rows.size)
    for name, column in bank.columns().items():
        getattr(work, name)[:] = column[rows]
    return work


def _write(bank, rows, work):
    for name, column in work.columns().items():
        getattr(bank, name)[rows] = column
