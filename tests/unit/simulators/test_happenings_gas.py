"""What goes wrong underground shows where, when and as much as it should."""

from __future__ import annotations

import numpy as np
import pytest

from shared.registry.load import load_registry
from simulators.city import City
from simulators.happenings import gas
from simulators.happenings.gas.air import Biogas, GarageCo, OxygenConsumption, SewerH2s
from simulators.happenings.gas.culvert import CulvertGas
from simulators.happenings.gas.flood import Flood
from simulators.happenings.gas.leak import FanFailure, GasLeak
from tests.support.played import START

REGISTRY = load_registry()
HOUR = 3600.0


@pytest.fixture(scope="module")
def city():
    return City(REGISTRY, seed=1, start=START)


def made(model, **settings):
    (kind,) = model.model_fields["kind"].annotation.__args__
    return model(kind=kind, **settings)


def reached(trace, limit: float) -> float:
    """First scenario second at which a trace is so high, or so low if the limit is negative."""
    beyond = trace.added >= limit if limit >= 0 else trace.added <= limit
    assert beyond.any(), f"never reached {limit}"
    return float(trace.times_s[np.argmax(beyond)])


def test_every_kind_has_a_word_of_its_own_and_a_fault_for_a_place_that_is_wrong():
    words = {kind.model_fields["kind"].annotation.__args__[0] for kind in gas.KINDS}
    assert words == {
        "gas-leak", "fan-failure", "sewer-h2s", "biogas", "oxygen-consumption", "garage-co",
        "culvert-gas", "flood",
    }  # fmt: skip


def test_a_valve_chamber_leak_reaches_one_per_cent_after_two_hours_and_five_per_cent_never(city):
    leak = made(GasLeak, asset="vc-03", from_s=0, until_s=60 * HOUR, leak_m3h=0.05)
    traces = leak.traces(city)
    assert reached(traces["vc-03-ch4"], 1.0) == pytest.approx(2.2 * HOUR, rel=0.05)
    during = traces["vc-03-ch4"].added[traces["vc-03-ch4"].times_s < 60 * HOUR]
    assert during.max() == pytest.approx(4.8, rel=0.03)
    assert traces["vc-03-ch4"].added[-1] < 0.05  # aired


def test_a_hole_and_a_pressure_say_as_much_as_a_flow(city):
    by_flow = made(GasLeak, asset="t3-s4", from_s=0, until_s=900, leak_m3h=77.5,
                   air_changes_per_h=6)  # fmt: skip
    by_hole = made(GasLeak, asset="t3-s4", from_s=0, until_s=900, hole_mm=5, pipe_mpa=0.4,
                   air_changes_per_h=6)  # fmt: skip
    one, other = (leak.traces(city)["t3-s5-ch4"].added for leak in (by_flow, by_hole))
    assert one.max() > 0.3
    assert one == pytest.approx(other, rel=0.01)


@pytest.mark.parametrize("settings", [{}, {"leak_m3h": 1, "hole_mm": 3}])
def test_a_leak_without_a_size_or_with_two_is_refused(settings):
    leak = made(GasLeak, asset="vc-03", from_s=0, until_s=60, **settings)
    assert any("either leak_m3h or hole_mm" in fault for fault in leak.faults(REGISTRY))


def test_soil_holds_a_buried_leak_back(city):
    sizes = {"asset": "vc-03", "from_s": 0, "until_s": 4 * HOUR, "leak_m3h": 2.0}
    bare = made(GasLeak, **sizes).traces(city)["vc-03-ch4"]
    buried = made(GasLeak, **sizes, soil_share=0.3).traces(city)["vc-03-ch4"]
    assert reached(bare, 1.0) + 600 < reached(buried, 1.0)


def test_a_failing_fan_shows_itself_and_then_the_leak_it_had_hidden(city):
    failure = made(
        FanFailure, asset="t3-s2", from_s=600, until_s=2400, leak_m3h=27.9, leak_from_s=0
    )
    traces = failure.traces(city)
    fans = [traces[f"t3-s{n}-fan"] for n in (2, 4, 6)]
    for fan in fans:
        assert fan.at(np.array([599.0, 601.0, 2399.0, 2401.0])) == pytest.approx([0, -1, -1, 0])
    gas_here = traces["t3-s3-ch4"]
    before = gas_here.at(np.array([600.0]))[0]
    assert 0.1 < before < 0.4  # a longer tunnel than the textbook's: more air, less gas
    assert 800 < reached(gas_here, 1.0) < 2200
    assert "t3-s1-ch4" not in traces or traces["t3-s1-ch4"].added.max() < 1.0


def test_fans_may_fail_where_nothing_leaks(city):
    traces = made(FanFailure, asset="t3-s2", from_s=60, until_s=120).traces(city)
    assert set(traces) == {"t3-s2-fan", "t3-s4-fan", "t3-s6-fan"}


def test_septic_sewage_peaks_with_the_pumps(city):
    septic = made(SewerH2s, asset="sq-p4", from_s=0, until_s=4 * HOUR, sulphide_mg_l=1.0)
    ppm = septic.traces(city)["sq-p4-h2s"].added
    settled = ppm[int(HOUR) : int(4 * HOUR)]
    assert 30.0 < settled.max() < 400.0
    peaks = (settled[1:-1] > settled[:-2]) & (settled[1:-1] >= settled[2:])
    assert peaks.sum() == pytest.approx(6, abs=1)
    assert ppm[-1] < 1.0


def test_biogas_comes_with_h2s_and_without_a_pipe(city):
    rot = made(Biogas, asset="sq-p2", from_s=0, until_s=24 * HOUR, seep_m3h=0.06, volume_m3=20)
    traces = rot.traces(city)
    assert set(traces) == {"sq-p2-ch4", "sq-p2-h2s", "sq-p2-o2"}
    assert 1.0 <= traces["sq-p2-ch4"].added.max() <= 3.0
    assert traces["sq-p2-h2s"].added.max() > 10.0
    assert -1.5 < traces["sq-p2-o2"].added.min() < -0.3


def test_rust_brings_oxygen_down_to_seventeen_in_twelve_hours_and_nothing_else(city):
    rust = made(OxygenConsumption, asset="vc-05", from_s=0, until_s=13 * HOUR)
    traces = rust.traces(city)
    assert set(traces) == {"vc-05-o2"}
    assert reached(traces["vc-05-o2"], -3.9) == pytest.approx(12 * HOUR, rel=0.02)
    assert reached(traces["vc-05-o2"], -1.4) > 2 * HOUR


def test_a_garage_smells_at_the_rush_hour_and_no_more_than_it_may(city):
    garage = made(GarageCo, asset="harbour-f01", from_s=0, until_s=12 * HOUR)
    trace = garage.traces(city)["harbour-f01-co"]  # the scenario begins at 16:00 local time
    local = (16.0 + trace.times_s / HOUR) % 24.0
    assert 18.0 <= local[trace.added.argmax()] <= 20.0
    assert 5.0 < trace.added.max() < 40.0
    jam = made(GarageCo, asset="harbour-f01", from_s=0, until_s=HOUR, idling=True, cars=30)
    assert jam.traces(city)["harbour-f01-co"].added.max() > 60.0


def test_vapour_creeps_along_a_culvert_for_hours(city):
    creeping = made(CulvertGas, asset="sq-p1", from_s=0, until_s=8 * HOUR, tide_m=1.0)
    traces = creeping.traces(city)
    times = [reached(traces[f"sq-p{n}-ch4"], 1.0) for n in (1, 2, 3, 4)]
    assert times == sorted(times)
    assert times[0] < HOUR < times[-1]
    assert traces["sq-p1-ch4"].added.max() > 5.0
    assert traces["sq-p3-level"].added.max() == pytest.approx(1.0, abs=0.01)
    assert traces["sq-p1-ch4"].added[-1] < 0.1


def test_a_bead_falls_again_above_the_limit_and_an_optical_cell_does_not(city):
    sizes = {"asset": "sq-p1", "from_s": 0, "until_s": 8 * HOUR, "vapour_m3h": 60, "reaches": 2}
    bead = made(CulvertGas, **sizes, sensor="bead").traces(city)["sq-p1-ch4"]
    cell = made(CulvertGas, **sizes).traces(city)["sq-p1-ch4"]
    end = np.array([8 * HOUR - 60.0])
    assert cell.at(end)[0] > 15.0
    assert bead.added.max() <= 5.0
    assert bead.at(end)[0] < 2.0


def test_a_burst_floods_a_gallery_from_where_it_is(city):
    burst = made(Flood, asset="t3-s3", from_s=0, until_s=1800, inflow_ls=50)
    traces = burst.traces(city)
    levels = [traces[f"t3-s{n}-level"] for n in range(1, 9)]
    at_end = [level.at(np.array([1800.0]))[0] for level in levels]
    assert sum(at_end) * 150.0 == pytest.approx(0.050 * 1800.0, rel=0.01)
    assert int(np.argmax(at_end)) == 2
    assert all(level.added[-1] == 0.0 for level in levels)


def test_rain_stands_before_the_sill_and_only_then_comes_in(city):
    storm = made(
        Flood, asset="t3-s1", from_s=0, until_s=3 * HOUR, rain_mm_h=150, catchment_m2=8000,
        sill_m=0.8, yard_m2=600,
    )  # fmt: skip
    trace = storm.traces(city)["t3-s1-level"]
    comes_in = reached(trace, 0.001)
    assert 0.5 * HOUR < comes_in < 2.0 * HOUR
    assert trace.added.max() > 0.3


def test_a_pump_keeps_a_pit_until_its_power_fails(city):
    pit = made(
        Flood, asset="vc-02", from_s=0, until_s=2 * HOUR, inflow_ls=2.0, area_m2=4.0, pump_ls=5.0,
        pump_fails_s=HOUR,
    )  # fmt: skip
    level = pit.traces(city)["vc-02-level"]
    assert level.added[level.times_s < HOUR].max() < 0.55
    assert level.added.max() > 1.5


def test_a_flood_without_water_is_refused():
    dry = made(Flood, asset="t3-s1", from_s=0, until_s=60)
    assert any("no water comes" in fault for fault in dry.faults(REGISTRY))


def test_h2s_shows_as_a_little_carbon_monoxide_on_the_cell_beside_it(city):
    """A tunnel has both cells; a tenth of the H2S is a hint of CO that is not there."""
    septic = made(SewerH2s, asset="t3-s1", from_s=0, until_s=HOUR, sulphide_mg_l=1.0)
    with_h2s = septic.traces(city)
    assert with_h2s["t3-s1-co"].added.max() == pytest.approx(
        0.1 * with_h2s["t3-s1-h2s"].added.max(), rel=0.01
    )
