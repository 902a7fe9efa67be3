"""A table of coupled channels scored row by row."""

import numpy as np
import pytest

from services.detector.core.multivariate.bank import Shape, warmup
from services.scoring.multivariate import score_table
from tests.support.multivariate_field import coin_toss, data_folder, tocsin
from tests.support.multivariate_marks import points

ROWS = 260
FAULT = slice(220, 250)
START = np.datetime64("2026-03-01T08:00:00", "us")


def loop(rows: int = ROWS, *, seconds: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    """A pump's pressure, flow and noise; the flow sinks while the pressure does not."""
    rng = np.random.default_rng(4)
    drive = rng.standard_normal(rows)
    values = np.column_stack([drive, drive + 0.2 * rng.standard_normal(rows), rng.random(rows)])
    values[FAULT, 1] -= 1.5
    times = START + (seconds * 1e6 * np.arange(rows)).astype("timedelta64[us]")
    return times, values


def test_a_lost_balance_is_an_alarm_and_names_its_channels():
    times, values = loop()
    scored = score_table(times, values, learn_only=200)
    assert not scored.alarm[:200].any()
    assert scored.alarm[FAULT].mean() > 0.7
    assert set(scored.top[230, :2]) == {0, 1}


def test_alarm_is_where_the_score_is_above_a_half():
    scored = score_table(*loop(), learn_only=200)
    judged = scored.score[200:]
    np.testing.assert_array_equal(judged > 0.5, scored.alarm[200:])
    assert scored.alarm.any()
    assert judged.max() < 1.0
    assert judged.min() >= 0.0


def test_a_longer_table_begins_with_the_scores_of_a_shorter_one():
    times, values = loop()
    whole = score_table(times, values, learn_only=150)
    for cut in (1, 20, 90, 235):
        part = score_table(times[:cut], values[:cut], learn_only=150)
        np.testing.assert_array_equal(part.score, whole.score[:cut])
        np.testing.assert_array_equal(part.alarm, whole.alarm[:cut])
    assert np.isfinite(whole.score[90])


def test_without_a_word_the_first_rows_are_taken_for_healthy():
    scored = score_table(*loop())
    assert not scored.alarm.any()
    assert np.isfinite(scored.score[-1])


def test_before_there_is_an_opinion_the_score_is_nan_and_nothing_is_named():
    scored = score_table(*loop(), learn_only=200)
    warm = warmup(Shape(3))
    assert np.isnan(scored.score[: warm + 1]).all()
    assert (scored.top[:warm] == -1).all()


def test_after_a_long_gap_there_is_no_opinion_until_there_are_neighbours():
    times, values = loop()
    times[210:] += np.timedelta64(30, "D")
    scored = score_table(times, values, learn_only=200)
    assert np.isnan(scored.score[210])
    assert np.isfinite(scored.score[212])


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_table_too_short_to_judge_is_no_error(rows):
    times, values = loop()
    scored = score_table(times[:rows], values[:rows])
    assert scored.score.shape == (rows,)
    assert np.isnan(scored.score).all()


def test_a_single_channel_and_equal_times_are_no_error():
    _, values = loop()
    scored = score_table(np.full(ROWS, START), values[:, [0]], learn_only=100)
    assert np.isfinite(scored.score[-1])
    assert (scored.top[-1, 1:] == -1).all()


@pytest.mark.slow
def test_a_real_water_loop_is_judged_better_than_by_a_coin():
    path = data_folder() / "skab" / "valve1" / "6.csv"
    if not path.is_file():
        pytest.skip(f"no labelled data at {path}")
    lines = [line.split(";") for line in path.read_text().splitlines()[1:]]
    times = np.array([line[0].replace(" ", "T") for line in lines], "M8[us]")
    values = np.array([[float(field) for field in line[1:9]] for line in lines])
    truth = np.array([float(line[9]) > 0.0 for line in lines])[400:]
    ours = points([truth], [tocsin(times, values, 400)])
    chance = points([truth], [coin_toss(times, values, 400)])
    assert chance.f1 < 0.6
    assert ours.f1 > 0.8
    assert ours.false_alarms < 0.1
