"""The gas models against closed forms and published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import gas

HOUR = 3600.0


@pytest.mark.parametrize(("leak", "steady"), [(0.01, 0.0099), (0.05, 0.048), (0.5, 0.333)])
def test_a_chamber_settles_where_the_mass_balance_says(leak, steady):
    assert float(gas.box_steady(10.0, leak, 0.1)) == pytest.approx(steady, rel=0.01)
    after_days = gas.box(
        np.array([0.0, 300 * HOUR]), volume_m3=10, leak_m3h=leak, air_changes_per_h=0.1
    )
    assert after_days[-1] == pytest.approx(steady, rel=0.01)


@pytest.mark.parametrize(("leak", "fraction", "hours"), [(0.05, 0.01, 2.2), (0.5, 0.01, 0.20),
                                                         (0.5, 0.05, 1.1)])  # fmt: skip
def test_a_chamber_reaches_a_limit_when_the_figures_say(leak, fraction, hours):
    times = np.arange(0, 4 * HOUR, 20.0)
    seen = gas.box(times, volume_m3=10, leak_m3h=leak, air_changes_per_h=0.1)
    assert times[np.argmax(seen >= fraction)] / HOUR == pytest.approx(hours, rel=0.05)


@settings(deadline=None, max_examples=40)
@given(
    leak=st.floats(0.01, 50.0),
    air=st.floats(0.0, 12.0),
    volume=st.floats(1.0, 500.0),
    cuts=st.lists(st.floats(1.0, 3000.0), min_size=1, max_size=5),
)
def test_how_finely_time_is_cut_never_changes_a_box(leak, air, volume, cuts):
    coarse = np.array([0.0, sum(cuts)])
    fine = np.concatenate(([0.0], np.cumsum(cuts)))
    settings = {"volume_m3": volume, "leak_m3h": leak, "air_changes_per_h": air}
    straight = gas.box(coarse, **settings)[-1]
    assert 0.0 < straight <= 1.0
    assert gas.box(fine, **settings)[-1] == pytest.approx(straight, rel=1e-9)


def test_airing_empties_a_box():
    times = np.array([0.0, HOUR, 2 * HOUR])
    seen = gas.box(times, volume_m3=10, leak_m3h=0.0, air_changes_per_h=3.0, start=0.2)
    assert seen == pytest.approx(0.2 * np.exp([0.0, -3.0, -6.0]))


def test_oxygen_falls_by_displacement():
    assert 100 * gas.oxygen_beside(0.067) == pytest.approx(19.5, abs=0.01)
    assert 100 * gas.oxygen_beside(0.139) == pytest.approx(18.0, abs=0.01)


def test_a_sensor_shows_nine_tenths_of_a_step_after_its_t90():
    times = np.linspace(0.0, 30.0, 301)
    step = np.ones_like(times)
    step[0] = 0.0
    shown = gas.sensor_response(times, step, t90_s=30.0)
    assert shown[-1] == pytest.approx(0.9, abs=0.01)


def test_a_sensor_follows_a_ramp_one_time_constant_behind():
    times = np.linspace(0.0, 300.0, 61)
    shown = gas.sensor_response(times, times * 0.1, t90_s=30.0)
    assert times[-1] * 0.1 - shown[-1] == pytest.approx(0.1 * 30 / np.log(10), rel=1e-6)


@pytest.mark.parametrize(("sulphide", "air", "ppm"), [(0.3, 1, 31), (3, 1, 313), (3, 4, 167)])
def test_h2s_above_sewage_is_of_the_published_order(sulphide, air, ppm):
    """The figures take half the sulphide as undissociated, the model 53 % at pH 7."""
    seen = gas.sewer_h2s_ppm(
        transfer_per_h=1, sulphide_mg_l=sulphide, ph=7, liquid_over_gas=1, air_changes_per_h=air
    )
    assert float(seen) == pytest.approx(ppm, rel=0.08)


def test_a_pump_stirs_the_sewer_up_each_time_it_starts():
    pulse = gas.pumping_pulse(np.array([0.0, 240.0, 1799.0, 1800.0, 3600.0]))
    assert pulse[[0, 3, 4]].tolist() == [1.0, 1.0, 1.0]
    assert pulse[1] == pytest.approx(np.exp(-1))
    assert pulse[2] < 0.001


@settings(deadline=None, max_examples=40)
@given(
    leak=st.floats(0.0, 50.0),
    air=st.floats(0.01, 12.0),
    volume=st.floats(1.0, 500.0),
    start=st.floats(0.0, 1.0),
    hours=st.floats(0.01, 20.0),
)
def test_gas_in_a_box_is_there_or_has_left(leak, air, volume, start, hours):
    """The integral of C is exact: from dC/dt = s - k C it is (s t - C(t) + C(0)) / k."""
    seen = gas.box(
        np.array([0.0, hours * HOUR]), volume_m3=volume, leak_m3h=leak, air_changes_per_h=air,
        start=start,
    )  # fmt: skip
    rate = float(gas.box_rate_per_h(volume, leak, air))
    fine = np.linspace(0.0, hours * HOUR, 4001)
    held = gas.box(fine, volume_m3=volume, leak_m3h=leak, air_changes_per_h=air, start=start)
    left = np.trapezoid(held, fine / HOUR) * rate * volume
    came = start * volume + leak * hours
    assert came - left == pytest.approx(seen[-1] * volume, abs=2e-4 * (came + left) + 1e-9)
    assert came >= 0.0
