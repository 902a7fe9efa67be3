"""What goes wrong in a tall building shows on the right floors, in order, and in time."""

from __future__ import annotations

import numpy as np
import pytest

from shared.domain.quantity import Quantity
from shared.registry.load import load_registry
from simulators.city import City
from simulators.happenings import fire
from simulators.happenings.fire.burning import Burnt, Plan
from simulators.happenings.fire.floor import FloorFire
from simulators.happenings.fire.nuisance import Nuisance
from simulators.happenings.fire.tower import FacadeFire, ShaftSmoke
from simulators.happenings.fire.water import LowRiserPressure, Sprinkler
from simulators.physics.fire import Growth
from simulators.physics.fire_layer import Room
from tests.support.played import START

REGISTRY = load_registry()


@pytest.fixture(scope="module")
def city():
    return City(REGISTRY, seed=1, start=START)


def made(model, **settings):
    (kind,) = model.model_fields["kind"].annotation.__args__
    return model(kind=kind, **settings)


def reached(trace, limit: float) -> float:
    beyond = trace.added >= limit if limit >= 0 else trace.added <= limit
    assert beyond.any(), f"never reached {limit}"
    return float(trace.times_s[np.argmax(beyond)])


def test_every_kind_has_a_word_of_its_own():
    words = {kind.model_fields["kind"].annotation.__args__[0] for kind in fire.KINDS}
    assert words == {
        "floor-fire", "facade-fire", "shaft-smoke", "low-riser-pressure", "sprinkler", "nuisance",
    }  # fmt: skip


def a_fire(city, **settings):
    burns = made(FloorFire, asset="harbour-f10", from_s=0, until_s=1500, **settings)
    return burns.traces(city)


def test_a_smouldering_sofa_shows_carbon_monoxide_then_smoke_then_heat(city):
    seen = a_fire(city, smoulders_s=1200)
    co = reached(seen["harbour-f10-co"], 13.0)
    smoke = reached(seen["harbour-f10-smoke-a"], 0.3)
    heat = reached(seen["harbour-f10-temp"], 32.0)
    assert max(co, smoke) + 120 <= heat
    assert co < 1200


def test_a_dry_sprinkler_lets_a_fire_grow_and_little_water_holds_it_poorly(city):
    hottest = [
        a_fire(city, growth="fast", sprinkler_mpa=mpa)["harbour-f10-temp"].added.max()
        for mpa in (0.1, 0.01, 0.0)
    ]
    assert hottest[0] < hottest[1] < hottest[2]


def test_wood_smokes_less_than_furniture(city):
    thick = [
        a_fire(city, fuel=fuel)["harbour-f10-smoke-a"].added.max() for fuel in ("furniture", "wood")
    ]
    assert thick[0] > 2 * thick[1]


def test_a_facade_fire_takes_eighteen_minutes_to_the_roof_and_then_burns_on_many_floors(city):
    cladding = made(
        FacadeFire, asset="jade-f04", from_s=0, until_s=3600, storeys_per_min=20 / 18, dwells_s=900
    )
    seen = cladding.traces(city)
    kitchen = reached(seen["jade-f04-smoke-a"], 0.3)
    assert kitchen < 300
    alarms = [reached(seen[f"jade-f{n:02}-smoke-a"], 0.3) for n in range(5, 29)]
    assert alarms == sorted(alarms)
    assert np.diff(alarms) == pytest.approx(54.0, abs=1.5)
    assert alarms[20] - alarms[0] == pytest.approx(18 * 60, abs=5)
    assert "jade-f03-smoke-a" not in seen


def test_a_facade_fire_that_starts_outside_shows_indoors_only_where_it_breaks_in(city):
    terrace = made(
        FacadeFire, asset="harbour-f07", from_s=0, until_s=7200, starts_inside=False, dwells_s=780,
        inside_from=16, inside_storeys=8, storeys_per_min=1.0, breaks_in_s=600,
    )  # fmt: skip
    seen = terrace.traces(city)
    floors = {sensor.split("-")[1] for sensor in seen}
    assert floors == {f"f{n}" for n in range(23, 31)}
    assert min(reached(trace, 0.3) for name, trace in seen.items() if "smoke" in name) > 780


def test_shaft_smoke_reaches_the_lobbies_above_the_neutral_plane_and_no_others(city):
    smoke = made(ShaftSmoke, asset="jade-stair", from_s=60, until_s=900)
    seen = smoke.traces(city)
    top = reached(seen["jade-stair-smoke"], 0.3)
    assert 60 + 20 <= top <= 60 + 60  # 110 m at 3.5 m/s, and the head's own entry
    lobbies = {
        n: reached(seen[f"jade-f{n:02}-smoke-a"], 0.3) for n in range(1, 29)
        if f"jade-f{n:02}-smoke-a" in seen
    }  # fmt: skip
    assert min(lobbies) == 15
    later = {n: at - top for n, at in lobbies.items()}
    assert 20 <= later[28] < later[20] < later[16] <= 200


def test_a_riser_loses_its_pressure_and_gets_it_back(city):
    low = made(LowRiserPressure, asset="harbour-riser", from_s=100, until_s=3000, to_mpa=0.08)
    trace = low.traces(city)["harbour-riser-pressure"]
    assert 0.45 * 0.95 - 0.08 <= -trace.added.min() <= 0.45 * 1.05 - 0.08
    assert trace.added[-1] == 0.0
    assert reached(trace, -0.3) > 300


def test_a_sprinkler_calls_the_pump_and_an_empty_tank_lets_it_down(city):
    works = made(Sprinkler, asset="harbour-riser", from_s=60, until_s=600, heads=4)
    fails = made(Sprinkler, asset="harbour-riser", from_s=60, until_s=600, heads=4, tank_empty=True)
    good, bad = (h.traces(city)["harbour-riser-pressure"] for h in (works, fails))
    assert -0.40 < good.added.min() < -0.15  # until the pump has run up
    assert good.at(np.array([590.0]))[0] > 0.0  # on the pump's curve, above the static pressure
    assert bad.at(np.array([590.0]))[0] < -0.35
    assert bad.added[-1] == 0.0


def test_a_weeping_seat_is_a_saw_tooth(city):
    weeps = made(Sprinkler, asset="jade-riser", from_s=0, until_s=3600, heads=0, weeps_ls=0.03)
    pressure = weeps.traces(city)["jade-riser-pressure"].added[:3600]
    turns = np.diff(np.sign(np.diff(pressure)))
    assert (turns != 0).sum() >= 8
    assert -0.06 < pressure.min() < -0.03


@pytest.mark.parametrize(("source", "asset"), [
    ("cooking", "harbour-f12"), ("steam", "harbour-f12"), ("dust", "harbour-f12"),
    ("cigarette", "harbour-f12"), ("insects", "harbour-f12"), ("exhaust", "harbour-f01"),
])  # fmt: skip
def test_a_nuisance_is_strongest_near_and_never_hot(city, source, asset):
    seen = made(Nuisance, asset=asset, from_s=0, until_s=7200, source=source).traces(city)
    near, far = seen[f"{asset}-smoke-a"].added.max(), seen[f"{asset}-smoke-b"].added.max()
    assert near > 2 * far > 0
    if f"{asset}-temp" in seen:
        assert seen[f"{asset}-temp"].added.max() <= 8.0
    co = seen.get(f"{asset}-co")
    assert (co is not None) == (source in {"cooking", "cigarette", "exhaust"})


def test_another_seed_is_another_day_in_the_kitchen():
    cooking = made(Nuisance, asset="harbour-f12", from_s=0, until_s=7200, source="cooking")
    one, same, other = (
        cooking.traces(City(REGISTRY, seed=seed, start=START))["harbour-f12-smoke-a"].added
        for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert not np.array_equal(one, other)


def test_a_happening_at_the_wrong_place_is_refused():
    wrong = made(ShaftSmoke, asset="harbour-f12", from_s=0, until_s=60)
    assert any("harbour-f12 is a floor" in fault for fault in wrong.faults(REGISTRY))


def test_a_fire_makes_more_carbon_dioxide_than_monoxide():
    plan = Plan(0.0, Growth.MEDIUM, 1000.0, 600.0, Room(300.0, 3.0))
    burnt = Burnt(plan, np.arange(0.0, 600.0))
    co, co2 = burnt.shows(Quantity.CO)[-1], burnt.shows(Quantity.CO2)[-1]
    assert 50 < co < co2 / 10
    assert burnt.shows(Quantity.SMOKE, 9) is burnt.shows(Quantity.SMOKE, 3)  # the furthest known
