"""Where networks are found, and what preparing one does to it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from shared.errors import BadInput
from simulators.networks.epanet import Stepper
from simulators.networks.layout import LinkKind, NodeKind
from simulators.networks.prepare import prepare, read_layout
from simulators.networks.source import FOLDERS_VARIABLE, NetworkMissing, find_network
from tests.support.nets import needs_epanet, two_roads


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tocsin" / "networks"


@needs_epanet
def test_a_network_of_wntrs_library_is_found_by_name_in_any_case():
    assert find_network("Net3").name == find_network("net3").name == "Net3.inp"


def test_a_relative_path_starts_beside_the_scenario(tmp_path: Path):
    two_roads(tmp_path)
    assert find_network("two-roads.inp", beside=tmp_path) == tmp_path / "two-roads.inp"
    with pytest.raises(NetworkMissing, match=r"network other\.inp not found"):
        find_network("other.inp", beside=tmp_path)


def test_the_users_folders_are_searched_first_and_deeply(tmp_path: Path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "Net3.inp").write_text("mine")
    monkeypatch.setenv(FOLDERS_VARIABLE, os.pathsep.join([str(tmp_path / "none"), str(tmp_path)]))
    assert find_network("Net3").read_text() == "mine"


def test_a_network_that_is_nowhere_is_named_with_the_mend(monkeypatch):
    monkeypatch.delenv(FOLDERS_VARIABLE, raising=False)
    with pytest.raises(
        NetworkMissing, match=f"network Atlantis not found.*{FOLDERS_VARIABLE}"
    ) as no:
        find_network("Atlantis")
    assert no.value.name == "Atlantis"


@needs_epanet
def test_a_layout_says_what_stands_where_in_metres(tmp_path: Path):
    layout = read_layout(two_roads(tmp_path))
    assert [node.name for node in layout.junctions()] == ["inlet", "left", "right", "end", "plain"]
    assert layout.node("lake").kind is NodeKind.RESERVOIR
    assert layout.node("lake").elevation_m == 50.0
    assert layout.link("pump").kind is LinkKind.PUMP
    assert (layout.link("p3").length_m, layout.link("p3").diameter_mm) == (400.0, 150.0)
    with pytest.raises(BadInput, match="no node 'x'"):
        layout.node("x")
    assert layout.draws.at(0.0) == pytest.approx([0.0, 2.0, 3.0, 10.0, 0.0])
    assert layout.draws.at(3600.0) == pytest.approx([0.0, 6.0, 9.0, 10.0, 0.0])
    assert layout.draws.mean_ls() == pytest.approx([0.0, 4.0, 6.0, 10.0, 0.0])


@needs_epanet
def test_a_zone_ends_at_pumps_valves_and_closed_pipes(tmp_path: Path):
    path = two_roads(tmp_path)
    (whole,) = read_layout(path).zones()
    assert whole == {"inlet", "left", "right", "end", "plain", "tower"}
    path.write_text(path.read_text().replace("100 100 110 0 Open", "100 100 110 0 Closed"))
    assert [len(zone) for zone in read_layout(path).zones()] == [5, 1]


@needs_epanet
def test_a_split_pipe_gains_a_node_and_loses_nothing(tmp_path: Path):
    source = two_roads(tmp_path)
    whole = prepare(source)
    split = prepare(source, pipes={"p3": 0.25, "p4": 0.5})
    assert split.leaks == {"p3": "p3-leak", "p4": "p4-leak"}
    heads = []
    for prepared in (whole, split):
        with Stepper(prepared.path) as stepper:
            stepper.solve()
            names = [node.name for node in prepared.layout.junctions()]
            heads.append(stepper.heads_m(stepper.node(name) for name in names))
            assert ("p3-leak" in stepper.nodes) is (prepared is split)
    assert np.abs(heads[0] - heads[1]).max() < 1e-4


@needs_epanet
def test_what_cannot_be_split_is_named(tmp_path: Path):
    source = two_roads(tmp_path)
    with pytest.raises(BadInput, match="no pipe, pump or valve 'p9'"):
        prepare(source, pipes={"p9": 0.5})
    with pytest.raises(BadInput, match="'pump' of network two-roads is a pump, only pipes leak"):
        prepare(source, pipes={"pump": 0.5})


@needs_epanet
def test_a_prepared_file_is_made_once_and_again_when_anything_changes(tmp_path: Path, own_cache):
    source = two_roads(tmp_path)
    first = prepare(source)
    made = first.path.stat().st_mtime_ns
    assert first.path.parent == own_cache
    assert prepare(source).path.stat().st_mtime_ns == made
    assert prepare(source, step_s=900).path != first.path
    source.write_text(source.read_text().replace("inlet left 300", "inlet left 301"))
    assert prepare(source).path != first.path
    assert not list(own_cache.glob("*.part"))


@needs_epanet
def test_demand_falls_below_20_m_and_leaks_are_orifices(tmp_path: Path):
    prepared = prepare(two_roads(tmp_path))
    text = prepared.path.read_text().upper()
    assert "DEMAND MODEL         PDA" in text
    assert "REQUIRED PRESSURE    20.00" in text
    with Stepper(prepared.path) as stepper:
        end, plain = stepper.node("end"), stepper.node("plain")
        stepper.set_demands([plain], np.array([3.0]))
        stepper.set_emitter(end, 40.0)
        stepper.solve()
        pressure = stepper.pressures_m([plain])[0]
        assert 0.0 < pressure < 20.0
        got = 3.0 * (pressure / 20.0) ** 0.5
        assert stepper.drawn_ls([plain])[0] == pytest.approx(got, rel=1e-3)
