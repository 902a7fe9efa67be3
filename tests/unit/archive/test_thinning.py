"""A thinned curve keeps its ends, its shape and its gaps, and invents nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.archive.thinning import GAPS_SHARE_MAX, lttb, thin
from tests.support.naive_lttb import naive_lttb

# Whole numbers, so that sums are exact whichever way they are added up.
steps = st.lists(st.tuples(st.integers(1, 500), st.integers(-1000, 1000)), min_size=1, max_size=300)


def line(told):
    at = np.cumsum([step for step, _ in told])
    return at.astype(np.int64), np.array([value for _, value in told], np.float64)


@given(steps, st.integers(2, 60))
def test_the_kernel_agrees_with_the_thesis_point_for_point(told, points):
    at, values = line(told)
    assert lttb(at, values, points).tolist() == naive_lttb(at.tolist(), values.tolist(), points)


@given(steps, st.integers(2, 60))
def test_first_and_last_are_kept_and_every_point_is_one_of_the_inputs(told, points):
    at, values = line(told)
    kept = lttb(at, values, points)
    assert kept.size == min(points, at.size)
    assert (kept[0], kept[-1]) == (0, at.size - 1)
    assert (np.diff(kept) > 0).all()


def test_a_spike_is_kept_where_a_mean_would_lose_it():
    at = np.arange(10_000, dtype=np.int64)
    values = np.zeros(10_000)
    values[4_321] = 50.0
    assert 4_321 in lttb(at, values, 40)


gappy = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 40]), st.one_of(st.integers(-9, 9), st.just(float("nan")))
    ),
    min_size=1,
    max_size=200,
)


@example([(1, 0)] * 5 + [(40, 0)] + [(1, 0)] * 5, 4)
@given(gappy, st.integers(2, 80))
def test_gaps_and_unknown_values_break_the_line_and_points_stay_within_the_bound(told, points):
    at, values = line(told)
    thinned = thin(at, values, points, gap_us=10)
    assert thinned.size <= points
    known = np.flatnonzero(~np.isnan(values))
    assert set(thinned.picks.tolist()) <= set(known.tolist())
    assert (np.diff(thinned.picks) > 0).all()
    assert thinned.breaks.size <= points // GAPS_SHARE_MAX
    if known.size:
        assert (thinned.picks[0], thinned.picks[-1]) == (known[0], known[-1])
    for place in thinned.breaks.tolist():
        before, after = thinned.picks[place - 1], thinned.picks[place]
        between = values[before + 1 : after]
        assert at[after] - at[before] > 10 or np.isnan(between).any()


@given(gappy)
def test_with_room_for_all_every_gap_is_shown(told):
    at, values = line(told)
    thinned = thin(at, values, 5 * len(told) + 2, gap_us=10)
    known = np.flatnonzero(~np.isnan(values))
    assert thinned.picks.tolist() == known.tolist()
    gaps = (np.diff(known) > 1) | (np.diff(at[known]) > 10)
    assert thinned.breaks.tolist() == (np.flatnonzero(gaps) + 1).tolist()


def test_each_stretch_gets_points_by_its_length_and_keeps_its_ends():
    at = np.concatenate([np.arange(900), np.arange(2000, 2100)]).astype(np.int64)
    thinned = thin(at, np.sin(at / 7.0), 101, gap_us=10)
    (cut,) = thinned.breaks.tolist()
    assert thinned.picks[[0, cut - 1, cut, -1]].tolist() == [0, 899, 900, 999]
    assert 85 <= cut <= 92


def test_nothing_known_is_nothing_shown_and_one_point_is_no_line():
    at = np.arange(5, dtype=np.int64)
    assert thin(at, np.full(5, np.nan), 10).size == 0
    assert thin(at[:0], np.empty(0), 10).size == 0
    with pytest.raises(ValueError, match="at least 2 points"):
        thin(at, np.zeros(5), 1)
