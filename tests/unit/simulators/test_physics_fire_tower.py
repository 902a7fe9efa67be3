"""Shafts, lobbies, facades, risers and nuisances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import fire_nuisance, fire_tower, fire_water

SECONDS = np.arange(0.0, 400.0, 0.5)


@pytest.mark.parametrize(("outside", "inside", "height", "pa"), [
    (0.0, 20.0, 100.0, 87.0), (-10.0, 20.0, 200.0, 269.0), (32.0, 24.0, 100.0, -31.0),
])  # fmt: skip
def test_the_stack_effect_has_the_published_size(outside, inside, height, pa):
    over = fire_tower.stack_pa([-height / 2, height / 2], outside_c=outside, inside_c=inside)
    assert over[1] - over[0] == pytest.approx(pa, rel=0.02)
    assert over[0] == -over[1]


def smoke_in_a_shaft(floors: int = 28, floor_m: float = 3.5):
    return fire_tower.climbs(
        SECONDS, np.where(SECONDS >= 5.0, 5.0, 0.0), floors=floors, floor_m=floor_m
    )


def first(seen, limit: float):
    return SECONDS[np.argmax(seen >= limit, axis=0)]


def test_shaft_heads_alarm_upward_a_second_a_floor_and_the_top_after_half_a_minute():
    alarms = first(smoke_in_a_shaft(), 0.3) - 5.0
    assert (np.diff(alarms) > 0).all()
    assert np.diff(alarms).mean() == pytest.approx(1.0, abs=0.35)
    assert alarms[-1] == pytest.approx(30.0, abs=10.0)
    half = first(smoke_in_a_shaft(), 2.5) - 5.0
    assert half[-1] == pytest.approx(28.0, abs=2.0)  # 98 m at 3.5 m/s


def test_lobbies_above_the_neutral_plane_get_smoke_one_to_three_minutes_later_and_others_none():
    shaft = smoke_in_a_shaft()
    heights = (np.arange(28) + 0.5) * 3.5 - 49.0
    over = fire_tower.stack_pa(heights, outside_c=0.0, inside_c=20.0)
    lobbies = fire_tower.leaks_into(
        SECONDS, shaft, flow_m3_s=fire_tower.crack_m3_s(over, area_m2=0.02), volume_m3=60.0
    )
    assert lobbies[:, :14].max() == 0.0
    later = first(lobbies, 0.3)[16:] - first(shaft, 0.3)[16:]
    assert 25.0 < later.min() < later.max() < 185.0
    assert (np.diff(later) < 0).all()  # the higher, the stronger the draught


@settings(deadline=None, max_examples=20)
@given(
    floors=st.integers(1, 40),
    speed=st.floats(0.05, 5.0),
    fades=st.floats(5.0, 500.0),
    step=st.floats(0.5, 20.0),
)
def test_a_steady_shaft_falls_with_height_by_the_closed_form(floors, speed, fades, step):
    share = 1.0 / (1.0 + 3.0 / (speed * fades))
    settles_s = 40.0 * fades + 3.0 * floors / speed
    times = np.arange(0.0, 60.0, step)
    seen = fire_tower.climbs(
        times, np.full_like(times, 7.0), floors=floors, floor_m=3.0, speed_m_s=speed, fades_s=fades
    )
    assert (np.diff(seen, axis=1) <= 1e-9).all()
    assert (seen <= 7.0 * share ** np.arange(1, floors + 1) + 1e-9).all()
    if settles_s < 4000.0:
        long = np.array([0.0, settles_s, settles_s + 1.0])
        seen = fire_tower.climbs(
            long, np.full(3, 7.0), floors=floors, floor_m=3.0, speed_m_s=speed, fades_s=fades
        )
        assert seen[-1] == pytest.approx(7.0 * share ** np.arange(1, floors + 1), rel=0.01)


def test_a_crack_passes_nothing_against_the_pressure():
    flows = fire_tower.crack_m3_s([-20.0, 0.0, 30.0], area_m2=0.02)
    assert flows[:2].tolist() == [0.0, 0.0]
    assert flows[2] == pytest.approx(0.7 * 0.02 * np.sqrt(50.0))


def test_a_facade_reaches_the_roof_eighteen_minutes_after_the_cladding():
    grenfell = fire_tower.GRENFELL
    assert grenfell.passes_s(20.0) - grenfell.dwells_s == pytest.approx(18 * 60.0)
    assert grenfell.inside_s(5.0) - grenfell.passes_s(5.0) == grenfell.breaks_in_s
    assert fire_tower.CHANGSHA.dwells_s == 13 * 60.0


def test_one_sprinkler_flows_what_k80_says():
    assert 60.0 * fire_water.head_ls([0.05, 0.1, -1.0]) == pytest.approx(
        [56.6, 80.0, 0.0], rel=0.01
    )


def test_the_pump_keeps_to_its_curve():
    pump = fire_water.Pump(rated_mpa=0.5, rated_ls=20.0)
    assert pump.flow_ls(0.7) == 0.0
    assert pump.flow_ls(0.5) == pytest.approx(20.0)
    assert pump.flow_ls(0.65 * 0.5) == pytest.approx(30.0)


MINUTES = np.arange(0.0, 1800.0, 1.0)


def opened(heads: int, **faults):
    return fire_water.riser_over(
        MINUTES, fire_water.Riser(), heads=np.where(MINUTES >= 60.0, heads, 0),
        faults=fire_water.WaterFaults(**faults),
    )  # fmt: skip


def test_an_open_head_calls_the_pump_within_seconds_and_the_pump_holds_the_pressure():
    seen = opened(4)
    assert seen.pressure_mpa[:60] == pytest.approx(0.45)
    called = MINUTES[np.argmax(seen.pump > 0)]
    assert 60 < called < 90
    assert seen.pressure_mpa[-1] > 0.45
    assert seen.flow_ls[-1] == pytest.approx(4 * fire_water.head_ls(seen.pressure_mpa[-1]))


@pytest.mark.parametrize("fault", ["tank_empty", "pump_missed", "valve_closed"])
def test_without_supply_the_riser_looks_right_until_a_head_opens(fault):
    seen = opened(4, **{fault: True})
    assert seen.pressure_mpa[:60] == pytest.approx(0.45)
    assert seen.pressure_mpa[-1] < 0.10


def test_a_weeping_riser_is_a_saw_tooth_of_the_jockey_pump():
    weeping = fire_water.Riser(weeps_ls=0.03)
    seen = fire_water.riser_over(MINUTES, weeping, heads=0)
    tight = fire_water.riser_over(MINUTES, fire_water.Riser(), heads=0)
    assert tight.jockey_starts() == 0
    assert 2 <= seen.jockey_starts() <= 20
    assert seen.pressure_mpa.min() > 0.39
    assert seen.pump.max() == 0.0


@settings(deadline=None, max_examples=10)
@given(heads=st.integers(0, 12), weeps=st.floats(0.0, 0.3), missed=st.booleans())
def test_water_that_left_the_riser_was_pumped_or_made_room_for_air(heads, weeps, missed):
    riser = fire_water.Riser(weeps_ls=weeps)
    times = np.arange(0.0, 120.0, 2.0)
    seen = fire_water.riser_over(
        times, riser, heads=heads, faults=fire_water.WaterFaults(pump_missed=missed)
    )
    air = riser.air_m3 + seen.lost_m3 - seen.pumped_m3
    absolute = seen.pressure_mpa + fire_water.ATMOSPHERE_MPA
    start = riser.static_mpa + fire_water.ATMOSPHERE_MPA
    wet = seen.pressure_mpa > 0
    assert wet.any()
    assert (absolute * air**1.2)[wet] == pytest.approx(start * riser.air_m3**1.2, rel=1e-6)


def calm(source: fire_nuisance.Source, *, seed: int = 1, hours: float = 2.0):
    times = np.arange(0.0, hours * 3600.0, 1.0)
    return times, fire_nuisance.nuisance(
        times, source, until_s=hours * 3600.0 - 600.0, rng=np.random.default_rng(seed)
    )


@pytest.mark.parametrize("source", list(fire_nuisance.TRAITS))
def test_every_nuisance_shows_in_its_channels_and_in_no_other(source):
    trait = fire_nuisance.TRAITS[source]
    _, seen = calm(source)
    assert 0.3 * trait.smoke[0] < max(seen.photo.max(), seen.ion.max()) < 4 * trait.smoke[1]
    assert (seen.photo.max() > seen.ion.max()) == (trait.photo > trait.ion)
    assert (seen.co_ppm.max() > 0) == (trait.co_ppm > 0)
    assert seen.warms_k.max() <= 8.0
    assert (seen.wets_rh.max() > 0) == (trait.wets_rh > 0)


def test_cooking_looks_like_smoke_without_fire_gas_or_heat():
    _, seen = calm("cooking")
    assert seen.ion.max() > 0.3
    assert seen.co_ppm.max() <= 10.0
    assert seen.warms_k.max() <= 8.0


def test_steam_rises_in_seconds_and_lingers_for_minutes():
    times, seen = calm("steam")
    top = int(seen.photo[:1200].argmax())
    started = int(np.argmax(seen.photo > 0.0))
    assert 5 <= top - started <= 90
    fading = seen.photo[top:1800] < 0.3 * seen.photo[top]
    assert not fading.any() or 300 < times[int(np.argmax(fading))] < 1300


def test_an_insect_is_gone_after_three_samples():
    _, seen = calm("insects")
    spikes = seen.photo > 0.3
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate(([0], spikes.astype(int), [0])))))[::2]
    assert 1 <= runs.max() <= 15


def test_the_same_seed_gives_the_same_nuisance_and_another_another():
    one, same, other = (calm("dust", seed=s)[1].photo for s in (3, 3, 4))
    assert (one == same).all()
    assert not np.array_equal(one, other)


def test_a_nuisance_thins_with_distance():
    assert fire_nuisance.seen_at(1.0) == 1.0
    assert fire_nuisance.seen_at(6.0) == pytest.approx(0.125)


def test_dust_creeps_up_over_months():
    month = np.array([0.0, 30 * 86_400.0])
    assert fire_nuisance.dust_baseline_db_m(month)[-1] == pytest.approx(0.02)
