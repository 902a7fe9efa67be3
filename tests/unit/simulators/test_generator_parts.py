"""The parts a generated city is put together from: templates, recipes, names, links, rhythms."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.hazard import Hazard
from shared.domain.place import AssetKind, LinkKind, SiteKind
from shared.domain.quantity import CANONICAL_UNIT, Quantity
from shared.registry.sensing import sensor_faults
from simulators.generator import recipes
from simulators.generator.buildings import USES, building
from simulators.generator.calendar import STEP_MS, times
from simulators.generator.columns import city_columns
from simulators.generator.crews import FAMILIES, crews
from simulators.generator.devices import DEVICES, NUMBER
from simulators.generator.grounds import chamber, sewer, tunnel, zone
from simulators.generator.pieces import SitePieces, sensor_of
from simulators.generator.plan import plan, whereabouts
from simulators.generator.recipes import PATTERN, SITES, Slot
from simulators.generator.rhythms import PULSE_S, Rhythms
from simulators.generator.shows import Shows, makes
from simulators.generator.templates import Run
from simulators.generator.ties import NEAR_M, ties
from simulators.generator.words import house_name, works_name
from tests.support.played import START

EVERY = range(len(recipes.book().recipes))


def connected(template) -> set[int]:
    """The assets that links of the template lead to from its first."""
    beside: dict[int, set[int]] = {}
    for run in template.runs:
        for a, b in run.pairs():
            beside.setdefault(a, set()).add(b)
            beside.setdefault(b, set()).add(a)
    reached, waiting = {0}, [0]
    while waiting:
        for other in beside.get(waiting.pop(), set()) - reached:
            reached.add(other)
            waiting.append(other)
    return reached


@given(number=st.sampled_from(EVERY), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_template_cut_anywhere_keeps_its_first_sensors_and_hangs_together(number, data):
    whole = recipes.template(number)
    sensors = data.draw(st.integers(1, whole.devices.size))
    cut = whole.cut(sensors)
    assert cut.devices.tolist() == whole.devices[:sensors].tolist()
    assert cut.tails == whole.tails[:sensors]
    assert all(one.devices for one in cut.assets)
    if whole.kind is SiteKind.PRESSURE_ZONE:
        assert connected(cut) == set(range(len(cut.assets)))
    for run in cut.runs:
        assert all(max(pair) < len(cut.assets) for pair in run.pairs())
        assert list(run.pairs())


def test_every_template_is_sound_and_its_ids_are_its_own():
    seen = Counter()
    for number in EVERY:
        template = recipes.template(number)
        seen[template.kind] += 1
        assert len(set(template.tails)) == len(template.tails) == template.devices.size
        assert len({one.suffix for one in template.assets}) == len(template.assets)
        assert template.fittings.max() == len(template.assets) - 1
        for place, device in zip(template.fittings, template.devices, strict=True):
            assert DEVICES[device].kind is template.assets[place].kind
    assert set(seen) == set(SiteKind)


def test_every_device_is_used_and_is_one_a_registry_takes():
    used = {int(n) for number in EVERY for n in recipes.template(number).devices}
    assert used == set(range(len(DEVICES)))
    assert len(NUMBER) == len(DEVICES) < 256
    for device in DEVICES:
        assert sensor_faults(sensor_of(device, "a")) == []
    foreign = [one for one in DEVICES if one.unit != CANONICAL_UNIT[one.quantity]]
    assert len(foreign) >= 4


def test_a_run_without_its_hub_or_with_one_end_is_gone():
    star, chain = Run(LinkKind.SHAFT, (2, 3, 4), hub=1), Run(LinkKind.DUCT, (0, 1, 2))
    assert list(star.pairs()) == [(1, 2), (1, 3), (1, 4)]
    assert list(chain.pairs()) == [(0, 1), (1, 2)]
    assert list(star.up_to(4).pairs()) == [(1, 2), (1, 3)]
    assert star.up_to(2) is star.up_to(1) is None
    assert list(chain.up_to(2).pairs()) == [(0, 1)]
    assert chain.up_to(1) is None


def test_a_tower_has_refuge_floors_and_more_instruments_than_a_low_house():
    tower, house = building(USES[-1], 60), building(USES[0], 6)
    refuges = [one.storey for one in tower.assets if "refuge" in one.en]
    assert refuges == [12, 24, 36, 48, 60]
    assert not [one for one in house.assets if "refuge" in one.en]
    assert tower.height_m == 252
    floors = [one for one in tower.assets if one.kind is AssetKind.FLOOR]
    assert {len(one.devices) for one in floors} == {4}
    assert {len(one.devices) for one in house.assets if one.kind is AssetKind.FLOOR} == {1}
    assert connected(tower) >= set(range(1, len(tower.assets)))


def test_what_lies_in_the_ground_hangs_together():
    for template in (zone(20, kpa=True), zone(8, kpa=False), tunnel(12), sewer(6)):
        assert connected(template) == set(range(len(template.assets)))
    far = zone(20, kpa=False).assets
    assert max(one.strength for one in far[1:]) == far[-1].strength
    assert not chamber("gas-chamber", ("chamber-ch4",)).runs


def test_a_slot_gets_what_belongs_there_and_about_as_often_as_planned():
    sites = np.arange(60_000, dtype=np.int64)
    numbers = recipes.numbers(3, sites)
    avenue = PATTERN.index(Slot.AVENUE)
    found = Counter(recipes.template(int(n)).kind for n in numbers[sites % SITES == avenue])
    assert set(found) == {SiteKind.TUNNEL, SiteKind.BUILDING}
    assert abs(found[SiteKind.TUNNEL] / found.total() - recipes.TUNNEL_SHARE) < 0.03
    firsts = {recipes.template(int(n)).kind for n in numbers[sites % SITES == 0]}
    assert firsts == {SiteKind.PRESSURE_ZONE}
    sensors, assets = recipes.sizes()
    assert set(numbers.tolist()) == set(EVERY)
    assert (sensors >= assets).all()


@pytest.mark.parametrize("sensors", [1, 100, 5_000, 1_000_000])
def test_a_plan_adds_up(sensors):
    planned = plan(9, sensors)
    assert planned.sensors[-1] == sensors
    assert (np.diff(planned.sensors) > 0).all()
    assert planned.assets.size == planned.sites + 1
    assert sum(len(planned.sites_of(n)) for n in range(planned.communities)) == planned.sites
    assert whereabouts(planned.communities - 1)[0] == planned.districts - 1
    assert len(planned.cut) <= 1


def test_links_between_sites_are_short_and_feed_every_building():
    sites = [SitePieces(4, number) for number in range(SITES)]
    found = list(ties(sites))
    kinds = {one.id: one.template.kind for one in sites}
    buildings = {key for key, kind in kinds.items() if kind is SiteKind.BUILDING}
    fed = {link.a.removesuffix("-riser") for link in found if link.a.endswith("-riser")}
    assert fed == buildings
    assert all(link.a[:9] != link.b[:9] for link in found)
    assert all(link.length_m <= NEAR_M for link in found if link.kind is not LinkKind.PIPE)
    assert len(found) > len(buildings)


def test_crews_are_roles_who_can_all_be_reached():
    planned = plan(2, 8_000)
    found = list(crews(planned))
    people = [person for crew in found for person in crew.people]
    assert len({person.id for person in people}) == len(people)
    assert all(person.addresses for person in people)
    assert {person.language for person in people} == {"en", "zh"}
    assert {hazard for family in FAMILIES for hazard in family.hazards} == set(Hazard)
    expected = 3 * planned.streets + planned.communities + planned.districts + 1
    assert len(found) == expected


def test_names_say_what_and_which_one():
    assert works_name(("Donghu North", "东湖北"), "sewer", 2) == (
        "Donghu North branch sewer 2",
        "东湖北2号污水支管",
    )
    assert works_name(("Donghu North", "东湖北"), "tunnel", None)[1] == "东湖北综合管廊"
    assert house_name(1, 4, "court", 5)[0].endswith(" Court, block 5")


def test_rhythms_come_back_after_a_week_and_not_after_half_a_day():
    rhythms = Rhythms(START, "Asia/Shanghai")
    week, day = 7 * 86_400_000, 86_400_000
    assert rhythms.at(week).tolist() == rhythms.at(0).tolist()
    assert rhythms.at(day // 2).tolist() != rhythms.at(0).tolist()
    later = Rhythms(START + timedelta(hours=3), "Asia/Shanghai")
    assert later.at(0).tolist() == rhythms.at(3 * 3_600_000).tolist()


def test_the_hour_is_the_city_s_own():
    heat = NUMBER["heat"]
    warm = Rhythms(datetime(2026, 7, 1, 7, tzinfo=UTC), "Asia/Shanghai").at(0)[heat]
    assert warm == 1.0, "15:00 in Shanghai is the warmest hour"


def test_a_pump_s_pulse_fades_until_the_next_start():
    rhythms = Rhythms(START.replace(minute=0), "Asia/Shanghai")
    shift = np.zeros(1, np.int64)
    pulse = [float(rhythms.pulse(second * 1000, shift)[0]) for second in range(2 * PULSE_S)]
    assert pulse[0] == pulse[PULSE_S] == 1.0
    assert all(a >= b for a, b in pairwise(pulse[:PULSE_S]))
    assert pulse[PULSE_S - 1] < 0.01


def test_no_device_shows_a_negative_zero():
    city = city_columns(1, 2000)
    shows = Shows(city, np.arange(2000, dtype=np.int32), Rhythms(START, "Asia/Shanghai"))
    zeros = 0
    for tick in range(20):
        values = shows.at(tick * 10_000, tick, slice(0, 2000))
        zeros += int((values == 0).sum())
        assert not np.signbit(values[values == 0]).any()
    assert zeros > 100


def test_the_table_of_makes_converts_as_the_domain_does():
    table = makes()
    lel, celsius, kpa = NUMBER["chamber-lel"], NUMBER["heat"], NUMBER["main-kpa"]
    assert table.factor[lel] == 0.05
    assert (table.factor[celsius], table.offset[celsius]) == (1.0, 0.0)
    assert table.steps[kpa] == 10
    assert DEVICES[kpa].quantity is Quantity.WATER_PRESSURE
    assert (table.low < table.high).all()


@given(first=st.integers(0, 10_000), length=st.integers(0, 5_000), at=st.integers(0, 5_000))
def test_moments_are_neither_lost_nor_met_twice_where_a_play_is_cut(first, length, at):
    middle, end = first + min(at, length), first + length
    whole = list(times(first, end))
    assert [*times(first, middle), *times(middle, end)] == whole
    assert all(moment % STEP_MS == 0 for moment in whole)
