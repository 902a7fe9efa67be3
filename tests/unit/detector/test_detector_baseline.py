"""The baseline: conservative, never fooled by flatness, and the same in any portion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.detector.core import baseline
from services.detector.core.bank import blank
from tests.support.naive_baseline import NaiveBaseline


class Bench:
    """Several sensors fed side by side."""

    def __init__(self, *, count=1, floor=0.5, share=0.0, speaks=True):
        self.bank = blank(count)
        self.floor, self.share = np.full(count, floor), np.full(count, share)
        self.speaks = np.full(count, speaks)

    def see(self, *values, live=None):
        shown = np.array(values, float)
        scores, _ = baseline.step(
            self.bank,
            shown,
            floor=self.floor[: shown.size],
            floor_share=self.share[: shown.size],
            speaks=self.speaks[: shown.size],
            live=None if live is None else np.full(shown.size, live),
        )
        return scores

    def taught(self, value=20.0, readings=baseline.WARMUP, noise=0.1, seed=1):
        rng = np.random.default_rng(seed)
        for _ in range(readings):
            self.see(value + noise * rng.standard_normal())
        return self


def test_too_little_is_no_opinion():
    bench = Bench()
    scores = [bench.see(20.0)[0] for _ in range(baseline.WARMUP + 1)]
    assert np.isnan(scores[:-1]).all()
    assert scores[-1] == 0.0


def test_a_flat_series_makes_nothing_surprising_below_its_floor():
    bench = Bench().taught(noise=0.0)
    assert all(bench.see(20.0 + off)[0] < 0.5 for off in (3.9, -3.9, 1.0))
    assert not bench.bank.surprised[0]


def test_the_score_is_taken_before_the_reading_is_learned():
    one, other = Bench().taught(), Bench().taught()
    assert one.see(40.0)[0] == other.see(40.0)[0] > 0.8


def test_surprise_needs_several_readings_in_a_row_and_calm_as_many():
    bench = Bench().taught()
    for value in (40.0, 40.0, 40.0, 40.0, 20.0, 40.0, 40.0):
        bench.see(value)
    assert not bench.bank.surprised[0]
    for _ in range(baseline.IN_A_ROW):
        bench.see(40.0)
    assert bench.bank.surprised[0]
    for _ in range(baseline.IN_A_ROW - 1):
        bench.see(20.0)
    assert bench.bank.surprised[0]
    bench.see(20.0)
    assert not bench.bank.surprised[0]


def test_a_long_fault_is_not_absorbed_but_a_changed_city_is():
    bench = Bench().taught()
    for _ in range(baseline.HOLD - 10):
        bench.see(40.0)
    assert bench.bank.surprised[0]
    assert bench.bank.level[0] < 21.0
    for _ in range(10 + baseline.WARMUP + baseline.IN_A_ROW):
        bench.see(40.0)
    assert not bench.bank.surprised[0]
    assert bench.bank.level[0] == pytest.approx(40.0)


def test_scores_never_saturate():
    bench = Bench().taught()
    scores = [bench.see(value)[0] for value in (1e3, 1e5, 1e7, 1e9)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4
    assert scores[-1] < 1.0


def test_old_readings_teach_and_alarm_nobody():
    bench = Bench().taught()
    level = bench.bank.level[0]
    for _ in range(20):
        bench.see(40.0, live=False)
    assert not bench.bank.surprised[0]
    for _ in range(20):
        bench.see(22.0, live=False)
    assert bench.bank.level[0] > level


def test_who_may_not_speak_is_never_surprised():
    bench = Bench(speaks=False).taught()
    for _ in range(50):
        bench.see(40.0)
    assert not bench.bank.surprised[0]


@pytest.mark.parametrize("interval_s", [5.0, 60.0])
@pytest.mark.parametrize(
    "habit",
    [
        (22.0, 4.0, 0.1, 0.0, 0.5),
        (0.42, 0.05, 0.002, 0.003, 0.004),
        (20.9, 0.1, 0.05, 0.02, 0.1),
        (12.0, 6.0, 0.3, 0.2, 0.36),
    ],
    ids=["temperature", "pressure", "oxygen", "flow"],
)
def test_a_quiet_day_with_its_rhythm_raises_nothing(habit, interval_s):
    centre, swing, noise, wander, floor = habit
    sensors = 40
    rng = np.random.default_rng(7)
    bench = Bench(count=sensors, floor=floor)
    phase = rng.uniform(0, 2 * np.pi, sensors)
    walk = np.zeros(sensors)
    readings = min(int(86_400 / interval_s), 4000)
    raised = 0
    for number in range(readings):
        walk = 0.95 * walk + wander * rng.standard_normal(sensors)
        day = 2 * np.pi * number * interval_s / 86_400
        bench.see(*(centre + swing * np.sin(day + phase) + walk + noise * rng.standard_normal(40)))
        raised += int(bench.bank.surprised.sum())
    assert np.isfinite(bench.see(*np.full(sensors, centre))).all()
    assert raised == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_many_sensors_at_once_score_what_each_scores_alone(seed):
    rng = np.random.default_rng(seed)
    sensors, readings = 3, baseline.WARMUP + 80
    values = 10 + 0.3 * rng.standard_normal((readings, sensors))
    values[baseline.WARMUP + 10 : baseline.WARMUP + 40, 1] += 20
    naive = [NaiveBaseline(0.1, 0.01, speaks=True) for _ in range(sensors)]
    bench = Bench(count=sensors, floor=0.1, share=0.01)
    was_surprised = False
    for row in values:
        expected = [one.see(float(value)) for one, value in zip(naive, row, strict=True)]
        assert np.array_equal(bench.see(*row), expected, equal_nan=True)
        assert bench.bank.surprised.tolist() == [one.surprised for one in naive]
        was_surprised |= naive[1].surprised
    assert was_surprised
    assert not naive[0].surprised
