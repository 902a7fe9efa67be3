"""Intervals against published values, and what they must do whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.intervals import NOTHING, quantile, rate, share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_wilsons_interval(hits, of, low, high):
    figure = share(hits, of)
    assert figure.value == hits / of
    assert figure.low == pytest.approx(low, abs=5e-5)
    assert figure.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [
        # Exact Poisson limits as tabulated since Garwood (1936).
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (10, 4.7954, 18.3904),
        (100, 81.3640, 121.6268),
    ],
)
def test_rates_have_the_exact_poisson_interval(events, low, high):
    figure = rate(events, 1.0)
    assert figure.low == pytest.approx(low, abs=1e-4)
    assert figure.high == pytest.approx(high, abs=1e-4)
    halved = rate(events, 2.0)
    assert halved.high == pytest.approx(figure.high / 2)


def test_nothing_measured_is_nothing_said():
    assert share(0, 0) == rate(3, 0.0) == quantile([], 0.5, seed=1) == NOTHING
    assert quantile([4.0], 0.5, seed=1)[:3] == (4.0, None, None)


@given(st.integers(0, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of + 1))))
def test_a_share_lies_within_its_interval(case):
    hits, of = case
    figure = share(hits, of)
    assert 0 <= figure.low <= figure.value <= figure.high <= 1


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=40), st.randoms())
def test_a_bootstrap_is_repeatable_and_blind_to_order(values, chance):
    shuffled = list(values)
    chance.shuffle(shuffled)
    first = quantile(values, 0.9, seed=7)
    assert quantile(shuffled, 0.9, seed=7) == first
    assert min(values) <= first.low <= first.high <= max(values)


def test_a_bootstrap_covers_the_median_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    inside = 0
    for trial in range(60):
        figure = quantile(rng.exponential(100.0, 30).tolist(), 0.5, seed=trial)
        inside += figure.low <= 100.0 * np.log(2) <= figure.high
    assert inside >= 50
