"""Distances by pipe, by storey and in a straight line; and what sensors showed of a truth."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from services.evaluation.ground import Ground, straight_m
from services.evaluation.scene import first_beyond, longest_beyond_s
from shared.domain.level import Level
from shared.domain.place import Asset, AssetKind, Geometry, GeometryKind, Link, LinkKind
from shared.registry.load import load_registry
from tests.support.judging import CITY, scene, truth


def point(lon: float, lat: float) -> Geometry:
    return Geometry(GeometryKind.POINT, ((lon, lat),))


def node(name: str, lon: float) -> Asset:
    return Asset(name, AssetKind.PIPE_NODE, name, name, "z1", "harbour", point(lon, 30.0))


NODES = {name: node(name, 120.0 + 0.001 * place) for place, name in enumerate("abcd")}
PIPES = (Link("a", "b", LinkKind.PIPE, 300.0), Link("b", "c", LinkKind.PIPE, None),
         Link("a", "d", LinkKind.DUCT, 5.0))  # fmt: skip
NETWORK = Ground(replace(CITY, assets=NODES, links=PIPES))
STEP_M = straight_m((120.0, 30.0), (120.001, 30.0))


def test_a_degree_of_latitude_is_sixty_sea_miles():
    assert straight_m((0, 0), (0, 1)) == pytest.approx(60 * 1853.2, rel=1e-3)
    assert straight_m((0, 60), (1, 60)) == pytest.approx(straight_m((0, 0), (1, 0)) / 2, rel=1e-3)


def test_along_pipes_where_there_are_pipes_and_straight_elsewhere():
    assert NETWORK.error_m("a", "a") == 0.0
    assert NETWORK.error_m("a", "b") == 300.0
    assert NETWORK.error_m("c", "a") == pytest.approx(300.0 + STEP_M)
    assert NETWORK.error_m("a", "d") == pytest.approx(3 * STEP_M), "a duct is no pipe"
    assert NETWORK.error_m("a", "b", (120.0, 30.0)) == 0.0
    assert NETWORK.error_m("nowhere", "b") is None


def test_storeys_count_in_a_building():
    ground = Ground(load_registry())
    near, far = (ground.error_m("harbour-f23", f"harbour-f{n}") for n in (24, 33))
    assert 2.5 < near < 6.0
    assert math.isclose(far, 10 * near)


def test_the_middle_of_a_closed_shape_counts_its_first_corner_once():
    ring = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
    shape = Geometry(GeometryKind.POLYGON, ring)
    ground = Ground(replace(CITY, assets={"x": replace(NODES["a"], id="x", geometry=shape)}))
    assert ground.position("x") == (1.0, 1.0)


def falling(sensor="vc-07-o2"):
    return {sensor: [(float(at), 20.9 - 0.01 * max(0, at - 100)) for at in range(0, 600, 5)]}


def test_the_standards_limit_is_passed_when_a_reading_first_lies_beyond_it():
    assert scene(falling()).standard_s(truth()) == 395.0, "18 %vol, GBZ/T 205"
    assert scene({"vc-07-o2": [(200.0, 19.0)]}).standard_s(truth()) is None, "only a warning"


def test_only_what_happens_while_it_happens_is_the_standards():
    before = {"vc-07-o2": [(50.0, 17.0), (60.0, 20.9), (450.0, 17.0)]}
    assert scene(before).standard_s(truth()) == 450.0


def test_a_lying_sensor_does_not_move_the_moment_of_the_standard():
    lying, honest = scene({"vc-07-o2": [(200.0, 20.9)]}), scene(falling())
    assert lying.standard_s(truth()) is None
    assert replace(lying, honest=honest.tape).standard_s(truth()) == 395.0


def test_where_the_place_has_no_sensor_its_site_speaks():
    city = replace(CITY, sensors={k: v for k, v in CITY.sensors.items() if k == "vc-08-o2"})
    assert list(scene(falling("vc-08-o2"), city).watchers(truth())) == []
    one_site = {name: replace(asset, site="vc-07") for name, asset in CITY.assets.items()}
    joined = replace(city, assets=one_site)
    shown = list(scene(falling("vc-08-o2"), joined).watchers(truth()))
    assert [one.sensor.id for one in shown] == ["vc-08-o2"]


def test_of_a_lying_sensor_only_itself_is_looked_at():
    shown = scene(falling()).watchers(truth(hazard=None, sensors=("vc-07-o2",)))
    assert [one.sensor.id for one in shown] == ["vc-07-o2"]


def test_time_beyond_a_limit_is_the_longest_unbroken_stretch():
    points = [(0, 20.9), (5, 19.0), (10, 19.0), (15, 20.9), (20, 19.0), (40, 19.0), (45, 20.9)]
    (shown,) = scene({"vc-07-o2": [(float(at), value) for at, value in points]}).watchers(truth())
    yellow = next(limit for limit in shown.limits if limit.level is Level.YELLOW)
    assert longest_beyond_s(shown, yellow) == 20.0
    assert first_beyond(shown, yellow) == 5.0
