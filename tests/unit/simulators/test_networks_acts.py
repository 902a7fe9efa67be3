"""Leaks of any course in time, people's demand, and both in a live network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadInput
from simulators.networks.acts import Draw, Hole, Setting, Shut, SourceFall
from simulators.networks.demand import RANDOM_SD, People, demand_of, weeks_of
from simulators.networks.layout import Draws
from simulators.networks.model import Course, NetworkModel, Probe
from simulators.networks.prepare import prepare
from simulators.physics import water
from tests.support.nets import needs_epanet, two_roads

HOUR = 3600.0
PROBES = {
    "end-pressure": Probe(node="end"),
    "left-pressure": Probe(node="left"),
    "inlet-flow": Probe(links=(("pump", 1.0),)),
}


@pytest.mark.parametrize(
    ("hole_mm", "flow_ls"),
    [(2, 0.057), (5, 0.36), (10, 1.43), (20, 5.7), (50, 35.7), (100, 143)],
)
def test_a_hole_at_30_m_head_loses_the_published_flow(hole_mm, flow_ls):
    hole = Hole("p", hole_mm, 0.0, 10.0)
    assert hole.coefficient(5.0) * 30**0.5 == pytest.approx(flow_ls, rel=0.01)
    assert hole.coefficient(5.0) == pytest.approx(float(water.emitter_coefficient(hole_mm)))


def test_an_abrupt_leak_is_there_at_once_and_gone_when_repaired():
    hole = Hole("p", 20.0, 100.0, 200.0)
    assert [hole.area_share(t) for t in (99.9, 100.0, 199.9, 200.0)] == [0.0, 1.0, 1.0, 0.0]


@given(at=st.floats(0.0, 1.0))
def test_a_growing_leak_grows_in_area(at):
    hole = Hole("p", 20.0, 1000.0, 9000.0, grows_s=4000.0)
    full = Hole("p", 20.0, 0.0, 9000.0).coefficient(1.0)
    assert hole.coefficient(1000.0 + 4000.0 * at) == pytest.approx(at * full)
    assert hole.coefficient(8000.0) == full


def test_a_slit_gapes_with_head_as_favad_says():
    hole = Hole("p", 0.1, 0.0, 10.0, slit_mm2_per_m=2.0)
    q20, q40 = (hole.coefficient(1.0, h) * h**0.5 for h in (20.0, 40.0))
    assert np.log(q40 / q20) / np.log(2.0) == pytest.approx(1.5, abs=0.01)
    round_hole = Hole("p", 20.0, 0.0, 10.0)
    assert round_hole.coefficient(1.0, 20.0) == round_hole.coefficient(1.0, 40.0)


def some_draws(nodes: int = 200) -> Draws:
    names = tuple(f"n{i}" for i in range(nodes))
    return Draws(names, np.ones((nodes, 1)), (np.array([0.5, 1.5]),), 3600.0)


def test_the_week_has_its_nights_its_peaks_and_a_mean_of_one():
    weeks = weeks_of(50, seed=3)
    hours = np.arange(0.0, 168.0, 0.5)
    factors = np.array([weeks.factor(hour, 24.0 * 200.0 + hour) for hour in hours])
    assert weeks.weekly.shape == (50, 20)
    tuesday = factors[48:96].mean(axis=1)
    assert hours[int(tuesday.argmin())] in (2.0, 2.5, 3.0, 3.5)
    assert 7.0 <= hours[int(tuesday[:24].argmax())] <= 8.5
    assert factors.mean() == pytest.approx(1.06, abs=0.03)  # summer
    winter = np.mean([weeks.factor(hour, hour) for hour in hours])
    assert winter < 1.0 < factors.mean()
    assert factors.min() >= 0.0


def test_nodes_differ_by_no_more_than_their_ten_per_cent():
    one, other = weeks_of(30, seed=1), weeks_of(30, seed=2)
    common = one.weekly.mean(axis=0)
    assert (np.abs(one.weekly.real - common.real) <= 0.2 * np.abs(common.real) + 1e-12).all()
    assert not np.array_equal(one.weekly, other.weekly)


def test_chance_has_the_published_spread_and_only_the_seed_decides_it():
    def a_day(seed: int, model: str = "file") -> np.ndarray:
        people = People(model=model)
        demand = demand_of(some_draws(), people, seed=seed, step_s=3600, hour_of_week=0.0)
        return np.array([demand(HOUR * hour) for hour in range(24)])

    day = a_day(1)
    means = np.tile([0.5, 1.5], 12)[:, None]
    assert (day / means).std() == pytest.approx(RANDOM_SD, abs=0.02)
    assert (day / means).mean() == pytest.approx(1.0, abs=0.02)
    assert day.min() >= 0.0
    assert np.array_equal(day, a_day(1))
    assert not np.array_equal(day, a_day(2))
    assert not np.array_equal(day, a_day(1, "leakdb"))


def test_a_steps_chance_does_not_depend_on_what_was_asked_before():
    demand = demand_of(some_draws(), People(), seed=1, step_s=900, hour_of_week=5.0)
    later = demand(9000.0)
    for step in range(12):
        demand(900.0 * step)
    assert np.array_equal(demand(9000.0), later)


@pytest.fixture
def model(tmp_path: Path) -> NetworkModel:
    source = two_roads(tmp_path)

    def prepare_for(holes: frozenset[str]):
        return prepare(source, pipes={h: 0.5 for h in holes if h.startswith("p")}, step_s=900)

    draws = prepare_for(frozenset()).layout.draws
    demand = demand_of(draws, People(random_sd=0.1), seed=1, step_s=900, hour_of_week=0.0)
    return NetworkModel(prepare_for, PROBES, demand, places={"asset-end": "end"})


def day(model: NetworkModel, *acts) -> np.ndarray:
    with model.course(acts) as course:
        return course.at(np.arange(0.0, 86_400.0, 900.0))


def changed_steps(model: NetworkModel, *acts) -> np.ndarray:
    """Numbers of the steps at which the acts move a pressure by more than a millimetre."""
    moved = np.abs(day(model, *acts) - day(model))[:, :2].max(axis=1)
    return np.flatnonzero(moved > 1e-5)


@needs_epanet
def test_a_leak_starts_and_is_repaired_at_its_own_step(model):
    steps = changed_steps(model, Hole("p3", 30.0, 4 * HOUR, 9 * HOUR))
    assert steps[0] == 16
    assert set(range(16, 36)) <= set(steps)
    levels = day(model, Hole("p3", 30.0, 4 * HOUR, 9 * HOUR)) - day(model)
    assert (levels[16:36, 0] < -0.002).all()
    assert abs(levels[36, 0]) < 0.2 * abs(levels[35, 0])  # what stays is the tower's lower level


@needs_epanet
def test_a_leak_between_two_steps_begins_with_the_next(model):
    assert changed_steps(model, Hole("p3", 30.0, 4 * HOUR + 1.0, 9 * HOUR))[0] == 17


@needs_epanet
def test_two_leaks_at_once_share_the_pressure(model):
    one, other = Hole("p3", 60.0, 0.0, 9e9), Hole("end", 60.0, 0.0, 9e9)
    calm, both = day(model), day(model, one, other)
    apart = (day(model, one) - calm) + (day(model, other) - calm)
    assert (both - calm)[10, 2] < apart[10, 2]


@needs_epanet
def test_the_same_seed_gives_the_same_bytes_whatever_is_asked_first(model):
    acts = (Hole("p3", 30.0, 4 * HOUR, 9 * HOUR),)
    assert day(model, *acts).tobytes() == day(model, *acts).tobytes()
    with model.course(acts) as course:
        late = course.at(np.array([80_000.0]))
        assert np.array_equal(course.at(np.array([5 * HOUR])), day(model, *acts)[20:21])
        assert np.array_equal(course.at(np.array([80_000.0])), late)


@needs_epanet
def test_flushing_a_tripped_pump_and_a_shut_main_are_seen(model):
    calm = day(model)
    flushed = day(model, Draw("end", 5.0, 2 * HOUR, 3 * HOUR))
    assert (flushed - calm)[8:12, 0].max() < -0.001
    assert (flushed - calm)[:8] == pytest.approx(0.0)
    tripped = day(model, Shut("pump", 2 * HOUR, 4 * HOUR))
    assert tripped[8:16, 2] == pytest.approx(0.0, abs=1e-6)
    assert tripped[16, 2] > 1.0
    shut = day(model, Shut("p3", 2 * HOUR, 4 * HOUR))
    assert (shut - calm)[8:16, 0].max() < 0.0
    rough = day(model, Setting("p3", 10.0, 2 * HOUR, 4 * HOUR))
    assert (rough - calm)[8:16, 0].max() < 0.0
    assert abs((rough - calm)[17, 0]) < 0.1 * abs((rough - calm)[12, 0])


@needs_epanet
def test_a_place_the_network_lacks_is_named(model):
    with pytest.raises(BadInput, match="no pipe, pump or valve 'p77'"):
        model.course([Hole("p77", 30.0, 0.0, 1.0)])
    with pytest.raises(BadInput, match="no node 'x'"):
        model.course([Draw("x", 3.0, 0.0, 1.0)])
    with pytest.raises(BadInput, match="'tower' of two-roads is no junction"):
        model.course([Draw("tower", 3.0, 0.0, 1.0)])
    with pytest.raises(BadInput, match="no one source"):
        model.course([SourceFall(3.0, 0.0, 1.0)])


@needs_epanet
def test_changes_are_held_from_step_to_step_and_zero_before(model):
    acts = [Hole("p3", 30.0, 4 * HOUR, 9 * HOUR)]
    times, added = model.changes(acts, until_s=12 * HOUR, hours=lambda t: t / HOUR)
    drawn = np.interp([4 * HOUR - 1.0, 4 * HOUR, 4 * HOUR + 899.0], times, added["end-pressure"])
    assert abs(drawn[0]) < 1e-6  # the split pipe's own rounding
    assert drawn[1] == pytest.approx(drawn[2]) != 0.0
    assert set(added) == set(PROBES) == model.sensors
    assert model.place("asset-end") == "end"
    assert model.place("p3") == "p3"
    assert isinstance(model.calm(), Course)
    model.close()
    model.close()
