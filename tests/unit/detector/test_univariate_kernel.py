"""A reading is as surprising as it is new, whatever else the bank holds and however it is cut."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.detector.core.univariate import kernel
from services.detector.core.univariate.kernel import FILL, WARMUP, score
from services.detector.core.univariate.memory import (
    KNOWN,
    VIEWS,
    blank,
    bytes_per_sensor,
    shapes,
)
from tests.support.naive_novelty import NaiveNovelty

HOUR = 3_600_000_000
FIRST = FILL + WARMUP
MONDAY = 1_772_409_600_000_000
KINDS = ("noise", "day", "steps", "counts", "flat")


def stream(kind: str, count: int, seed: int, spread: float = 1.0) -> np.ndarray:
    """Readings of one sensor, one an hour, with something odd in the last quarter."""
    rng = np.random.default_rng(seed)
    row = np.arange(count)
    values = {
        "noise": rng.standard_normal(count),
        "day": 5 * np.sin(2 * np.pi * row / 24) + 0.2 * rng.standard_normal(count),
        "steps": np.repeat(rng.integers(0, 9, count // 20 + 1), 20)[:count].astype(float),
        "counts": rng.poisson(2.0, count).astype(float),
        "flat": np.full(count, 3.7),
    }[kind]
    values[3 * count // 4 :][:5] += 20.0
    return 50.0 + spread * values


def hours(count: int) -> np.ndarray:
    return MONDAY + HOUR * np.arange(count, dtype=np.int64)


def alone(values: np.ndarray, at: np.ndarray | None = None, **more):
    """Opinions on one sensor's readings, given at once."""
    at = hours(values.size) if at is None else at
    return score(blank(1), np.zeros(values.size, np.intp), at, values, **more)


def city(seed: int, count: int = 220):
    """Rows, times and values of five sensors, shuffled together, each in its own order."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.repeat(np.arange(len(KINDS)), count))
    values, at = np.empty(rows.size), np.empty(rows.size, np.int64)
    for row, kind in enumerate(KINDS):
        values[rows == row] = stream(kind, count, seed + row)
        at[rows == row] = hours(count)
    return rows, at, values


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spread", [1e-3, 1.0, 1e4])
def test_the_kernel_agrees_with_its_plain_twin(kind, spread):
    values, at = stream(kind, 400, 7, spread), hours(400)
    opinion, twin = alone(values), NaiveNovelty()
    plain = np.array([twin.see(int(t), float(v)) for t, v in zip(at, values, strict=True)])
    assert np.nanmax(opinion.surprise) > 0.5
    np.testing.assert_allclose(opinion.surprise, plain[:, 1], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(opinion.scores, plain[:, 0], rtol=1e-4, atol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 1100), max_size=12))
def test_no_cut_of_the_stream_changes_a_score(seed, cuts):
    rows, at, values = city(seed)
    whole, pieces = blank(len(KINDS)), blank(len(KINDS))
    opinion = score(whole, rows, at, values)
    edges = [0, *sorted(cuts), rows.size]
    parts = [score(pieces, rows[a:b], at[a:b], values[a:b]) for a, b in pairwise(edges)]
    assert np.isfinite(opinion.scores).any()
    for place in range(3):
        again = np.concatenate([part[place] for part in parts])
        np.testing.assert_array_equal(again, opinion[place])
    for name, column in whole.columns().items():
        np.testing.assert_array_equal(pieces.columns()[name], column, err_msg=name)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.integers(FIRST + 1, 219))
def test_the_future_never_changes_a_score(seed, now):
    values = stream("day", 220, seed)
    other = values.copy()
    other[now:] = 1e3 * np.random.default_rng(seed).standard_normal(220 - now)
    past, otherwise = alone(values), alone(other)
    assert np.isfinite(past.scores[:now]).any()
    assert not np.array_equal(past.scores[now:], otherwise.scores[now:])
    np.testing.assert_array_equal(past.scores[:now], otherwise.scores[:now])


def test_one_sensor_knows_nothing_of_another():
    rows, at, values = city(3)
    together = score(blank(len(KINDS)), rows, at, values)
    for row, kind in enumerate(KINDS):
        np.testing.assert_array_equal(
            together.scores[rows == row], alone(stream(kind, 220, 3 + row)).scores
        )


def test_more_rows_than_fit_at_once_are_scored_like_few():
    count = kernel.AT_ONCE + 3
    values = stream("noise", 90, 1)
    rows = np.tile(np.arange(count), 90)
    many = score(blank(count), rows, np.repeat(hours(90), count), np.repeat(values, count))
    few = alone(values)
    np.testing.assert_array_equal(
        many.scores.reshape(90, count), np.repeat(few.scores[:, np.newaxis], count, axis=1)
    )


def test_a_sensor_seen_too_little_has_no_opinion():
    opinion = alone(stream("noise", FIRST + 5, 1))
    assert np.isnan(opinion.scores[:FIRST]).all()
    assert np.isfinite(opinion.scores[FIRST:]).all()


def test_a_flat_line_is_no_surprise_and_its_first_move_is():
    values = np.full(300, 80.1)
    values[200:] = 80.2
    opinion = alone(values)
    assert opinion.scores[FIRST:200].max() == 0.0
    assert opinion.scores[200] > 0.7
    assert opinion.scores[201:].max() < 0.5


def test_an_episode_is_news_once_and_surprising_for_longer():
    values = stream("noise", 400, 2)
    values[300:] += np.linspace(15.0, 5.0, 100)
    opinion = alone(values)
    assert (opinion.scores[300:340] > 0.6).sum() == 1
    assert (opinion.surprise[300:340] > 0.5).sum() > 1


def test_what_is_worse_is_news_again_at_once():
    values = stream("noise", 400, 2)[:300]
    values[250:] += 4.0
    values[255:] += 200.0
    scores = alone(values).scores
    assert scores[255] > scores[250:255].max() > 0.5


def test_scores_stay_below_one_and_do_not_tie_at_the_top():
    peaks = []
    for size in (20.0, 40.0, 80.0):
        values = stream("noise", 200, 5)
        values[150] += size
        peaks.append(np.nanmax(alone(values).scores))
    assert peaks[0] < peaks[1] < peaks[2] < 1.0


def test_a_shift_that_stays_away_is_new_though_its_values_are_not():
    rng = np.random.default_rng(1)
    row = np.arange(24 * 20)
    values = 10.0 + 5.0 * (row % 24 >= 12) + 0.1 * rng.standard_normal(row.size)
    values[-24:-12] += 5.0
    said = alone(values).said
    day, level = VIEWS.index("day"), VIEWS.index("level")
    assert said[-24, day] > 3.0
    assert said[-24:-12, level].max() < 1.0
    assert said[-48:-24, day].max() < 3.0


def test_the_week_is_silent_until_one_has_been_seen():
    said = alone(stream("day", 24 * 20, 1)).said[:, VIEWS.index("week")]
    assert not said[: 24 * 7 + FIRST].any()
    assert said[24 * 7 + FIRST :].any()


def test_differences_below_the_floor_mean_nothing():
    values = stream("noise", 200, 5)
    values[150] += 8.0
    assert np.nanmax(alone(values).surprise) > 0.5
    coarse = alone(values, floor=np.full(200, 50.0))
    assert np.nanmax(coarse.surprise) == 0.0


def test_scaling_by_a_power_of_two_changes_nothing():
    values = stream("day", 300, 9)
    np.testing.assert_array_equal(alone(values).scores, alone(values * 1024.0).scores)


def test_state_fits_in_a_kibibyte_and_goes_by_name():
    assert bytes_per_sensor() <= 1024
    memory = blank(3)
    assert {name: (c.dtype, c.shape) for name, c in memory.columns().items()} == shapes(3)
    assert memory.known.shape == (3, len(VIEWS), KNOWN)


def test_a_roster_grows_and_a_row_is_given_away():
    rows, at, values = city(1, 90)
    memory = blank(len(KINDS))
    score(memory, rows, at, values)
    grown = memory.grown(9)
    for mine, theirs, empty in zip(astuple(grown), astuple(memory), astuple(blank(9)), strict=True):
        np.testing.assert_array_equal(mine[:5], theirs)
        np.testing.assert_array_equal(mine[5:], empty[5:])
    grown.wipe(np.arange(5))
    for mine, empty in zip(astuple(grown), astuple(blank(9)), strict=True):
        np.testing.assert_array_equal(mine, empty)


def test_nothing_in_nothing_out():
    none = np.empty(0)
    opinion = score(blank(2), none.astype(np.intp), none.astype(np.int64), none)
    assert opinion.scores.size == opinion.surprise.size == 0
    assert opinion.said.shape == (0, len(VIEWS))
