"""The water model against closed forms and published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.physics import water


def a_zone(nodes: int = 4, demand: float = 10.0) -> water.Zone:
    return water.Zone(
        parent=np.arange(-1, nodes - 1),
        resistance=np.full(nodes, 1e-3),
        demand_ls=np.array([0.0, *[demand] * (nodes - 1)]),
        elevation_m=np.zeros(nodes),
        source_head_m=40.0,
    )


def test_demand_sleeps_at_night_and_peaks_in_the_morning_and_evening():
    day = water.demand_factor(np.arange(24.0))
    assert int(day.argmin()) in (2, 3, 4)
    assert int(day[:12].argmax()) in (7, 8, 9)
    assert 12 + int(day[12:].argmax()) in (18, 19, 20)


def test_mean_demand_over_a_week_is_the_base():
    assert water.demand_factor(np.arange(0, 168, 0.5)).mean() == pytest.approx(1.0, abs=1e-9)
    assert water.demand_factor(np.arange(0, 168, 0.5)).min() > 0.2


def test_head_loss_grows_with_flow_to_the_power_1_852():
    one = water.hazen_williams(1000.0, 300.0, 110.0)
    # 60 L/s in 1 km of 300 mm, C 110: 10.67 * 1000 * 0.06^1.852 / (110^1.852 * 0.3^4.871).
    by_hand = 10.67 * 1000 * 0.06**1.852 / (110**1.852 * 0.3**4.871)
    assert float(one) * 60.0**1.852 == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("hole_mm", "flow_ls"),
    [(2, 0.057), (5, 0.36), (10, 1.43), (20, 5.7), (50, 35.7), (100, 143)],
)
def test_a_hole_at_30_m_head_loses_the_published_flow(hole_mm, flow_ls):
    assert float(water.emitter_coefficient(hole_mm)) * 30**0.5 == pytest.approx(flow_ls, rel=0.01)


@settings(deadline=None, max_examples=40)
@given(node=st.integers(1, 3), hole_mm=st.floats(5.0, 200.0), demand=st.floats(1.0, 20.0))
def test_water_is_neither_made_nor_lost_and_the_burst_obeys_its_orifice(node, hole_mm, demand):
    zone = a_zone(demand=demand)
    drawn = zone.demand_ls[None, :]
    emitter = float(water.emitter_coefficient(hole_mm))

    flow = water.solve(zone, drawn, burst_node=node, emitter=emitter)

    assert flow.burst_ls[0] > 0
    assert flow.inlet_ls[0] == pytest.approx(drawn.sum() + flow.burst_ls[0])
    head = max(float(flow.pressure_m[0, node]), 0.0)
    assert flow.burst_ls[0] == pytest.approx(emitter * head**0.5, rel=1e-6, abs=1e-6)


def test_a_burst_lowers_every_node_and_its_own_most():
    zone = a_zone()
    drawn = zone.demand_ls[None, :]
    whole = water.solve(zone, drawn)
    broken = water.solve(zone, drawn, burst_node=2, emitter=water.emitter_coefficient(100))
    drop = (whole.pressure_m - broken.pressure_m)[0]
    assert (drop > 0).all()
    assert drop[2] == drop.max()


def test_pressure_falls_from_the_inlet_outwards_by_the_sum_of_the_losses():
    zone = a_zone(nodes=3, demand=10.0)
    pressure = water.solve(zone, zone.demand_ls[None, :]).pressure_m[0]
    by_hand = 40.0 - np.cumsum([1e-3 * 20**1.852, 1e-3 * 20**1.852, 1e-3 * 10**1.852])
    assert pressure == pytest.approx(by_hand)
