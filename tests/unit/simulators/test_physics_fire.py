"""Fire, plume, layer and heads against closed forms and published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import fire, fire_heads, fire_layer, fire_plume, fire_smoke

TIMES = np.arange(0.0, 600.0, 1.0)
JET = {"height_m": 3.0, "radius_m": 5.0}
GROWTHS = list(fire.Growth)


@pytest.mark.parametrize(("growth", "alpha", "to_1055_s"), [
    (fire.Growth.SLOW, 0.00293, 600), (fire.Growth.MEDIUM, 0.01172, 300),
    (fire.Growth.FAST, 0.0469, 150), (fire.Growth.ULTRA_FAST, 0.1876, 75),
])  # fmt: skip
def test_t_squared_fires_have_the_standard_coefficients(growth, alpha, to_1055_s):
    assert growth.value == pytest.approx(alpha, rel=2e-3)
    assert float(fire.heat_release(to_1055_s, growth)) == pytest.approx(1055.0)
    assert fire.growth_named(growth.name.lower().replace("_", "-")) is growth


def test_a_fire_has_not_begun_before_it_begins_and_stops_growing_at_its_cap():
    heat = fire.heat_release(np.array([-10.0, 0.0, 1000.0]), fire.Growth.FAST, most_kw=2000.0)
    assert heat.tolist() == [0.0, 0.0, 2000.0]


def test_smouldering_grows_linearly_until_flames_begin():
    lost = fire.smoulder_g_s([-1.0, 0.0, 90.0, 179.0, 180.0], lasts_s=180.0, most_g_s=0.1)
    assert lost == pytest.approx([0.0, 0.0, 0.05, 0.0994, 0.0], abs=1e-4)


def test_a_k80_head_sprays_what_the_figures_say():
    litres_min = fire.spray_mm_s([0.05, 0.1], k_factor=80.0, covers_m2=1.0) * 60.0
    assert litres_min == pytest.approx([57, 80], rel=0.01)


def test_water_holds_a_fire_and_a_dry_head_does_not():
    free = fire.heat_release(TIMES, fire.Growth.MEDIUM)
    wet = fire.held(TIMES, free, from_s=200.0, spray=0.13)
    time_constant = 3.0 * 0.13**-1.8
    assert time_constant == pytest.approx(118, abs=1)
    later = int(200 + time_constant)
    assert wet[later] == pytest.approx(free[200] / np.e, rel=0.01)
    assert wet[:200] == pytest.approx(free[:200])
    poor = fire.held(TIMES, free, from_s=200.0, spray=float(fire.spray_mm_s(0.01)))
    assert wet[400] < poor[400] < free[400]
    assert fire.held(TIMES, free, from_s=200.0, spray=0.0) is free


def test_flames_are_clean_at_first():
    yields = fire.ripening(0.02, 0.135, [0.0, 60.0, 120.0, 180.0, 900.0])
    assert yields == pytest.approx([0.02, 0.02, 0.0775, 0.135, 0.135])


def test_the_plume_carries_what_the_short_form_says_far_up():
    """0.071 Qc^(1/3) z^(5/3) + 0.0018 Qc, the textbook's rounding of the same law."""
    heat, z = 1000.0, 8.0
    short = 0.071 * 650.0 ** (1 / 3) * z ** (5 / 3) + 0.0018 * 650.0
    assert float(fire_plume.entrained_kg_s(heat, z)) == pytest.approx(short, rel=0.05)
    walls = [float(fire_plume.entrained_kg_s(heat, z, place=p)) for p in (1.0, 0.63, 0.40)]
    assert walls == sorted(walls, reverse=True)


def test_flames_are_as_tall_as_heskestad_says():
    heat, size = 1000.0, 1.0
    assert float(fire_plume.flame_m(heat, diameter_m=size)) == pytest.approx(
        0.235 * heat**0.4 - 1.02 * size, rel=0.08
    )
    assert float(fire_plume.flame_m(1.0, diameter_m=3.0)) == 0.0
    assert float(fire_plume.virtual_origin_m(heat, diameter_m=size)) == pytest.approx(
        0.083 * heat**0.4 - 1.02, abs=0.08
    )


def test_the_axis_of_a_plume_cools_with_height_and_is_never_hotter_than_flame():
    rises = fire_plume.centreline_k(500.0, [0.1, 3.0, 6.0, 12.0])
    assert rises[0] == 900.0
    assert rises[2] / rises[3] == pytest.approx(2 ** (5 / 3))


def test_the_ceiling_jet_is_hottest_over_the_fire_and_cools_outwards():
    rises = [
        float(fire_plume.jet_excess_k(500.0, height_m=3.0, radius_m=r)) for r in (0.0, 0.5, 2, 5, 9)
    ]
    assert rises[0] == rises[1] == pytest.approx(16.9 * 500 ** (2 / 3) / 3 ** (5 / 3))
    assert rises[1] > rises[2] > rises[3] > rises[4] > 0


def test_two_published_ceiling_jets_agree_on_the_order():
    for radius in (0.3, 2.0, 5.0):
        alpert = float(fire_plume.jet_excess_k(500.0, height_m=3.0, radius_m=radius))
        cfast = float(fire_plume.convective_jet_k(500.0, height_m=3.0, radius_m=radius))
        assert 0.7 < cfast / alpert < 1.1
    thickness = fire_plume.jet_thickness_m(height_m=3.0, radius_m=5.0)
    assert 0.05 < thickness / 3.0 < 0.12


def test_a_corridor_cools_its_smoke_along_the_way():
    shares = fire_plume.corridor_share(along_m=[0.0, 10.0, 30.0], height_m=3.0, width_m=2.0)
    assert shares[0] == pytest.approx(0.37 * 1.5 ** (1 / 3))
    assert (np.diff(shares) < 0).all()
    assert float(fire_plume.corridor_speed_m_s(20.0, height_m=3.0, width_m=2.0)) == pytest.approx(
        0.114 * np.sqrt(60.0) * 1.5 ** (1 / 6)
    )


def test_smoke_and_heat_travel_together_in_the_published_ratio():
    assert float(fire_smoke.density_per_kelvin(0.1)) == pytest.approx(0.035, rel=0.01)


def test_smoke_brings_its_carbon_monoxide():
    assert float(fire_smoke.co_ppm_beside(0.1, co_over_soot=0.051 / 0.135)) == pytest.approx(
        9, abs=0.5
    )
    smouldering = fire_smoke.co_ppm_beside(0.1, co_over_soot=5.0)
    assert 70 < float(smouldering) < 230


def test_head_sensitivities_are_bridged_between_units():
    decibels = 10.0 * fire_smoke.density_of_obscuration([0.5, 1.0, 2.5, 4.0, 8.0])
    assert decibels == pytest.approx([0.071, 0.143, 0.361, 0.582, 1.188], rel=0.01)
    assert float(fire_smoke.obscuration(fire_smoke.density_of_obscuration(8.0))) == pytest.approx(
        0.24, abs=0.005
    )


def test_thick_smoke_hides_signs_and_poisons():
    assert float(fire_smoke.visibility_m(0.1)) == pytest.approx(13.0, rel=0.01)
    assert float(fire_smoke.visibility_m(0.1, lit=True)) > float(fire_smoke.visibility_m(0.1))
    minutes = np.arange(0.0, 601.0, 60.0)
    assert fire_smoke.co_dose(minutes, 3500.0)[-1] == pytest.approx(1.0)
    assert fire_smoke.co_dose(minutes, 3500.0, 5.0)[-1] == pytest.approx(np.e)


def test_a_chamber_fills_later_in_slow_air_and_a_screen_delays_it():
    outside = np.where(TIMES >= 10.0, 1.0, 0.0)
    for head in fire_heads.Head:
        slow, fast = (
            fire_heads.cleary_lag(TIMES, outside, np.full_like(TIMES, speed), head=head)
            for speed in (0.1, 0.5)
        )
        half = [TIMES[np.argmax(seen >= 0.5)] for seen in (slow, fast)]
        assert half[0] > half[1] > 10.0
    simple = fire_heads.entry_lag(TIMES, outside, np.full_like(TIMES, 0.2))
    assert simple[19] == pytest.approx(1 - np.exp(-10 * 0.2 / 1.8))


def a_filling_room(growth: fire.Growth = fire.Growth.MEDIUM, *, aired: float = 0.0):
    room = fire_layer.Room(area_m2=100.0, height_m=3.0, air_changes_per_h=aired)
    heat = fire.heat_release(TIMES, growth)
    return fire_layer.fill(TIMES, room, fire.burning(TIMES, heat, fire.POLYURETHANE))


def test_smoke_fills_a_room_downwards_and_thickens():
    layer = a_filling_room()
    assert (np.diff(layer.clear_m) <= 1e-9).all()
    assert layer.clear_m[0] == 3.0
    assert layer.clear_m[-1] < 0.5
    assert (np.diff(layer.density) >= -1e-9).all()


@settings(deadline=None, max_examples=20)
@given(
    aired=st.floats(0.0, 60.0),
    growth=st.sampled_from(GROWTHS),
    steps=st.lists(st.floats(0.5, 30.0), min_size=10, max_size=30),
)
def test_all_a_fire_made_is_in_the_layer_or_has_been_carried_off(aired, growth, steps):
    times = np.concatenate(([0.0], np.cumsum(steps)))
    room = fire_layer.Room(area_m2=60.0, height_m=3.0, air_changes_per_h=aired)
    burnt = fire.burning(times, fire.heat_release(times, growth, most_kw=1e4), fire.POLYURETHANE)
    layer = fire_layer.fill(times, room, burnt)
    rates = np.stack(
        [room.heat_kept * burnt.heat_kw, burnt.soot_kg_s, burnt.co_kg_s, burnt.co2_kg_s], axis=1
    )
    made = np.sum(rates[:-1] * np.array(steps)[:, None], axis=0)
    assert (made > 0).all()
    assert layer.held[-1] + layer.gone[-1] == pytest.approx(made, rel=1e-9)


def reached(values, limit: float) -> float:
    return float(TIMES[np.argmax(values >= limit)])


@pytest.mark.parametrize(("growth", "smoke_s", "co_s", "link_s", "down_s"), [
    (fire.Growth.SLOW, 72, 136, 431, 203), (fire.Growth.MEDIUM, 37, 73, 242, 145),
    (fire.Growth.FAST, 19, 38, 142, 102), (fire.Growth.ULTRA_FAST, 11, 20, 86, 70),
])  # fmt: skip
def test_smoke_carbon_monoxide_layer_and_heat_come_when_the_timeline_says(
    growth, smoke_s, co_s, link_s, down_s
):
    """3 m ceiling, 100 m2, head at 5 m: D 0.2 /m, CO 30 ppm, 57 degC link RTI 50, layer 1.8 m."""
    heat = fire.heat_release(TIMES, growth)
    density = fire_plume.convective_jet_k(heat, **JET) * fire_smoke.density_per_kelvin(
        fire.POLYURETHANE.soot, heat_of_combustion_kj_g=fire.POLYURETHANE.heat_kj_g
    )
    jet = fire_plume.jet_excess_k(heat, **JET)
    speed = fire_plume.jet_speed_m_s(heat, **JET)
    link = fire_heads.heat_element_k(TIMES, jet, speed, rti=50.0)
    layer = a_filling_room(growth)
    assert reached(density, 0.2) == pytest.approx(smoke_s, abs=2.1)
    assert reached(layer.co_ppm, 30.0) == pytest.approx(co_s, rel=0.26)
    assert reached(link, 57.0 - 20.0) == pytest.approx(link_s, rel=0.07)
    assert reached(-layer.clear_m, -1.8) == pytest.approx(down_s, rel=0.11)
    lead = reached(link, 37.0) - reached(density, 0.2)
    assert 60 <= lead <= 400


def test_next_door_is_later_thinner_and_never_more_than_its_share():
    smoke = np.where(TIMES > 50, 4.0, 0.0)
    beside = fire_heads.neighbour(TIMES, smoke, delay_s=60.0, share=0.25, mixing_s=30.0)
    assert beside[TIMES <= 110].max() == 0.0
    assert 0.9 < beside[-1] <= 1.0
