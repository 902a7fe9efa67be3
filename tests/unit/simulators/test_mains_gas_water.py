"""Gas and heat mains against Darcy's law, closed forms and published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import mains_gas as gas
from simulators.physics import mains_heat as heat
from simulators.physics.gas_leaks import AMBIENT_K, hole_m3h


def darcy_pa_per_m(flow_m3h: float, diameter_mm: float) -> float:
    speed = flow_m3h / 3600 / (np.pi * (diameter_mm / 1000) ** 2 / 4)
    factor = float(gas.friction_factor(flow_m3h, diameter_mm))
    return factor / (diameter_mm / 1000) * gas.METHANE_KG_M3 * speed**2 / 2


def test_the_codes_constant_for_low_pressure_is_darcys_law():
    lost = gas.low_pressure_loss_pa(100.0, length_m=1.0, diameter_mm=150.0, temperature_k=273.15)
    assert float(lost) == pytest.approx(darcy_pa_per_m(100.0, 150.0), rel=0.002)


def test_the_codes_constant_for_high_pressure_meets_the_one_for_low():
    """Where pressure hardly falls, P1^2 - P2^2 is twice the absolute pressure times the fall."""
    end = gas.outlet_mpa(0.0, 100.0, length_m=1000.0, diameter_mm=300.0)
    low = gas.low_pressure_loss_pa(100.0, length_m=1000.0, diameter_mm=300.0)
    assert -float(end) * 1e6 == pytest.approx(float(low), rel=0.005)


def test_a_main_that_cannot_carry_that_much_says_so():
    ends = gas.outlet_mpa(0.1, [500.0, 50_000.0], length_m=3000.0, diameter_mm=150.0)
    assert 0.0 < ends[0] < 0.1
    assert np.isnan(ends[1])


@pytest.mark.parametrize(
    ("gauge_mpa", "flows_m3h"),
    [
        (0.0025, (0.21, 1.9, 5.2, 20.8)),
        (0.1, (1.25, 11.2, 31.0, 125.0)),
        (0.4, (3.1, 27.9, 77.5, 310.0)),
        (0.8, (5.6, 50.0, 139.0, 558.0)),
    ],
)
def test_a_hole_in_a_gas_main_loses_the_published_flow(gauge_mpa, flows_m3h):
    found = hole_m3h([1.0, 3.0, 5.0, 10.0], gauge_mpa)
    assert found == pytest.approx(flows_m3h, rel=0.02)


def a_main() -> gas.GasMain:
    return gas.GasMain(length_m=2000.0, diameter_mm=200.0, set_mpa=0.3, capacity_m3h=2000.0)


def test_a_gas_main_settles_where_the_steady_form_says():
    main, times = a_main(), np.arange(0.0, 1800.0)
    draws = np.zeros((times.size, main.segments))
    draws[:, -1] = 900.0
    played = gas.play(main, times, draws, 0.0)
    first, last = played.pressure_mpa[-1, [0, -1]]
    steady = gas.outlet_mpa(first, 900.0, length_m=1800.0, diameter_mm=200.0)
    assert last == pytest.approx(float(steady), rel=1e-4)
    assert played.inlet_m3h[-1] == pytest.approx(900.0, rel=1e-4)


def test_a_regulator_droops_when_it_gives_and_locks_up_when_nobody_draws():
    main, times = a_main(), np.arange(0.0, 1200.0)
    idle = gas.play(main, times, 0.0, 0.0)
    busy = gas.play(main, times, 1999.0 / main.segments, 0.0)
    assert idle.pressure_mpa[-1] == pytest.approx(0.36, rel=1e-6)
    assert busy.pressure_mpa[-1, 0] == pytest.approx(0.3 * 0.92, rel=0.01)


@settings(deadline=None, max_examples=10)
@given(
    hole_mm=st.floats(1.0, 30.0), draw=st.floats(0.0, 150.0), step_s=st.sampled_from([0.5, 5, 60])
)
def test_gas_in_a_main_is_neither_made_nor_lost(hole_mm, draw, step_s):
    main = a_main()
    times = np.arange(60) * float(step_s)
    holes = np.zeros((times.size, main.segments))
    holes[20:, 4] = hole_mm
    played = gas.play(main, times, draw, holes)
    went = draw * main.segments + played.leak_m3h.sum(axis=1)
    passed_m3 = float((played.inlet_m3h - went)[1:].sum()) * step_s / 3600.0
    gained_kpa = 1000.0 * float((played.pressure_mpa[-1] - played.pressure_mpa[0]).sum())
    gained_m3 = gained_kpa * main.segment_m3 / (101.325 * AMBIENT_K / gas.T0_K)
    assert played.leak_m3h[30:, 4].min() > 0.0
    assert gained_m3 == pytest.approx(passed_m3, abs=1e-6)


def test_a_leak_lowers_the_main_and_opens_the_regulator():
    main, times = a_main(), np.arange(0.0, 1200.0)
    holes = np.zeros((times.size, main.segments))
    holes[600:, 5] = 10.0
    played = gas.play(main, times, 40.0, holes)
    assert (played.pressure_mpa[-1] < played.pressure_mpa[599]).all()
    assert played.inlet_m3h[-1] - played.inlet_m3h[599] == pytest.approx(
        played.leak_m3h[-1, 5], rel=1e-3
    )


def test_ten_kilometres_of_a_large_heat_main_lose_less_than_half_a_degree():
    flow = 1.5 * np.pi * 0.8**2 / 4 * heat.WATER_KG_M3
    share = heat.kept(flow, length_m=10_000.0, diameter_mm=800.0)
    assert (130.0 - 10.0) * (1.0 - float(share)) == pytest.approx(0.4, abs=0.05)


def test_warmth_arrives_when_the_water_does():
    flow = float(np.pi * 0.5**2 / 4 * heat.WATER_KG_M3)  # one metre a second
    times = np.arange(0.0, 7200.0, 10.0)
    sent = np.where(times < 1000.0, 70.0, 110.0)
    came = heat.arriving_c(times, sent, flow, length_m=3000.0, diameter_mm=500.0, loss_w_m2k=0.0)
    assert came[times < 3980.0] == pytest.approx(70.0)
    assert came[times > 4020.0] == pytest.approx(110.0)


def test_warmth_waits_while_the_pumps_stand():
    times = np.arange(0.0, 10_000.0, 10.0)
    flow = np.where((times > 2000.0) & (times < 5000.0), 0.0, 186.5)
    sent = np.where(times < 1000.0, 70.0, 110.0)
    came = heat.arriving_c(times, sent, flow, length_m=3000.0, diameter_mm=500.0, loss_w_m2k=0.0)
    assert 6900.0 < times[np.argmax(came > 100.0)] < 7100.0


def test_friction_in_a_heat_main_is_a_few_bar_in_ten_kilometres():
    flow = 1.5 * np.pi * 0.8**2 / 4 * heat.WATER_KG_M3
    assert 0.1 < float(heat.pressure_loss_mpa(flow, length_m=10_000.0, diameter_mm=800.0)) < 0.4
    back = heat.pressure_loss_mpa(-flow, length_m=10_000.0, diameter_mm=800.0)
    assert float(back) < 0.0


def test_a_leak_in_a_heat_loop_shows_as_make_up_water():
    loop, times = heat.HeatLoop(volume_m3=5000.0), np.arange(0.0, 86_400.0, 60.0)
    played = heat.lose_water(loop, times, np.where(times < 3600.0, 0.0, 20.0))
    usual = heat.MAKEUP_USUAL_PER_H * 5000.0
    assert played.makeup_m3h[30] == pytest.approx(usual)
    lost = 3600.0 * float(heat.hole_kg_s(20.0, played.return_mpa[-1])) / heat.WATER_KG_M3
    assert played.makeup_m3h[-1] == pytest.approx(usual + lost, rel=1e-3)
    assert played.return_mpa[-1] < played.return_mpa[30]


def test_a_leak_the_pumps_cannot_follow_empties_the_tank():
    loop, times = heat.HeatLoop(volume_m3=5000.0), np.arange(0.0, 86_400.0, 60.0)
    played = heat.lose_water(loop, times, 80.0)
    assert played.makeup_m3h[-1] == loop.makeup_max_m3h
    assert played.level_m[-1] == 0.0
    assert (np.diff(played.level_m) <= 0.0).all()
