"""Gas along a gallery against published figures, and never a litre lost on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import gas_tunnel
from simulators.physics.gas import sensor_response
from simulators.physics.gas_leaks import hole_m3h

SHAPE = gas_tunnel.Tunnel(length_m=200.0, section_m2=6.0, cells=200)
LEAK_CELL = 60
STATIONS = (60, 75, 90, 120, 180)


def shown(until_s: float, leak: float, air, *, step_s: float = 5.0):
    """Times and what T90 = 30 s sensors show, (times, cells)."""
    times = np.arange(0.0, until_s, step_s)
    rates = air(times) if callable(air) else air
    along = gas_tunnel.tunnel(
        times, shape=SHAPE, leak_cell=LEAK_CELL, leak_m3h=leak, air_changes_per_h=rates
    )
    return times, sensor_response(times, along.fractions, t90_s=30.0)


def reached(times, seen, limit: float) -> list[float]:
    return [float(times[np.argmax(seen[:, cell] >= limit)]) for cell in STATIONS]


@pytest.mark.parametrize(("hole", "air", "percent"), [
    (3, 6.0, 0.39), (3, 12.0, 0.19), (5, 6.0, 1.07), (5, 12.0, 0.54), (10, 6.0, 4.1),
    (10, 12.0, 2.1),
])  # fmt: skip
def test_a_ventilated_tunnel_settles_at_the_published_fraction(hole, air, percent):
    leak = float(hole_m3h(hole, 0.4))
    _, seen = shown(1500.0, leak, air, step_s=20.0)
    through = leak + air * SHAPE.volume_m3
    assert 100 * seen[-1, 120] == pytest.approx(percent, rel=0.03)
    assert seen[-1, 120] == pytest.approx(leak / through, rel=0.01)


@pytest.mark.parametrize(("leak", "published"), [
    (77.5, (60, 120, 170, 280, 480)), (310.0, (10, 50, 80, 160, 320)),
])  # fmt: skip
def test_gas_reaches_a_fifth_of_the_limit_down_the_tunnel_when_the_figures_say(leak, published):
    times, seen = shown(700.0, leak, 6.0)
    assert reached(times, seen, 0.01) == pytest.approx(published, abs=16)


def test_a_small_leak_is_hidden_by_the_fans():
    _, seen = shown(2000.0, 27.9, 6.0, step_s=20.0)
    assert 0.003 < seen.max() < 0.01


def test_a_small_leak_shows_when_the_fans_stand_still():
    times, seen = shown(2000.0, 27.9, 0.3)
    assert reached(times, seen, 0.01)[:4] == pytest.approx((110, 470, 900, 1870), rel=0.05)
    assert times[np.argmax(seen[:, 75] >= 0.025)] == pytest.approx(1340, rel=0.03)
    times, seen = shown(300.0, 310.0, 0.3)
    assert times[np.argmax(seen[:, 75] >= 0.025)] == pytest.approx(150, rel=0.05)


@pytest.mark.slow
def test_a_failing_fan_turns_a_hidden_leak_into_an_alarm_six_minutes_later():
    def air(times):
        return gas_tunnel.fans(times, running_per_h=6.0, fails_s=600.0, mended_s=3600.0)

    times, seen = shown(4000.0, 27.9, air)
    before = seen[times == 600.0, 75].item()
    assert 100 * before == pytest.approx(0.40, abs=0.02)
    assert times[np.argmax(seen[:, 75] >= 0.01)] == pytest.approx(970, abs=20)
    assert 100 * seen.max() == pytest.approx(4.9, rel=0.03)
    assert seen[-1, 75] < seen[times == 3600.0, 75]  # mended


def test_fans_run_stop_start_and_hurry_as_told():
    times = np.array([0.0, 10.0, 20.0, 30.0])
    air = gas_tunnel.fans(times, running_per_h=6.0, fails_s=10.0, mended_s=20.0, accident_s=30.0)
    assert air.tolist() == [6.0, 0.3, 6.0, 12.0]


@settings(deadline=None, max_examples=25)
@given(
    leak=st.floats(0.1, 400.0),
    air=st.lists(st.floats(0.0, 15.0), min_size=6, max_size=6),
    cell=st.integers(0, 39),
)
def test_gas_that_leaked_is_in_the_tunnel_or_has_left_by_its_end(leak, air, cell):
    shape = gas_tunnel.Tunnel(length_m=200.0, section_m2=6.0, cells=40)
    times = np.arange(0.0, 600.0, 100.0)
    along = gas_tunnel.tunnel(
        times, shape=shape, leak_cell=cell, leak_m3h=leak, air_changes_per_h=np.array(air)
    )
    leaked = leak * times / 3600.0
    assert along.held_m3(shape) + along.vented_m3 == pytest.approx(leaked, rel=1e-9)
    assert (along.fractions >= 0.0).all()
    assert along.fractions[-1].max() > 0.0


def test_a_point_of_the_tunnel_lies_in_its_cell():
    assert [SHAPE.cell_at(at) for at in (-1.0, 0.0, 60.4, 199.9, 500.0)] == [0, 0, 60, 199, 199]
