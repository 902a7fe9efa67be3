"""Deviates and probabilities: the arithmetic every surprise is spoken in."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.detector.core.multivariate.tails import (
    deviate,
    log_choices,
    log_exceedance,
    of_ratio,
)

NORMAL = NormalDist()


@given(st.floats(-8.0, 8.0))
def test_an_exceedance_is_that_of_the_normal_distribution(point: float):
    expected = math.log(0.5 * math.erfc(point / math.sqrt(2.0)))
    assert log_exceedance(np.array([point]))[0] == pytest.approx(expected, rel=1e-5, abs=1e-7)


@given(st.floats(-0.6, 200.0))
def test_a_deviate_undoes_its_exceedance_however_far_out(point: float):
    there = log_exceedance(np.array([point]))
    assert np.isfinite(there).all()
    assert deviate(there)[0] == pytest.approx(point, rel=1e-5, abs=1e-5)


def test_what_is_likelier_than_three_in_four_counts_as_three_in_four():
    sure = deviate(np.array([0.0, 5.0, -0.1]))
    assert sure == pytest.approx(NORMAL.inv_cdf(1.0 - math.exp(-0.3)), abs=1e-6)


@pytest.mark.parametrize(
    ("above", "below", "ratio", "exceeded"),
    [(8, 10, 3.07, 0.05), (1, 10, 4.96, 0.05), (3, 60, 4.13, 0.01), (43, 1000, 1.39, 0.05)],
)
def test_a_ratio_is_as_rare_as_the_tables_of_fisher_say(above, below, ratio, exceeded):
    shown = of_ratio(np.array([ratio]), np.array([float(above)]), np.array([float(below)]))[0]
    assert shown == pytest.approx(NORMAL.inv_cdf(1.0 - exceeded), abs=0.06)


@given(st.floats(0.0, 1e6), st.floats(1e-3, 1e6))
def test_a_larger_ratio_is_always_more_surprising(ratio: float, more: float):
    ratios = np.array([ratio, ratio + more + ratio * 1e-6])
    low, high = of_ratio(ratios, np.full(2, 8.0), np.full(2, 12.0))
    assert low < high


def test_choices_are_counted():
    assert math.exp(log_choices(43, 3)) == pytest.approx(12341)
    assert log_choices(3, 3) == pytest.approx(0.0, abs=1e-12)
