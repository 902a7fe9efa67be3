"""A city made of one network: complete, playable, the same every time; Net3 and L-TOWN."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from shared.config.complaint import Severity
from shared.domain.place import AssetKind
from shared.domain.quantity import Quantity
from shared.errors import BadInput
from shared.registry.lint import lint_registry
from shared.registry.load import load_registry
from shared.registry.writing import geojson_text, item_text
from simulators.city import City
from simulators.happenings.water import Leak
from simulators.networks.acts import Hole
from simulators.networks.city import models_of, network_city
from simulators.networks.demand import People
from simulators.networks.model import Probe
from simulators.networks.prepare import read_layout
from simulators.networks.probes import spread
from simulators.networks.source import find_network
from simulators.physics.water import MPA_PER_M
from tests.support.nets import needs_epanet, two_roads
from tests.support.played import START, series

pytestmark = needs_epanet

DAY = 86_400.0


@pytest.fixture(scope="module")
def net3():
    return network_city("Net3", sensors=("105", "117", "193"))


@pytest.fixture(scope="module")
def l_town(labelled_data: Path):
    return network_city(str(labelled_data / "battledim" / "L-TOWN.inp"), sensors=("n506", "n114"))


def test_the_registry_passes_the_lint_of_registries(net3, tmp_path: Path):
    sections = {
        "areas": net3.areas.values(), "sites": net3.sites.values(), "assets": net3.assets.values(),
        "links": net3.links, "people": net3.people.values(), "teams": net3.teams.values(),
        "duties": net3.duties, "sensors": net3.sensors.values(),
    }  # fmt: skip
    lines = ["version: 1", f"name: {net3.name}", f"timezone: {net3.timezone}",
             "geometry: [shapes.geojson]"]  # fmt: skip
    for name, pieces in sections.items():
        lines += [f"{name}:", *(item_text(piece) for piece in pieces)]
    (tmp_path / "registry.yaml").write_text("\n".join(lines))
    shapes = ((asset.id, asset.geometry) for asset in net3.assets.values())
    (tmp_path / "shapes.geojson").write_text(geojson_text(shapes))
    said = lint_registry(tmp_path / "registry.yaml")
    assert [str(one) for one in said if one.severity is Severity.ERROR] == []
    assert len(said) > 50  # pipes without a sensor, and none else
    assert all("has no sensor" in str(one) or "has no asset" in str(one) for one in said)


def test_every_junction_pipe_and_pump_of_net3_is_an_asset_with_a_place(net3):
    kinds = [asset.kind for asset in net3.assets.values()]
    assert kinds.count(AssetKind.PIPE_NODE) == 92
    assert kinds.count(AssetKind.PIPE) == 117
    assert kinds.count(AssetKind.PUMP) == 2
    assert all(asset.geometry is not None for asset in net3.assets.values())
    assert {"net3-105", "net3-link-105", "net3-link-335"} <= set(net3.assets)  # names meet twice
    assert {sensor.id for sensor in net3.sensors.values() if sensor.quantity is Quantity.FLOW} >= {
        "net3-10-flow"
    }


def test_a_pipe_lies_halfway_between_its_nodes(net3):
    layout = read_layout(find_network("Net3"))
    link = layout.link("173")
    ends = {net3.plan.places[one.a if one.b == "net3-link-173" else one.b]: one.length_m
            for one in net3.links if "net3-link-173" in (one.a, one.b)}  # fmt: skip
    assert ends == {link.a: link.length_m / 2, link.b: link.length_m / 2}


def test_sensors_nobody_chose_lie_far_apart(tmp_path: Path):
    layout = read_layout(two_roads(tmp_path))
    assert spread(layout) == ["end", "inlet", "left", "plain", "right"]
    net = read_layout(find_network("Net3"))
    chosen = spread(net)
    assert chosen == spread(net)
    assert len(chosen) == len(set(chosen)) == 6


def test_wrong_nodes_and_links_are_all_named_at_once():
    with pytest.raises(BadInput, match=r"no junction 'x', no junction 'Lake', no pipe.* 'y'"):
        network_city("Net3", sensors=("105", "x", "Lake"), flows=("y",))


def test_a_flow_meter_can_be_put_on_any_link():
    city = network_city("Net3", sensors=("105",), flows=("173",))
    (meter,) = (s for s in city.sensors.values() if s.quantity is Quantity.FLOW)
    assert city.plan.probes[meter.id] == Probe(links=(("173", 1.0),))


def frames(registry, happenings=(), seed: int = 1, hours: float = 24.0):
    city = City(registry, seed=seed, start=START, every_s=900.0)
    traces = {}
    for happening in happenings:
        assert list(happening.faults(registry)) == []
        traces |= happening.traces(city)
    return [
        frame
        for group in city.groups
        for _, frame in city.play(group, traces, run="r", until_s=hours * 3600.0)
    ]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(net3):
    leak = Leak(kind="leak", asset="net3-link-173", from_s=36_000, until_s=72_000, hole_mm=50)
    once, again, other = (frames(net3, [leak], seed=seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    assert len(once) == 2 * 96  # both zones report


def test_a_leak_in_a_pipe_of_the_network_is_played_on_its_sensors(net3):
    leak = Leak(kind="leak", asset="net3-link-173", from_s=36_000, until_s=72_000, hole_mm=100)
    calm, leaky = (series(frames(net3, happenings)) for happenings in ((), (leak,)))
    for sensor in ("net3-193-pressure", "net3-105-pressure"):
        apart = [b - a for (_, a), (_, b) in zip(calm[sensor], leaky[sensor], strict=True)]
        assert apart[:40] == pytest.approx([0.0] * 40)
        assert np.mean(apart[42:80]) < -0.0005
    assert leak.position(net3) is not None


def test_people_draw_by_the_hour_of_the_city(net3):
    model = models_of(net3, seed=1, start=START, every_s=3600)["net3-zone-1"]
    night, day = (model.normal("net3-105-pressure")(np.array([h * 3600.0]), None) for h in (12, 2))
    assert night != day
    assert models_of(net3, seed=1, start=START)["net3-zone-1"].calm().step_s == 300


def test_the_registry_can_be_sent_to_another_process(net3):
    again = pickle.loads(pickle.dumps(net3))
    assert again == net3
    assert frames(again, hours=2.0) == frames(net3, hours=2.0) != []


def test_a_city_of_another_kind_has_no_such_model():
    assert models_of(load_registry(), seed=1, start=START) == {}


@pytest.mark.needs_data("battledim")
def test_two_centimetres_in_p523_of_l_town_lose_what_others_measured(l_town):
    model = l_town.works(seed=1, hour_of_week=0.0, step_s=900, people=People(random_sd=0.0))
    times = np.arange(0.0, DAY, 900.0)
    leak = Hole("p523", 20.0, 0.0, 9e9)
    calm = model.course(())
    leaky = model.course([leak])
    fall = (calm.at(times) - leaky.at(times)).mean(axis=0)[0] / MPA_PER_M
    stepper, node = leaky._stepper, leaky._stepper.node("p523-leak")
    lost = stepper.drawn_ls([node])[0]
    head = stepper.pressures_m([node])[0]
    assert lost == pytest.approx(leak.coefficient(0.0) * head**0.5, rel=1e-4)
    assert lost == pytest.approx(7.65, rel=0.05)
    assert fall == pytest.approx(0.37, rel=0.05)


@pytest.mark.needs_data("battledim")
def test_l_town_has_its_three_areas(l_town):
    layout = read_layout(l_town.plan.source)
    junctions = {node.name for node in layout.junctions()}
    assert sorted(len(zone & junctions) for zone in layout.zones())[-3:] == [31, 92, 657]
    assert len(l_town.assets) == 782 + 905 + 1 + 3
    assert l_town.assets["l-town-p523"].site == l_town.assets["l-town-n506"].site
