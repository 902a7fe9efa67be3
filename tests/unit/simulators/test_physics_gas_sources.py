"""Sewage, rot, rust, engines and water: closed forms, balances and published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import flood, gas, gas_sources

HOUR = 3600.0
MINUTES = np.arange(0.0, 6 * HOUR, 60.0)


@pytest.mark.parametrize(("sulphide", "air"), [(0.3, 1.0), (3.0, 1.0), (3.0, 4.0)])
def test_still_sewage_comes_to_rest_at_the_closed_form(sulphide, air):
    still = gas_sources.Sewage(sulphide, stirred_per_h=0.0)
    seen = gas_sources.sewer_h2s(np.array([0.0, 60 * HOUR]), still, air_changes_per_h=air)
    rest = gas.sewer_h2s_ppm(
        transfer_per_h=1, sulphide_mg_l=sulphide, ph=7, liquid_over_gas=1, air_changes_per_h=air
    )
    assert seen[-1] == pytest.approx(float(rest), rel=1e-6)


def test_each_pumping_event_is_a_gas_peak():
    seen = gas_sources.sewer_h2s(
        MINUTES, gas_sources.Sewage(1.0, pumping_every_s=1800.0), air_changes_per_h=4.0
    )
    peaks = (seen[1:-1] > seen[:-2]) & (seen[1:-1] >= seen[2:])
    assert peaks.sum() == pytest.approx(12, abs=1)
    assert seen[60:].max() / seen[60:].mean() > 1.1


def test_acid_sewage_gives_more_gas():
    shares = gas_sources.free_sulphide([6.0, 7.05, 8.0])
    assert shares[1] == pytest.approx(0.5)
    assert shares[0] > 0.9
    assert shares[2] == pytest.approx(0.1, abs=0.01)


@settings(deadline=None, max_examples=20)
@given(
    source=st.floats(0.0, 500.0),
    rate=st.floats(0.0, 20.0),
    start=st.floats(0.0, 100.0),
    cuts=st.lists(st.floats(1.0, 4000.0), min_size=2, max_size=6),
)
def test_a_relaxing_box_balances_however_time_is_cut(source, rate, start, cuts):
    fine = np.concatenate(([0.0], np.cumsum(cuts)))
    seen = gas_sources.relaxed(fine, source, rate, start)
    straight = gas_sources.relaxed(fine[[0, -1]], source, rate, start)[-1]
    assert seen[-1] == pytest.approx(straight, rel=1e-9, abs=1e-9)
    # What came in is there or has been carried off: k times the integral of C.
    inner = np.linspace(0.0, fine[-1], 3001)
    dense = gas_sources.relaxed(inner, source, rate, start)
    carried = rate * np.trapezoid(dense, inner / HOUR)
    came = start + source * fine[-1] / HOUR
    assert came - carried == pytest.approx(straight, abs=2e-3 * (came + carried) + 1e-9)


def test_biogas_brings_its_companions_and_pushes_the_oxygen_out():
    air = gas_sources.biogas_air(
        MINUTES, gas_sources.Biogas(methane=0.6, h2s_ppm=500.0), seep_m3h=0.2, volume_m3=20.0,
        air_changes_per_h=0.2,
    )  # fmt: skip
    assert air.ch4[-1] / air.co2[-1] == pytest.approx(1.5)
    assert air.h2s_ppm[-1] == pytest.approx(500.0 * air.ch4[-1] / 0.6)
    whole = air.ch4 + air.co2
    assert air.o2 == pytest.approx(gas.O2_IN_AIR * (1.0 - whole))
    assert 0.01 < air.ch4[-1] < 0.05


def test_the_day_swings_around_one():
    day = gas_sources.diurnal(np.arange(0.0, 24.0, 0.5), peak_hour=5.0, swing=0.3)
    assert day.mean() == pytest.approx(1.0)
    assert day[10] == pytest.approx(1.3)


def test_rust_lowers_oxygen_to_seventeen_in_twelve_hours_and_settles_where_it_should():
    uptake = gas_sources.uptake_for(to=0.17, after_s=12 * HOUR, air_changes_per_h=0.02)
    times = np.arange(0.0, 13 * HOUR, 600.0)
    o2 = gas_sources.oxygen_consumed(times, uptake_per_h=uptake, air_changes_per_h=0.02)
    assert o2[times == 12 * HOUR].item() == pytest.approx(0.17, abs=1e-6)
    assert (np.diff(o2) < 0).all()
    rest = gas_sources.oxygen_consumed(
        np.array([0.0, 1e8]), uptake_per_h=uptake, air_changes_per_h=0.02
    )[-1]
    assert rest == pytest.approx(gas.O2_IN_AIR * 0.02 / (0.02 + uptake))


def test_a_garage_smells_of_the_rush_hour():
    hours = np.arange(0.0, 24.0, 1 / 60)
    cars = 6.0 * gas_sources.rush(hours)
    co = gas_sources.garage_co(
        hours * HOUR, cars=cars, g_min_each=2.0, volume_m3=9000.0, air_changes_per_h=2.0
    )
    assert 8.0 <= hours[np.argmax(co[: 12 * 60])] <= 9.5
    assert 10.0 < co.max() < 40.0
    assert co[3 * 60] < 5.0
    steady = gas_sources.garage_co(
        np.array([0.0, 1e7]), cars=1.0, g_min_each=2.0, volume_m3=9000.0, air_changes_per_h=2.0
    )[-1]
    assert steady == pytest.approx(2.0 * 60_000 / 9000 / 2.0 * 0.87)


def test_a_saturday_is_quieter_than_a_friday():
    friday, saturday = gas_sources.rush([4 * 24 + 8.0, 5 * 24 + 8.0])
    assert saturday < 0.6 * friday


def test_ten_litres_a_second_raise_a_closed_gallery_six_centimetres_an_hour():
    pit = flood.Pit(area_m2=600.0)
    stood = flood.stands(np.array([0.0, HOUR]), pit, 0.010)
    assert stood.level_m[-1] == pytest.approx(0.06)


@settings(deadline=None, max_examples=40)
@given(
    inflow=st.lists(st.floats(0.0, 0.5), min_size=20, max_size=20),
    pump=st.floats(0.0, 0.2),
    powered=st.lists(st.booleans(), min_size=20, max_size=20),
)
def test_water_is_standing_pumped_or_spilled(inflow, pump, powered):
    times = np.arange(0.0, 400.0, 20.0)
    pit = flood.Pit(area_m2=5.0, pump_m3s=pump, rim_m=2.0)
    stood = flood.stands(times, pit, np.array(inflow), powered=np.array(powered), start_m=0.3)
    came = 0.3 * 5.0 + 20.0 * np.concatenate(([0.0], np.cumsum(inflow[:-1])))
    kept = stood.level_m * 5.0 + stood.pumped_m3 + stood.spilled_m3
    assert kept == pytest.approx(came, rel=1e-9)
    assert (stood.level_m >= -1e-12).all()
    assert (stood.level_m <= 2.0 + 1e-9).all()
    assert stood.running.sum() > 0 or not any(powered) or stood.level_m.max() < 0.5 + 1e-9


def test_a_float_switch_makes_a_saw_tooth():
    times = np.arange(0.0, 4000.0, 5.0)
    pit = flood.Pit(area_m2=2.0, pump_m3s=0.006, starts_m=0.5, stops_m=0.2)
    stood = flood.stands(times, pit, 0.002, start_m=0.2)
    starts = (np.diff(stood.running) > 0).sum()
    # Filling takes 0.6 m3 / 2 L/s = 300 s, emptying 0.6 m3 / 4 L/s = 150 s.
    assert starts == pytest.approx(4000 / 450, abs=1)
    assert stood.level_m.max() < 0.53
    assert stood.level_m[100:].min() > 0.17


def test_rain_runs_off_by_the_rational_method_and_over_a_sill_as_a_weir():
    assert float(flood.runoff_m3s(100.0, area_m2=3600.0, coefficient=1.0)) == pytest.approx(0.1)
    assert float(flood.weir_m3s(0.25, width_m=2.0)) == pytest.approx(1.7 * 2 * 0.125)
    assert float(flood.weir_m3s(-1.0, width_m=2.0)) == 0.0


def test_water_spreads_along_a_gallery_and_none_is_lost():
    times = np.arange(0.0, 1200.0, 10.0)
    level = flood.along_gallery(
        times, np.full(times.size, 0.01), section_m2=150.0, sections=8, enters=2
    )
    assert level.sum(axis=1) * 150.0 == pytest.approx(0.01 * times)
    assert level[-1].argmax() == 2
    assert (level[-1] > 0).all()
