"""Every way a sensor may lie does what it says, in any company, and the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shared.domain.quantity import CANONICAL_UNIT, Quantity
from shared.domain.sensor import Sensor
from simulators.channels import Channel, Stretch
from simulators.scenario_kinds import FAULTS

SENSOR = Sensor("x-ch4", "x", Quantity.CH4, "%vol", 5.0, -0.5, 10.0)
RANGES = {Quantity.O2: (0.0, 30.0), Quantity.WATER_PRESSURE: (-0.1, 1.6)}


def channel_of(quantity: Quantity = Quantity.CH4) -> Channel:
    low, high = RANGES.get(quantity, (-0.5, 10.0))
    sensor = replace(SENSOR, quantity=quantity, unit=CANONICAL_UNIT[quantity], low=low, high=high)
    return Channel(
        sensor=sensor, interval_s=5.0, noise=0.01, low=low, high=high, start_unix_s=1.8e9,
        hours=lambda times_s: 8.0 + times_s / 3600.0,
    )  # fmt: skip


def lied(
    kind: str,
    *,
    value: float = 1.0,
    count: int = 400,
    quantity: Quantity = Quantity.CH4,
    seed: int = 1,
    cut: int | None = None,
    **said,
) -> Stretch:
    """What a fault makes of a constant reading every 5 s, whole or in two parts."""
    fault = FAULTS[kind].model_validate({"kind": kind, "sensor": "x", **said})
    channel = channel_of(quantity)
    lie = fault.lie(channel, np.random.default_rng(seed))
    times = 5.0 * np.arange(count)
    parts = []
    for part in np.split(times, [] if cut is None else [cut]):
        stretch = Stretch(part, np.full(part.size, value))
        lie(stretch)
        parts.append(stretch)
    if len(parts) == 1:
        return parts[0]
    whole = Stretch(times, np.concatenate([part.values for part in parts]))
    for name in ("sent", "late_s", "again_s", "clock_s"):
        setattr(whole, name, np.concatenate([getattr(part, name) for part in parts]))
    return whole


def test_a_stuck_sensor_repeats_its_last_value_and_then_lives_again():
    channel = channel_of()
    fault = FAULTS["stuck"](kind="stuck", sensor="x", from_s=50, until_s=100)
    lie = fault.lie(channel, np.random.default_rng(1))
    stretch = Stretch(5.0 * np.arange(30), np.arange(30.0))
    lie(stretch)
    assert stretch.values[:11].tolist() == [*range(10), 9]
    assert set(stretch.values[10:20]) == {9.0}
    assert stretch.values[20:].tolist() == list(range(20, 30))


@pytest.mark.parametrize(("at", "shown"), [("zero", 0.0), ("full", 10.0), (0.7, 0.7)])
def test_a_sensor_may_be_stuck_at_nothing_full_scale_or_anything(at, shown):
    assert set(lied("stuck", at=at, from_s=10).values[2:]) == {shown}


def test_a_value_held_over_a_cut_is_the_same_value():
    assert set(lied("stuck", from_s=50, cut=9).values) == {1.0}
    assert (
        lied("stuck", from_s=50, cut=10).values.tolist() == lied("stuck", from_s=50).values.tolist()
    )


def test_an_open_loop_reads_below_range_a_short_one_full_scale_and_a_dead_one_no_number():
    assert lied("rail", shows="open").values[-1] == -0.5 - 0.25 * 10.5
    assert lied("rail", shows="short").values[-1] == 10.0
    assert np.isnan(lied("rail", shows="nan").values).all()


def test_a_bias_adds_what_is_usual_or_what_is_said_and_stays_on_the_scale():
    assert lied("bias", quantity=Quantity.O2, value=20.9).values[-1] == pytest.approx(21.4)
    assert lied("bias", by=-0.25).values[-1] == pytest.approx(0.75)
    assert lied("bias", by=100.0).values[-1] == 10.0


def test_a_drift_gains_its_month_in_a_month():
    drifted = lied("drift", times=30 * 86_400 / 1000.0, per_month=0.15, count=201).values
    assert drifted[0] == 1.0
    assert drifted[-1] == pytest.approx(1.15)
    lost = lied("drift", times=30 * 86_400 / 1000.0, gain_per_month=-0.5, count=201).values
    assert lost[-1] == pytest.approx(0.5)
    walked = lied("drift", per_month=0.0, walk=10.0, count=4000).values
    assert np.std(np.diff(walked)) == pytest.approx(10.0 * np.sqrt(5 / (30 * 86_400)), rel=0.15)


def test_a_poisoned_bead_keeps_a_tenth():
    faded = lied("gain-loss", from_s=100, over_s=600, left=0.1).values
    assert faded[20] == 1.0
    assert faded[80] == pytest.approx(0.55)
    assert faded[-1] == pytest.approx(0.1)


def test_spikes_are_rare_short_and_high():
    spiked = lied("spike", chance=0.02, sign="up", count=4000).values - 1.0
    wild = spiked > 0
    assert 0.02 < wild.mean() < 0.08
    assert (spiked[wild] >= 0.05 - 1e-9).all()
    assert (spiked[wild] <= 0.5 + 1e-9).all()
    assert lied("spike", chance=0.0, power_up_s=100.0, sign="up").values[0] == pytest.approx(1.5)


def test_noise_is_as_many_times_as_it_says():
    shaken = lied("noise", times=8.0, count=8000).values
    assert shaken.std() == pytest.approx(0.01 * np.sqrt(63), rel=0.05)
    assert shaken.mean() == pytest.approx(1.0, abs=0.005)


def test_gaps_take_their_share_of_the_time_in_bursts():
    sent = lied("dropout", share=0.2, mean_s=300.0, count=200_000).sent
    assert 0.15 < 1.0 - sent.mean() < 0.25
    edges = np.flatnonzero(np.diff(sent.astype(int)) == -1)
    assert 5.0 * (~sent).sum() / edges.size == pytest.approx(300.0, rel=0.15)


def test_a_dying_battery_loses_ever_more_and_by_day():
    sent = lied("dropout", pattern="battery", count=120_960, until_s=604_800).sent
    days = 1.0 - sent.reshape(7, -1).mean(axis=1)
    assert (np.diff(days) > 0).all()
    hours = (8.0 + 5.0 * np.arange(sent.size) / 3600.0) % 24
    assert sent[(hours > 11) & (hours < 15)].mean() < sent[(hours < 4)].mean()


def test_silence_is_silence():
    sent = lied("dropout", pattern="silent", from_s=100, until_s=200).sent
    assert sent[:20].all()
    assert not sent[20:40].any()
    assert sent[40:].all()


def test_some_messages_are_late_and_few_are_very_late():
    late = lied("late", share=0.05, count=20_000).late_s
    assert 0.04 < (late > 0).mean() < 0.06
    assert late[late > 0].min() >= 5.0
    assert 600.0 < late.max() <= 21_600.0


def test_a_backlog_is_sent_all_at_once():
    stretch = lied("backlog", from_s=100, until_s=300)
    arrives = stretch.times_s + stretch.late_s
    assert set(arrives[20:60]) == {300.0}
    assert (stretch.late_s[60:] == 0).all()


def test_duplicates_are_sent_again():
    again = lied("duplicate", share=0.1, after_s=3.0, count=5000).again_s
    assert 0.08 < np.isfinite(again).mean() < 0.12
    assert set(again[np.isfinite(again)]) == {3.0}


def test_a_clock_may_be_off_may_run_fast_and_may_count_from_1970():
    assert set(lied("clock", ahead_s=28_800).clock_s) == {28_800.0}
    assert lied("clock", ppm=100, count=17_281).clock_s[-1] == pytest.approx(8.64)
    reborn = lied("clock", epoch=True, from_s=100)
    assert 1.8e9 + reborn.times_s[-1] + reborn.clock_s[-1] == pytest.approx(1895.0)
    assert reborn.clock_s[0] == 0.0


def test_a_coarse_device_shows_steps_and_ends_at_the_explosive_limit():
    assert lied("coarse", value=1.03).values[-1] == pytest.approx(1.05)
    assert lied("coarse", value=7.0).values[-1] == 5.0


def test_a_wrong_unit_is_ten_times_too_much_or_a_thousand():
    assert lied("unit-slip", value=2.0).values[-1] == 20.0  # beyond its range, so it is refused
    slipped = lied("unit-slip", quantity=Quantity.WATER_PRESSURE, value=0.3, reads="kPa").values
    assert slipped[-1] == pytest.approx(300.0)


def test_a_bump_test_shows_on_every_gas_of_a_node_and_fades():
    gas = lied("bump-test", value=0.02, from_s=100, lasts_s=60, t90_s=20).values
    oxygen = lied("bump-test", value=20.9, quantity=Quantity.O2, from_s=100, lasts_s=60).values
    assert gas[32] > 2.4
    assert oxygen[32] < 18.1
    assert gas[20] == 0.02
    assert gas[-1] == 0.02
    weekly = lied("bump-test", value=0.02, from_s=100, lasts_s=60, every_s=600).values
    assert (weekly[32], weekly[152]) == pytest.approx((weekly[32], weekly[32]))


def test_flushing_dips_and_comes_back():
    dipped = lied("flushing", quantity=Quantity.WATER_PRESSURE, value=0.3, from_s=100,
                  until_s=1000, share=0.2).values  # fmt: skip
    assert dipped[20] == 0.3
    assert dipped[100] == pytest.approx(0.24)
    assert dipped[-1] == 0.3


def test_a_film_of_water_comes_at_once_and_dries_off():
    wet = lied("humidity-film", value=0.02, dries_s=500.0, onset_s=50.0).values
    assert max(wet) == pytest.approx(0.32, abs=0.01)
    assert wet[-1] < 0.05


def test_oxygen_follows_the_barometer():
    swing = lied("barometer", quantity=Quantity.O2, value=20.9, period_s=2000.0).values
    assert (swing.min(), swing.max()) == pytest.approx((20.9 * 0.97, 20.9 * 1.03), rel=1e-3)


@pytest.mark.parametrize("kind", FAULTS)
def test_nothing_is_touched_before_a_fault_begins(kind):
    said = {"until_s": 1500.0} if kind == "backlog" else {}
    quantity = {"flushing": Quantity.WATER_PRESSURE, "barometer": Quantity.O2}.get(
        kind, Quantity.CH4
    )
    stretch = lied(kind, quantity=quantity, from_s=1000.0, **said)
    early = stretch.times_s < 1000.0
    assert (stretch.values[early] == 1.0).all()
    assert stretch.sent[early].all()
    assert not stretch.late_s[early].any()
    assert not stretch.clock_s[early].any()
    assert np.isnan(stretch.again_s[early]).all()


@pytest.mark.parametrize("kind", FAULTS)
def test_the_same_seed_lies_the_same(kind):
    said = {"until_s": 1500.0} if kind == "backlog" else {}
    once, again = (lied(kind, seed=3, **said) for _ in range(2)) if kind in FITS_GAS else (
        lied(kind, seed=3, quantity=Quantity.O2 if kind == "barometer" else Quantity.WATER_PRESSURE,
             **said) for _ in range(2)
    )  # fmt: skip
    for name in ("values", "sent", "late_s", "again_s", "clock_s"):
        assert np.array_equal(getattr(once, name), getattr(again, name), equal_nan=name != "sent")


FITS_GAS = {kind for kind, model in FAULTS.items() if kind not in {"barometer", "flushing"}}
