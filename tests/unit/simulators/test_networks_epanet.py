"""The stepper: WNTR's own answers, mass balance, whole steps, names in errors, no leftovers."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from shared.errors import BadInput
from simulators.networks.epanet import Stepper
from simulators.networks.prepare import read_layout
from simulators.networks.source import find_network
from simulators.networks.toolkit import HydraulicsFailed
from tests.support.nets import needs_epanet, two_roads

pytestmark = needs_epanet

HEAD_M = 1e-4
"""WNTR reads single precision back from a file."""


@pytest.mark.slow
def test_a_day_of_net3_is_what_wntr_computes(tmp_path: Path):
    import wntr

    source = find_network("Net3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(source))
        model.options.time.duration = 86_400
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "net3"))
    junctions = [node.name for node in read_layout(source).junctions()]
    rows = []
    with Stepper(source) as stepper:
        nodes, pump = [stepper.node(name) for name in junctions], stepper.link("335")
        for _ in range(25):
            now = stepper.solve()
            rows.append((now, stepper.heads_m(nodes), stepper.flows_ls([pump])[0]))
            stepper.forward()
    assert [row[0] for row in rows] == list(range(0, 86_401, 3600))
    theirs = results.node["head"].loc[: 24 * 3600, junctions].to_numpy()
    assert np.abs(np.array([row[1] for row in rows]) - theirs).max() < HEAD_M
    pumped = 1000.0 * results.link["flowrate"].loc[: 24 * 3600, "335"].to_numpy()
    assert np.array([row[2] for row in rows]) == pytest.approx(pumped, rel=1e-4, abs=1e-3)
    assert pumped.max() > 100.0


def test_water_is_neither_made_nor_lost_at_any_junction(tmp_path: Path):
    source = two_roads(tmp_path)
    layout = read_layout(source)
    with Stepper(source) as stepper:
        end = stepper.node("end")
        for hour in range(24):
            stepper.set_emitter(end, 1.5 if hour > 6 else 0.0)
            stepper.solve()
            into = {node.name: 0.0 for node in layout.nodes.values()}
            for link in layout.links.values():
                flow = stepper.flows_ls([stepper.link(link.name)])[0]
                into[link.b] += flow
                into[link.a] -= flow
            for node in layout.junctions():
                drawn = stepper.drawn_ls([stepper.node(node.name)])[0]
                assert into[node.name] == pytest.approx(drawn, abs=1e-3)
            lost = stepper.drawn_ls([end])[0] - 10.0
            head = stepper.pressures_m([end])[0]
            assert lost == pytest.approx(1.5 * head**0.5 if hour > 6 else 0.0, abs=1e-3)
            stepper.forward()


def test_an_emitter_in_gallons_and_feet_is_the_same_hole():
    with Stepper(find_network("Net3")) as stepper:
        node = stepper.node("105")
        stepper.solve()
        before = stepper.drawn_ls([node])[0]
        stepper.set_emitter(node, 2.0)
        stepper.solve()
        lost = stepper.drawn_ls([node])[0] - before
        assert lost == pytest.approx(2.0 * stepper.pressures_m([node])[0] ** 0.5, rel=2e-4)
        assert lost > 5.0


def test_steps_are_whole_though_a_tank_stops_epanet_in_between(tmp_path: Path):
    path = two_roads(tmp_path)
    path.write_text(
        path.read_text().replace("BELOW 1", "BELOW 2.3\n LINK pump CLOSED IF NODE tower ABOVE 2.4")
    )
    with Stepper(path) as stepper:
        tower, flows = stepper.node("tower"), []
        for number in range(48):
            assert stepper.solve() == 3600 * number
            flows.append(stepper.flows_ls([stepper.link("pump")])[0])
            stepper.forward()
        assert min(flows) < 1e-6
        assert max(flows) > 1.0
        assert 0.0 < stepper.pressures_m([tower])[0] < 10.0


def test_a_pump_held_still_stays_so_though_a_control_wants_it_and_comes_back_after(tmp_path: Path):
    with Stepper(two_roads(tmp_path)) as stepper:
        pump = stepper.link("pump")

        def hour() -> float:
            stepper.solve()
            flow = float(stepper.flows_ls([pump])[0])
            stepper.forward()
            return flow

        assert hour() > 1.0
        stepper.hold_link(pump, is_open=False)
        assert [round(hour(), 6) for _ in range(8)] == [0.0] * 8  # the tower falls below 1 m
        stepper.release_link(pump)
        assert hour() > 1.0
        stepper.release_link(pump)  # nothing held: nothing happens


def test_what_the_network_lacks_is_named(tmp_path: Path):
    with Stepper(two_roads(tmp_path)) as stepper:
        with pytest.raises(BadInput, match="no node 'nowhere' in network two-roads"):
            stepper.node("nowhere")
        with pytest.raises(BadInput, match="no pipe, pump or valve 'p9' in network two-roads"):
            stepper.link("p9")


def test_a_broken_file_is_refused_with_epanets_own_words(tmp_path: Path):
    path = two_roads(tmp_path)
    path.write_text(path.read_text().replace("p1 inlet left", "p1 inlet nowhere"))
    with pytest.raises(HydraulicsFailed, match="undefined node nowhere"):
        Stepper(path)
    with pytest.raises(HydraulicsFailed, match="no network can be read from"):
        read_layout(path)


def open_files() -> list[Path]:
    """This process's, where the system says; nothing elsewhere."""
    folder = Path("/proc/self/fd")
    return list(folder.iterdir()) if folder.is_dir() else []


def test_nothing_stays_open_however_often(tmp_path: Path):
    path = two_roads(tmp_path)
    before = open_files()
    for _ in range(50):
        with Stepper(path) as stepper:
            stepper.solve()
    stepper.close()  # a second time
    with pytest.raises(HydraulicsFailed, match="two-roads is closed"):
        stepper.solve()
    after = open_files()
    assert len(after) <= len(before)


def test_a_forgotten_stepper_gives_its_memory_back(tmp_path: Path):
    stepper = Stepper(two_roads(tmp_path))
    stepper.solve()
    project = stepper._en
    del stepper
    assert not project.isOpen()


def test_a_pipe_that_only_lets_one_way_cannot_be_shut_and_says_so(tmp_path: Path):
    path = two_roads(tmp_path)
    path.write_text(path.read_text().replace("p5 end plain 100 100 110 0 Open",
                                             "p5 end plain 100 100 110 0 CV"))  # fmt: skip
    with Stepper(path) as stepper, pytest.raises(BadInput, match="link 'p5' cannot be shut"):
        stepper.hold_link(stepper.link("p5"), is_open=False)
