"""The bundled city: clean, complete, and what simulators and tests expect of it."""

import math

import pytest

from shared.domain.hazard import Hazard
from shared.domain.place import AssetKind, LinkKind, SiteKind
from shared.domain.quantity import CANONICAL_UNIT, Quantity
from shared.registry.lint import lint_registry
from shared.registry.load import DEMO, load_registry


@pytest.fixture(scope="module")
def city():
    return load_registry()


def test_the_demo_city_lints_without_a_word():
    assert lint_registry(DEMO) == ()


def test_its_sites_are_those_the_scenarios_name(city):
    assert {site.id: site.kind for site in city.sites.values()} == {
        **dict.fromkeys(("z1", "z2", "z3"), SiteKind.PRESSURE_ZONE),
        **dict.fromkeys(("harbour-tower", "jade-tower"), SiteKind.BUILDING),
        "t3": SiteKind.TUNNEL,
        **{f"vc-{number:02d}": SiteKind.CHAMBER for number in range(1, 9)},
        "sq": SiteKind.SEWER,
        "ps1": SiteKind.STATION,
    }


@pytest.mark.parametrize(
    ("asset", "suffixes"),
    [
        ("z1-inlet", "pressure flow"),
        ("z2-n05", "pressure"),
        ("harbour-f17", "smoke-a smoke-b temp co"),
        ("harbour-riser", "pressure"),
        ("jade-stair", "smoke temp"),
        ("t3-s4", "ch4 o2 co h2s temp level fan"),
        ("t3-s5", "ch4 o2 co h2s temp level"),
        ("vc-07", "ch4 o2 level"),
        ("sq-p3", "h2s ch4 o2 level"),
        ("ps1-loop", "pressure flow temp current voltage vibration-1 vibration-2"),
    ],
)
def test_an_assets_sensors_are_named_after_it(city, asset, suffixes):
    found = {sensor.id for sensor in city.sensors.values() if sensor.asset == asset}

    assert found == {f"{asset}-{suffix}" for suffix in suffixes.split()}


def test_the_towers_have_all_their_floors_in_order(city):
    for tower, floors, height in (("harbour", 42, 180), ("jade", 28, 110)):
        storeys = [city.assets[f"{tower}-f{number:02d}"] for number in range(1, floors + 1)]
        assert [floor.storey for floor in storeys] == list(range(1, floors + 1))
        assert {floor.height_m for floor in storeys} == {height}
        assert all(floor.occupancy > 0 for floor in storeys)
        assert sum(floor.occupancy for floor in storeys) > 800


def test_everything_lies_within_three_kilometres_of_the_centre(city):
    drawn = [asset for asset in city.assets.values() if asset.geometry is not None]

    assert len(drawn) == len(city.assets)
    for asset in drawn:
        for longitude, latitude in asset.geometry.positions:
            east_m = (longitude - 114.30) * 95_800
            north_m = (latitude - 30.60) * 110_900
            assert math.hypot(east_m, north_m) < 2_000, asset.id


def test_an_asset_lies_in_the_community_that_answers_for_it(city):
    for asset in city.assets.values():
        area = city.areas[asset.area]
        assert area.kind.value == "community"
        (west, south), (east, north) = _box(area.geometry.positions)
        longitude, latitude = _middle(asset.geometry.positions)
        assert west <= longitude <= east, asset.id
        assert south <= latitude <= north, asset.id


def _box(positions):
    return (
        tuple(min(position[axis] for position in positions) for axis in (0, 1)),
        tuple(max(position[axis] for position in positions) for axis in (0, 1)),
    )


def _middle(positions):
    return tuple(sum(position[axis] for position in positions) / len(positions) for axis in (0, 1))


def test_neighbours_of_different_systems_are_linked(city):
    links = {(frozenset((link.a, link.b)), link.kind) for link in city.links}

    assert (frozenset(("t3-s4", "vc-07")), LinkKind.DUCT) in links
    assert (frozenset(("z2-n05", "t3-s4")), LinkKind.DISTANCE) in links
    assert (frozenset(("harbour-f01", "harbour-f02")), LinkKind.SHAFT) in links
    assert {kind for _, kind in links} == set(LinkKind)


def test_a_stated_distance_is_the_one_on_the_map(city):
    compared = 0
    for link in city.links:
        a, b = city.assets[link.a], city.assets[link.b]
        points = {len(a.geometry.positions), len(b.geometry.positions)} == {1}
        if link.length_m is None or not points or a.kind is AssetKind.SHAFT:
            continue
        (ax, ay), (bx, by) = a.geometry.positions[0], b.geometry.positions[0]
        metres = math.hypot((ax - bx) * 95_800, (ay - by) * 110_900)
        assert metres == pytest.approx(link.length_m, rel=0.15, abs=15), (link.a, link.b)
        compared += 1
    assert compared > 30


def test_every_hazard_of_every_place_has_four_steps_of_people(city):
    for area in {asset.area for asset in city.assets.values()}:
        for hazard in Hazard:
            steps = [
                duty.team
                for above in city.upwards(area)
                for duty in city.duties
                if duty.area == above.id and duty.hazard in (None, hazard)
            ]
            assert len(steps) == 4, (area, hazard)


def test_everybody_can_be_reached_on_the_console_and_carries_a_role(city):
    for person in city.people.values():
        assert [address.channel for address in person.addresses] == ["console"]
    assert {person.language for person in city.people.values()} == {"en", "zh"}
    assert city.people["water-desk-heping"].name == "Water desk, Heping"


def test_names_stand_in_both_languages(city):
    named = [*city.areas.values(), *city.sites.values(), *city.assets.values()]
    for thing in [*named, *city.teams.values()]:
        assert thing.name.isascii(), thing.id
        assert not thing.name_zh.isascii(), thing.id


def test_sensors_speak_canonical_units_over_sensible_ranges(city):
    for sensor in city.sensors.values():
        assert sensor.unit == CANONICAL_UNIT[sensor.quantity]
        assert 1 <= sensor.interval_s <= 60
    by_quantity = {sensor.quantity: sensor for sensor in city.sensors.values()}
    assert by_quantity[Quantity.O2].low <= 0
    assert by_quantity[Quantity.O2].high > 23.5
    assert by_quantity[Quantity.CH4].high == 100


def test_a_topic_leads_from_the_community_to_the_sensor(city):
    assert city.topic_of("t3-s4-ch4") == "tocsin/v1/heping-north/t3-s4/t3-s4-ch4"
