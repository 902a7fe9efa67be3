"""Coupled channels judged together: the laws of the kernel, and its naive twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.detector.core.multivariate.bank import Bank, Shape, blank, warmup
from services.detector.core.multivariate.step import HOLD, Judged, step
from tests.support.naive_multivariate import NaiveGroup

SHAPE = Shape(channels=3, window=6)
WARM = warmup(SHAPE)


def coupled(rows: int, *, seed: int = 1, groups: int = 1) -> np.ndarray:
    """(rows, groups, 3): a wandering cause, its noisy echo, and something of its own."""
    rng = np.random.default_rng(seed)
    cause = np.cumsum(rng.standard_normal((rows, groups)), axis=0) * 0.1
    echo = 2.0 * cause + 0.1 * rng.standard_normal((rows, groups)) + 5.0
    return np.stack([cause, echo, rng.standard_normal((rows, groups))], axis=2)


def judge(values: np.ndarray, *, trusted: int, bank: Bank | None = None) -> list[Judged]:
    rows, groups, channels = values.shape
    bank = blank(groups, Shape(channels, SHAPE.window)) if bank is None else bank
    return [
        step(
            bank,
            np.arange(groups),
            values[row],
            trusted=np.full(groups, row < trusted),
            anew=np.zeros(groups, np.bool_),
        )
        for row in range(rows)
    ]


def surprises(judged: list[Judged]) -> np.ndarray:
    return np.array([one.surprise for one in judged])


def test_the_kernel_agrees_with_its_naive_twin_also_where_readings_are_missing():
    values = coupled(90)
    values[40:43, 0, 1] = np.nan
    values[60, 0, :] = np.nan
    twin = NaiveGroup(channels=3, window=SHAPE.window)
    naive = [twin.surprise([float(value) for value in row]) for row in values[:, 0]]
    ours = surprises(judge(values, trusted=90))[:, 0]
    assert np.isfinite(naive).sum() > 50
    np.testing.assert_allclose(ours, naive, rtol=1e-6, atol=1e-6)


def test_no_opinion_while_warming_up_is_nan_and_then_there_is_one():
    seen = surprises(judge(coupled(WARM + 10), trusted=10_000))[:, 0]
    assert np.isnan(seen[: WARM + 1]).all()
    assert np.isfinite(seen[WARM + 1 :]).all()


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_the_company_of_other_groups_never_changes_a_bit(seed: int):
    values = coupled(60, seed=seed, groups=3)
    together = surprises(judge(values, trusted=50))
    alone = np.hstack([surprises(judge(values[:, [g]], trusted=50)) for g in range(3)])
    assert np.isfinite(alone).any()
    np.testing.assert_array_equal(together, alone)


@settings(max_examples=5, deadline=None)
@given(
    st.floats(1e-3, 1e3), st.floats(-100.0, 100.0), st.sampled_from([-1.0, 1.0]), st.integers(0, 99)
)
def test_units_never_change_the_verdict(scale: float, shift: float, sign: float, seed: int):
    values = coupled(80, seed=seed)
    values[70:, 0, 1] += 3.0
    other = values.copy()
    other[:, :, 1] = sign * scale * other[:, :, 1] + shift
    one, two = judge(values, trusted=60), judge(other, trusted=60)
    assert any(judged.alarm[0] for judged in one)
    np.testing.assert_allclose(surprises(one), surprises(two), rtol=1e-4, atol=1e-4)
    assert [judged.alarm[0] for judged in one] == [judged.alarm[0] for judged in two]


def test_a_broken_coupling_is_an_alarm_though_each_channel_stays_in_its_range():
    values = coupled(260)
    order = np.random.default_rng(9).permutation(60)
    values[200:, 0] = values[140:200, 0]
    values[200:, 0, 1] = values[200 + order, 0, 1]
    judged = judge(values, trusted=200)
    assert any(one.alarm[0] for one in judged[200:215])
    told = next(one for one in judged[200:] if one.alarm[0])
    assert int(np.nanargmax(np.abs(told.pulls[0]))) in {0, 1}


def test_an_alarm_teaches_nothing_until_it_has_been_held_very_long():
    values = coupled(240)
    values[200:, 0, 2] += 50.0
    bank = blank(1, SHAPE)
    judge(values[:200], trusted=200, bank=bank)
    told = judge(values[200:], trusted=0, bank=bank)
    assert [one.alarm[0] for one in told[6:]] == [True] * 34
    learned = int(bank.learned[0])
    bank.alarmed[0] = HOLD + 1
    judge(values[-1:], trusted=0, bank=bank)
    assert int(bank.learned[0]) == learned + 1


def test_a_trusted_group_learns_and_never_alarms():
    values = coupled(120)
    values[100:, 0, 2] += 50.0
    judged = judge(values, trusted=120)
    assert not any(one.alarm[0] for one in judged)
    assert all(np.isnan(one.limit[0]) for one in judged)
    assert max(one.surprise[0] for one in judged[101:]) > 3.0


def test_a_constant_channel_is_silent_until_it_moves():
    values = coupled(140)
    values[:, 0, 2] = 7.0
    quiet = judge(values[:130], trusted=120)
    assert all(one.pulls[0, 2] == 0.0 for one in quiet[WARM + 2 :])
    values[130:, 0, 2] = 7.5
    moved = judge(values, trusted=120)
    assert any(one.alarm[0] for one in moved[130:])


def test_all_channels_constant_give_an_opinion_and_no_alarm():
    judged = judge(np.full((80, 1, 3), 4.2), trusted=60)
    assert all(np.isfinite(one.surprise[0]) for one in judged[WARM + 2 :])
    assert not any(one.alarm[0] for one in judged)


def test_a_channel_that_is_never_heard_leaves_the_others_their_say():
    values = coupled(120)
    values[:, 0, 0] = np.nan
    values[100:, 0, 2] += 20.0
    judged = judge(values, trusted=100)
    assert all(np.isnan(one.pulls[0, 0]) for one in judged)
    assert any(one.alarm[0] for one in judged[100:])


def test_silence_of_all_channels_is_no_opinion_and_does_not_end_an_alarm():
    values = coupled(130)
    values[100:110, 0, 2] += 50.0
    values[110:, 0, :] = np.nan
    judged = judge(values, trusted=100)
    assert judged[109].alarm[0]
    assert np.isnan(judged[-1].surprise[0])
    assert judged[-1].alarm[0]


def test_coarser_rounding_than_ever_learned_makes_less_sure_and_not_afraid():
    rng = np.random.default_rng(3)
    values = rng.standard_normal((420, 1, 3))
    values[:, 0, 2] = 20.004 + 0.001 * values[:, 0, 2]
    values[200:, 0, 2] = np.round(values[200:, 0, 2], 2)
    aware, blind = blank(1, SHAPE), blank(1, SHAPE)
    for bank in (aware, blind):
        judge(values[:200], trusted=200, bank=bank)
        judge(values[200:260], trusted=0, bank=bank)
    blind.usual_grain[:] = 0.0
    shown = [
        np.nanmax([abs(one.pulls[0, 2]) for one in judge(values[260:], trusted=0, bank=bank)])
        for bank in (aware, blind)
    ]
    assert shown[0] < 0.6 * shown[1]


def test_a_bank_is_all_there_is_to_remember():
    values = coupled(120)
    first = blank(1, SHAPE)
    judge(values[:80], trusted=60, bank=first)
    copied = {name: column.copy() for name, column in first.columns().items()}
    second = Bank(shape=SHAPE, **copied)
    np.testing.assert_array_equal(
        surprises(judge(values[80:], trusted=0, bank=first)),
        surprises(judge(values[80:], trusted=0, bank=second)),
    )


@pytest.mark.parametrize("budget", [0.02, 0.1])
def test_healthy_rows_spend_about_the_budget_asked_for(budget: float):
    groups, rows = 40, 260
    rng = np.random.default_rng(5)
    values = rng.standard_normal((rows, groups, 3))
    bank = blank(groups, SHAPE)
    spent = 0
    for row in range(rows):
        judged = step(
            bank,
            np.arange(groups),
            values[row],
            trusted=np.full(groups, row < 160),
            anew=np.zeros(groups, np.bool_),
            budget=budget,
        )
        spent += int(judged.alarm.sum())
    assert budget / 2 <= spent / (groups * 100) <= 2 * budget
