"""The fire models against closed forms and published figures."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.physics import fire

TIMES = np.arange(0.0, 600.0, 1.0)


@pytest.mark.parametrize(("growth", "alpha", "to_1055_s"), [
    (fire.Growth.SLOW, 0.00293, 600), (fire.Growth.MEDIUM, 0.01172, 300),
    (fire.Growth.FAST, 0.0469, 150), (fire.Growth.ULTRA_FAST, 0.1876, 75),
])  # fmt: skip
def test_t_squared_fires_have_the_standard_coefficients(growth, alpha, to_1055_s):
    assert growth.value == pytest.approx(alpha, rel=2e-3)
    assert float(fire.heat_release(to_1055_s, growth)) == pytest.approx(1055.0)


def test_a_fire_has_not_begun_before_it_begins_and_stops_growing_at_its_cap():
    heat = fire.heat_release(np.array([-10.0, 0.0, 1000.0]), fire.Growth.FAST, most_kw=2000.0)
    assert heat.tolist() == [0.0, 0.0, 2000.0]


def test_the_ceiling_jet_is_hottest_over_the_fire_and_cools_outwards():
    rises = [float(fire.jet_excess_k(500.0, height_m=3.0, radius_m=r)) for r in (0.0, 0.5, 2, 5, 9)]
    assert rises[0] == rises[1] == pytest.approx(16.9 * 500 ** (2 / 3) / 3 ** (5 / 3))
    assert rises[1] > rises[2] > rises[3] > rises[4] > 0


@pytest.mark.parametrize(("growth", "opens_s"), [
    (fire.Growth.SLOW, 431), (fire.Growth.MEDIUM, 242), (fire.Growth.FAST, 142),
    (fire.Growth.ULTRA_FAST, 86),
])  # fmt: skip
def test_a_57_degree_link_opens_when_the_figures_say(growth, opens_s):
    heat = fire.heat_release(TIMES, growth)
    link = fire.heat_element_k(
        TIMES,
        fire.jet_excess_k(heat, height_m=3.0, radius_m=5.0),
        fire.jet_speed_m_s(heat, height_m=3.0, radius_m=5.0),
        rti=50.0,
    )
    assert TIMES[np.argmax(link >= 57 - 20)] == pytest.approx(opens_s, rel=0.08)


def test_smoke_and_heat_travel_together_in_the_published_ratio():
    assert float(fire.density_per_kelvin(0.1)) == pytest.approx(0.035, rel=0.01)


def a_filling_room(growth: fire.Growth = fire.Growth.MEDIUM) -> fire.Layer:
    heat = fire.heat_release(TIMES, growth)
    return fire.fill(
        TIMES,
        fire.Room(area_m2=100.0, height_m=3.0, air_changes_per_h=0.0),
        heat_kw=heat,
        soot_kg_s=0.02 * heat / 20e3,
        co_kg_s=0.004 * heat / 20e3,
    )


def test_smoke_fills_a_room_downwards_and_thickens():
    layer = a_filling_room()
    assert (np.diff(layer.clear_m) <= 1e-9).all()
    assert layer.clear_m[0] > 2.5
    assert layer.clear_m[-1] < 0.5
    assert (np.diff(layer.density) >= -1e-9).all()


def test_faster_fires_fill_a_room_sooner():
    down_to_1_8 = [
        TIMES[np.argmax(a_filling_room(growth).clear_m <= 1.8)] for growth in fire.Growth
    ]
    assert down_to_1_8 == sorted(down_to_1_8, reverse=True)
    assert 60 <= down_to_1_8[-1] < down_to_1_8[0] <= 210


def test_the_layer_holds_exactly_the_soot_that_was_made():
    layer = a_filling_room()
    made = np.sum(0.02 * fire.heat_release(TIMES[:-1], fire.Growth.MEDIUM) / 20e3)
    volume = (3.0 - layer.clear_m[-1]) * 100.0
    held = layer.density[-1] * np.log(10.0) / fire.EXTINCTION_M2_KG * volume
    assert held == pytest.approx(made, rel=1e-6)


def test_smoke_is_seen_minutes_before_heat():
    heat = fire.heat_release(TIMES, fire.Growth.MEDIUM)
    excess = fire.jet_excess_k(heat, height_m=3.0, radius_m=5.0)
    speed = fire.jet_speed_m_s(heat, height_m=3.0, radius_m=5.0)
    density = fire.entry_lag(TIMES, excess * fire.density_per_kelvin(0.02), speed, length_m=1.8)
    link = fire.heat_element_k(TIMES, excess, speed, rti=50.0)
    smoke_s = TIMES[np.argmax(10 * density >= 0.3)]
    heat_s = TIMES[np.argmax(link >= 37.0)]
    assert 60 <= heat_s - smoke_s <= 360


def test_next_door_is_later_thinner_and_never_more_than_its_share():
    smoke = np.where(TIMES > 50, 4.0, 0.0)
    beside = fire.neighbour(TIMES, smoke, delay_s=60.0, share=0.25, mixing_s=30.0)
    assert beside[TIMES <= 110].max() == 0.0
    assert 0.9 < beside[-1] <= 1.0
