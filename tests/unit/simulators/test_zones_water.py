"""The city's pressure zones: EPANET with loops, the closed form without it, and both agreeing."""

from __future__ import annotations

import builtins
import sys

import numpy as np
import pytest

from shared.errors import BadInput
from shared.registry.load import load_registry
from simulators.networks.acts import Draw, Hole, Setting, Shut, SourceFall
from simulators.networks.toolkit import SimMissing, can_solve
from simulators.networks.zone_net import zone_net
from simulators.networks.zone_solvers import EpanetZone, TreeZone, zone_inp
from simulators.scenario import Scenario, frames_of
from simulators.zones import INLET, moments, zone_model
from tests.support.nets import needs_epanet
from tests.support.played import START, series

HOURS = np.arange(0.0, 168.0, 4.0)
RING = "z2-n03--z2-n04"
"""A main of z2 that closes a loop."""


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture
def no_wntr(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the extra: importing WNTR fails."""
    honest = builtins.__import__

    def refusing(name: str, *rest, **named):
        if name.partition(".")[0] == "wntr":
            raise ModuleNotFoundError("No module named 'wntr'", name="wntr")
        return honest(name, *rest, **named)

    for name in [name for name in sys.modules if name.partition(".")[0] == "wntr"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refusing)


def both(registry, site: str = "z2"):
    return zone_model(registry, site, epanet=True), zone_model(registry, site, epanet=False)


@needs_epanet
@pytest.mark.parametrize("site", ["z1", "z2", "z3"])
def test_on_an_ordinary_day_loops_hardly_matter(registry, site):
    epanet, tree = both(registry, site)
    loops, closed = epanet.at(HOURS), tree.at(HOURS)
    assert isinstance(epanet.solver, EpanetZone)
    assert isinstance(tree.solver, TreeZone)
    assert np.abs(loops.pressure_mpa - closed.pressure_mpa).max() < 0.004
    assert loops.inlet_ls == pytest.approx(closed.inlet_ls, rel=0.02)
    assert loops.pressure_mpa.min() > 0.2


@needs_epanet
def test_every_pipe_link_of_a_zone_is_a_main_with_a_leak_node(registry):
    net = zone_net(registry, "z2")
    text = zone_inp(net)
    links = [
        link
        for link in registry.links
        if link.kind == "pipe" and link.a in net.nodes and link.b in net.nodes
    ]
    assert len(net.mains) == len(links) > len(net.nodes) - 1
    assert text.count("\nm") == len(net.mains)
    assert net.main(RING) is net.main("z2-n04--z2-n03")
    assert net.main(RING).length_m == 500.0


@needs_epanet
@pytest.mark.parametrize("place", ["z2-n05", "z2-n04--z2-n05"])
def test_a_burst_costs_more_pressure_without_loops(registry, place):
    acts = [Hole(place, 150.0, 100.0, 200.0)]
    times = np.array([99.0, 100.0, 199.0, 200.0])
    hours = np.full(4, 9.0)
    lost = []
    for model in both(registry):
        shown = model.at(hours, times_s=times, acts=acts)
        fall = shown.pressure_mpa[0] - shown.pressure_mpa[1]
        assert (fall > 0.02).all()
        assert fall[model.index("z2-n05")] > 0.9 * fall.max()
        assert shown.inlet_ls[1] - shown.inlet_ls[0] > 100.0
        assert shown.pressure_mpa[3] == pytest.approx(shown.pressure_mpa[0], abs=1e-5)
        lost.append(fall[model.index("z2-n05")])
    assert lost[0] < lost[1] < 1.5 * lost[0]


@needs_epanet
@pytest.mark.parametrize("number", [0, 1], ids=["epanet", "tree"])
def test_operations_are_seen_as_what_they_are(registry, number):
    model = both(registry)[number]
    times, hours = np.array([0.0, 10.0]), np.full(2, 9.0)

    def change(*acts) -> tuple[np.ndarray, float]:
        shown = model.at(hours, times_s=times, acts=acts)
        apart = shown.pressure_mpa[1] - shown.pressure_mpa[0]
        return apart, shown.inlet_ls[1] - shown.inlet_ls[0]

    tripped, _ = change(SourceFall(5.0, 10.0, 20.0))
    assert tripped == pytest.approx(-5.0 * 0.00980665, abs=0.001)  # everywhere alike
    flushed, more = change(Draw("z2-n08", 20.0, 10.0, 20.0))
    assert more == pytest.approx(20.0, abs=0.1)
    assert flushed.argmin() in (model.index("z2-n08"), model.index("z2-n09"))
    shut, _ = change(Shut("z2-n03--z2-n06", 10.0, 20.0))
    assert shut[model.index("z2-n06")] < -0.001
    assert shut[model.index("z2-inlet")] >= 0.0


@needs_epanet
@pytest.mark.parametrize("number", [0, 1], ids=["epanet", "tree"])
def test_a_place_the_zone_lacks_is_named_with_what_it_has(registry, number):
    model = both(registry)[number]
    for acts, words in (
        ([Hole("z2-n77", 20.0, 0.0, 1.0)], "no main 'z2-n77' in zone z2; it has: z2-inlet--"),
        ([Draw("z1-n01", 20.0, 0.0, 1.0)], "no node 'z1-n01' in zone z2"),
        ([Shut("z2-n01--z2-n09", 0.0, 1.0)], "no main 'z2-n01--z2-n09'"),
        ([Setting(RING, 1.0, 0.0, 1.0)], "zone z2 has no valve or pump with a setting"),
    ):
        with pytest.raises(BadInput, match=words):
            model.at(np.zeros(1), times_s=np.zeros(1), acts=acts)


@pytest.mark.parametrize("epanet", [pytest.param(True, marks=needs_epanet), False])
def test_the_curve_of_ordinary_days_is_the_solver(registry, epanet):
    model = zone_model(registry, "z2", epanet=epanet)
    solved = model.at(HOURS)
    for sensor, node in model.probes.items():
        assert model.normal(sensor)(HOURS * 3600.0, HOURS) == pytest.approx(
            solved.column(node), rel=2e-4
        )
    assert model.probes["z2-inlet-flow"] == INLET
    assert len(model.sensors) == 11


def test_several_holes_in_the_closed_form_share_the_pressure(registry):
    model = zone_model(registry, "z2", epanet=False)
    one, other = Hole("z2-n05", 100.0, 0.0, 9.0), Hole("z2-n09", 100.0, 0.0, 9.0)
    hours, times = np.array([9.0]), np.zeros(1)
    calm = model.at(hours).inlet_ls[0]
    apart = [model.at(hours, times_s=times, acts=[act]).inlet_ls[0] - calm for act in (one, other)]
    together = model.at(hours, times_s=times, acts=[one, other])
    assert max(apart) < together.inlet_ls[0] - calm < 0.97 * sum(apart)
    twice = model.at(hours, times_s=times, acts=[other, one])
    assert twice.inlet_ls == pytest.approx(together.inlet_ls, rel=1e-3)


def test_below_a_shut_main_a_tree_runs_dry(registry):
    model = zone_model(registry, "z2", epanet=False)
    shown = model.at(np.full(1, 9.0), times_s=np.zeros(1), acts=[Shut("z2-n05--z2-n08", 0.0, 1.0)])
    dry = {node for node, mpa in zip(model.nodes, shown.pressure_mpa[0], strict=True) if mpa == 0.0}
    assert dry == {"z2-n08", "z2-n09"}


def test_moments_are_dense_where_acts_begin_and_sparse_in_long_leaks():
    times = moments([Hole("x", 1.0, 1000.0, 60 * 86_400.0)], 60 * 86_400.0 + 1.0)
    assert times[0] == 1000.0
    assert times[-1] == 60 * 86_400.0 + 1.0
    assert np.diff(times)[:50] == pytest.approx(1.0)
    assert np.diff(times).max() == 900.0
    assert times.size < 7000


@pytest.mark.usefixtures("no_wntr")
def test_without_wntr_the_zones_are_solved_in_closed_form(registry):
    assert not can_solve()
    model = zone_model(registry, "z2")
    assert isinstance(model.solver, TreeZone)
    with pytest.raises(SimMissing, match="install tocsin\\[sim\\]"):
        zone_model(registry, "z2", epanet=True).at(np.zeros(1))


def test_without_wntr_a_quiet_city_plays_much_the_same(registry, request):
    scenario = Scenario(name="any", summary="any", sites=("z1", "z2", "z3"))
    played = {"seed": 1, "start": START, "run": "r", "duration_s": 600.0}
    with_it = series(frames_of(scenario, registry, **played))
    request.getfixturevalue("no_wntr")
    without = series(frames_of(scenario, registry, **played))
    assert set(without) == set(with_it)
    assert len(without) > 25
    for sensor, points in without.items():
        assert [v for _, v in points] == pytest.approx([v for _, v in with_it[sensor]], rel=0.03)
