"""A generated city: exact in size, complete, believable, the same whichever part is asked for."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.hazard import Hazard
from shared.domain.place import AreaKind, AssetKind, SiteKind
from shared.errors import BadInput
from simulators.generator import generate
from simulators.generator.chance import SEED_MAX, Stream, shares, words
from simulators.generator.columns import city_columns
from simulators.generator.pieces import SitePieces
from simulators.generator.places import Ground, cell_of
from simulators.generator.plan import SENSORS_MAX, plan
from simulators.generator.recipes import PATTERN, SITES, Slot
from simulators.generator.words import FIRST, SECOND, place_name
from simulators.zones import zone_model

HAN = re.compile(r"[\u4e00-\u9fff]")
METRES_PER_DEGREE = 111_320.0


@pytest.fixture(scope="module")
def city():
    return generate(7, 2000)


def metres(a, b) -> float:
    shrink = math.cos(math.radians(a[1]))
    return math.hypot((a[0] - b[0]) * shrink, a[1] - b[1]) * METRES_PER_DEGREE


@given(seed=st.integers(0, SEED_MAX), sensors=st.integers(1, 1500))
@settings(max_examples=25, deadline=None)
def test_a_city_has_exactly_the_sensors_asked_for_and_every_reference_resolves(seed, sensors):
    city = generate(seed, sensors)
    assert len(city.sensors) == sensors
    assert {one.asset for one in city.sensors.values()} == set(city.assets)
    assert {one.site for one in city.assets.values()} == set(city.sites)
    assert all(one.area in city.areas for one in city.sites.values())
    assert all(link.a != link.b for link in city.links)
    assert {end for link in city.links for end in (link.a, link.b)} <= set(city.assets)
    members = {person for team in city.teams.values() for person in team.members}
    assert members == set(city.people)


def test_no_red_route_resolves_to_nobody(city):
    duties = {area: set() for area in city.areas}
    for duty in city.duties:
        assert city.teams[duty.team].members
        duties[duty.area] |= set(Hazard) if duty.hazard is None else {duty.hazard}
    for site in city.sites.values():
        near = [duties[area.id] for area in city.upwards(site.area)]
        assert near[0] == near[-1] == set(Hazard), site
        assert len(near) == len(AreaKind) - 1


@pytest.mark.parametrize("seed", [0, 7, 123], ids="seed={}".format)
def test_the_same_seed_gives_the_same_city_and_another_seed_another(seed):
    assert generate(seed, 300) == generate(seed, 300)
    assert generate(seed, 300) != generate(seed + 1, 300)


def test_a_small_city_is_the_beginning_of_a_larger_one():
    small, large = generate(3, 1000), generate(3, 2500)
    *whole, last = small.sites
    assert [small.sites[one] for one in whole] == [large.sites[one] for one in whole]
    shared = {key: one for key, one in small.assets.items() if one.site != last}
    assert shared == {key: large.assets[key] for key in shared}
    assert len(shared) > 200
    assert set(small.sensors) < set(large.sensors)
    assert set(small.people) < set(large.people)


@given(seed=st.integers(0, SEED_MAX), site=st.integers(0, 30_000))
@settings(max_examples=30, deadline=None)
def test_a_site_is_made_without_its_neighbours(seed, site):
    alone = SitePieces(seed, site)
    assert alone.site().kind is alone.template.kind
    assert len(list(alone.sensors())) == alone.template.devices.size > 0
    known = {one.id for one in alone.assets()}
    assert {end for link in alone.links() for end in (link.a, link.b)} <= known


def test_a_site_alone_is_the_site_in_the_city(city):
    for number in (0, 1, 3, 10, 45):
        alone = SitePieces(7, number)
        assert city.sites[alone.id] == alone.site()
        assert all(city.assets[one.id] == one for one in alone.assets())
        assert all(city.sensors[one.id] == one for one in alone.sensors())
        assert set(alone.links()) <= set(city.links)


def test_the_kinds_stand_in_believable_proportions():
    planned = plan(1, 60_000)
    sensors, sites = Counter(), Counter()
    for site in range(planned.sites):
        template = planned.template(site)
        sensors[template.kind] += template.devices.size / 60_000
        sites[template.kind] += 1 / planned.sites
    assert set(sensors) == set(SiteKind)
    assert 0.6 < sensors[SiteKind.BUILDING] < 0.85
    assert 0.05 < sensors[SiteKind.SEWER] < 0.2
    assert all(0.01 < sensors[kind] < 0.1 for kind in set(SiteKind) - {
        SiteKind.BUILDING, SiteKind.SEWER})  # fmt: skip
    assert sites[SiteKind.CHAMBER] > sites[SiteKind.SEWER] > sites[SiteKind.PRESSURE_ZONE]
    assert sites[SiteKind.TUNNEL] < sites[SiteKind.STATION]


def test_even_a_small_city_has_some_of_most_kinds():
    kinds = {one.kind for one in generate(2, 400).sites.values()}
    assert {SiteKind.BUILDING, SiteKind.PRESSURE_ZONE, SiteKind.CHAMBER, SiteKind.SEWER} <= kinds


def test_houses_have_several_heights_and_each_one_roof():
    planned = plan(5, 40_000)
    heights = Counter(
        template.height_m
        for site in range(planned.sites)
        if (template := planned.template(site)).kind is SiteKind.BUILDING
    )
    low = sum(count for height, count in heights.items() if height < 27)
    towers = sum(count for height, count in heights.items() if height > 100)
    assert len(heights) > 30
    assert low > towers > 0.02 * heights.total()


def test_what_belongs_together_lies_together(city):
    for asset in city.assets.values():
        middle = city.areas[asset.area].geometry.positions
        nearest = min(metres(asset.geometry.positions[0], corner) for corner in middle)
        assert nearest < 2000, asset
    for link in city.links:
        a, b = (city.assets[end] for end in (link.a, link.b))
        if link.length_m is not None and a.kind is not AssetKind.FLOOR and a.site != b.site:
            apart = metres(a.geometry.positions[0], b.geometry.positions[0])
            assert abs(apart - link.length_m) < 40, link


def test_communities_never_overlap_and_fill_the_ground_from_the_middle():
    district = 96
    for districts in (1, 9, 25):
        cells = {cell_of(number) for number in range(districts * district)}
        assert len(cells) == districts * district
        columns, rows = zip(*cells, strict=True)
        box = (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)
        assert box == len(cells)


def test_every_city_lies_in_one_place_of_the_world():
    for seed in range(40):
        lon, lat = Ground(seed).position((0.0, 0.0))
        assert 100 < lon < 123
        assert 20 < lat < 40


def test_everything_has_a_name_in_english_and_in_chinese(city):
    pieces = [*city.areas.values(), *city.sites.values(), *city.assets.values()]
    for one in (*pieces, *city.teams.values()):
        assert HAN.search(one.name_zh), one
        assert one.name.isascii(), one
    assert len({one.name for one in city.areas.values()}) == len(city.areas)


def test_no_two_places_of_a_city_share_a_name():
    count = len(FIRST) * len(SECOND)
    assert len({place_name(9, index) for index in range(count)}) == count
    assert plan(1, SENSORS_MAX).streets < count - 64


@pytest.mark.slow
def test_a_zone_of_it_can_be_solved(city):
    model = zone_model(city, "c0002-z01")
    assert model.nodes[0] == "c0002-z01-inlet"
    assert len(model.nodes) >= 9
    assert np.isfinite(model.zone.resistance).all()


def test_columns_say_what_the_registry_says(city):
    columns = city_columns(7, 2000)
    assert list(columns.sensor_ids()) == list(city.sensors)
    for row in (0, 1, 17, 500, 1999):
        sensor = columns.sensor(row)
        assert city.sensors[sensor.id] == sensor
        site = int(columns.site[columns.asset[row]])
        assert city.site_of(sensor.id) == columns.site_id(site)
        assert city.sites[columns.site_id(site)].area == columns.area_id(site)
        assert row in columns.sensors_of(site)


def test_a_sensor_takes_few_bytes():
    columns = city_columns(1, 20_000)
    assert len(columns) == 20_000
    assert columns.bytes < 12 * len(columns)


def test_chance_does_not_depend_on_the_order_in_which_it_is_asked():
    together = words(5, Stream.NAME, np.arange(100))
    assert [int(words(5, Stream.NAME, i)[0]) for i in range(100)] == together.tolist()
    assert not set(together.tolist()) & set(words(5, Stream.EAST, np.arange(100)).tolist())
    drawn = shares(1, Stream.BASE, np.arange(20_000))
    assert 0 <= drawn.min() < drawn.max() < 1
    assert abs(drawn.mean() - 0.5) < 0.01


def test_a_seed_gives_the_same_city_on_every_machine():
    digest = hashlib.sha256("\n".join(city_columns(42, 5000).sensor_ids()).encode())
    assert digest.hexdigest().startswith("2c600efa6c2e62c7")


@pytest.mark.parametrize("sensors", [0, -1, SENSORS_MAX + 1])
def test_a_size_that_cannot_be_is_refused(sensors):
    with pytest.raises(BadInput, match="a city has from 1 to 1,000,000 sensors"):
        generate(1, sensors)


@pytest.mark.parametrize("seed", [-1, SEED_MAX + 1])
def test_a_seed_that_cannot_be_is_refused(seed):
    with pytest.raises(BadInput, match="seed"):
        generate(seed, 10)


def test_the_pattern_of_a_community_has_every_slot():
    assert set(PATTERN) == set(Slot)
    assert SITES == 20
