"""Spaces that breathe into each other: closed forms, mass balance, and holes in pipes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import gas, gas_leaks, gas_rooms

HOUR = 3600.0


def a_chain(*, doors: float = 60.0, outside: float = 20.0) -> gas_rooms.Rooms:
    """Three rooms in a row; only the last breathes outside."""
    exchange = np.zeros((3, 3))
    for a, b in ((0, 1), (1, 2)):
        exchange[a, b] = exchange[b, a] = doors
    return gas_rooms.Rooms(np.array([10.0, 40.0, 80.0]), exchange, np.array([0.0, 0.0, outside]))


def test_one_room_is_the_box():
    room = gas_rooms.Rooms(np.array([10.0]), np.zeros((1, 1)), np.array([1.0]))
    times = np.linspace(0.0, 5 * HOUR, 11)
    inside = gas_rooms.rooms_over(times, rooms=room, leak_m3h=0.5)
    alone = gas.box(times, volume_m3=10.0, leak_m3h=0.5, air_changes_per_h=0.1)
    assert inside.fractions[:, 0] == pytest.approx(alone, rel=1e-9)
    assert gas_rooms.rooms_steady(room, 0.5)[0] == pytest.approx(
        float(gas.box_steady(10.0, 0.5, 0.1))
    )


def test_a_chain_comes_to_rest_where_the_closed_form_says():
    """All gas of room 0 must cross both doors and leave by the last room."""
    rooms, leak = a_chain(), np.array([1.0, 0.0, 0.0])
    steady = gas_rooms.rooms_steady(rooms, leak)
    last = (1.0 - steady[0]) / 20.0  # the leak pushes its own volume of mixed air out of room 0
    assert steady[2] == pytest.approx(last)
    assert steady[1] == pytest.approx(steady[2] * (1 + 20.0 / 60.0))
    after = gas_rooms.rooms_over(np.array([0.0, 300 * HOUR]), rooms=rooms, leak_m3h=leak)
    assert after.fractions[-1] == pytest.approx(steady, rel=1e-9)


def test_gas_comes_to_the_neighbours_later_and_thinner():
    times = np.arange(0.0, 2 * HOUR, 60.0)
    inside = gas_rooms.rooms_over(times, rooms=a_chain(), leak_m3h=np.array([1.0, 0.0, 0.0]))
    reached = [times[np.argmax(inside.fractions[:, room] >= 0.005)] for room in range(3)]
    assert 0.0 < reached[0] < reached[1] < reached[2]
    assert (np.diff(inside.fractions[-1]) < 0).all()


@settings(deadline=None, max_examples=40)
@given(
    doors=st.floats(0.0, 2000.0),
    outside=st.floats(0.0, 2000.0),
    leaks=st.lists(st.floats(0.0, 30.0), min_size=3, max_size=3),
    starts=st.lists(st.floats(0.0, 0.3), min_size=3, max_size=3),
    hours=st.lists(st.floats(0.001, 5.0), min_size=1, max_size=4),
)
def test_gas_in_rooms_is_there_or_has_gone_outside(doors, outside, leaks, starts, hours):
    rooms = a_chain(doors=doors, outside=outside)
    times = np.concatenate(([0.0], np.cumsum(hours))) * HOUR
    inside = gas_rooms.rooms_over(times, rooms=rooms, leak_m3h=np.array(leaks), start=starts)
    came = float(np.dot(starts, rooms.volume_m3)) + sum(leaks) * times / HOUR
    there = inside.fractions @ rooms.volume_m3
    assert there + inside.vented_m3 == pytest.approx(came, rel=1e-8, abs=1e-9)
    assert (inside.fractions > -1e-9).all()
    assert (inside.fractions < 1.0 + 1e-9).all()


@pytest.mark.parametrize(("gauge", "flows"), [
    (0.0025, (0.21, 1.9, 5.2, 20.8)), (0.1, (1.25, 11.2, 31, 125)),
    (0.4, (3.1, 27.9, 77.5, 310)), (0.8, (5.6, 50, 139, 558)),
])  # fmt: skip
def test_a_hole_lets_out_the_published_flow(gauge, flows):
    assert gas_leaks.hole_m3h([1, 3, 5, 10], gauge) == pytest.approx(flows, rel=0.02)


def test_flow_through_a_hole_is_smooth_where_it_chokes_and_nothing_without_pressure():
    assert pytest.approx(0.544, abs=0.001) == gas_leaks.CHOKED
    around = (1.0 / gas_leaks.CHOKED - 1.0) * 0.101325
    below, above = gas_leaks.hole_m3h(5, [around - 1e-6, around + 1e-6])
    assert above == pytest.approx(below, rel=1e-4)
    assert gas_leaks.hole_m3h(5, [-0.1, 0.0]).tolist() == [0.0, 0.0]
    tiers = [float(gas_leaks.hole_m3h(5, tier.value)) for tier in gas_leaks.Tier]
    assert tiers == sorted(tiers)


def test_soil_delays_and_takes_its_share():
    times = np.arange(0.0, 10 * HOUR, 60.0)
    up = gas_leaks.through_soil(times, 30.0, share=0.3, delay_s=2 * HOUR)
    assert up[0] == 0.0
    assert up[times == 2 * HOUR].item() == pytest.approx(9.0 * (1 - np.exp(-1)))
    assert 8.8 < up[-1] < 9.0
