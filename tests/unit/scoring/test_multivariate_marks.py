"""The marks that others published, on cases small enough to work out by hand."""

import numpy as np
import pytest

from tests.support.multivariate_field import always, coin_toss, each_minute, silent, threshold
from tests.support.multivariate_marks import attacks, changes, points, turns

START = np.datetime64("2026-03-01T08:00:00", "us")


def seconds(count: int) -> np.ndarray:
    return START + np.arange(count).astype("timedelta64[s]")


def flags(text: str) -> np.ndarray:
    return np.array([letter == "1" for letter in text])


def test_points_are_pooled_over_the_files():
    mark = points([flags("0011"), flags("0001")], [flags("0110"), flags("0001")])
    assert mark.f1 == pytest.approx(2 / 3)
    assert mark.false_alarms == pytest.approx(1 / 5)
    assert mark.missed == pytest.approx(1 / 3)


def test_a_silent_detector_has_no_false_alarms_and_misses_all():
    mark = points([flags("0011")], [silent(seconds(4), np.zeros((4, 1)), 0)])
    assert mark == (0.0, 0.0, 1.0)


def test_an_alarm_turns_where_it_begins_and_ends_also_at_the_very_first_row():
    np.testing.assert_array_equal(turns(flags("110010")), flags("101011"))


def test_a_change_named_at_once_earns_all_and_silence_nothing():
    change = np.zeros(300, np.bool_)
    change[100] = True
    at_once = np.arange(300) >= 100
    assert changes([seconds(300)], [change], [at_once]).standard == pytest.approx(100.0)
    nothing = changes([seconds(300)], [change], [np.zeros(300, np.bool_)])
    assert nothing.standard == pytest.approx(0.0)
    assert nothing.missed == 1


def test_a_change_named_half_a_window_late_earns_the_middle_of_the_curve():
    change = np.zeros(300, np.bool_)
    change[100] = True
    late = np.arange(300) >= 130
    # Raw (1 - 0.11) / 2, between -1 for a miss and 1 at once.
    mark = changes([seconds(300)], [change], [late]).standard
    assert mark == pytest.approx(100 * (0.445 + 1) / 2, abs=0.1)


def test_each_false_change_costs_its_part():
    change = np.zeros(300, np.bool_)
    change[100] = True
    flicker = np.arange(300) >= 100
    flicker[250:260] = False
    mark = changes([seconds(300)], [change], [flicker])
    assert mark.false == 2
    assert mark.standard == pytest.approx(100 * (2 - 2 * 0.11) / 2)


def test_windows_that_overlap_are_cut_at_their_left():
    change = np.zeros(300, np.bool_)
    change[[100, 130]] = True
    early = np.arange(300) >= 150
    # The first change is named 50 s late; the second window begins at 160, which is too late.
    assert changes([seconds(300)], [change], [early]).missed == 1


@pytest.mark.parametrize(("who", "s"), [(always, 0.75), (silent, 0.25)])
def test_trivial_detectors_of_attacks_get_their_known_marks(who, s):
    truth = np.zeros(200, np.bool_)
    truth[50:90] = truth[120:140] = True
    mark = attacks(truth, who(seconds(200), np.zeros((200, 1)), 0))
    assert mark.s == pytest.approx(s)


def test_half_of_an_attack_lost_is_half_of_its_time_mark():
    truth = np.zeros(100, np.bool_)
    truth[20:40] = True
    said = np.zeros(100, np.bool_)
    said[30:40] = True
    mark = attacks(truth, said)
    assert mark.hours == (10,)
    assert mark.s_ttd == pytest.approx(0.5)
    assert mark.s_cm == pytest.approx(0.5 * (0.5 + 1.0))


def test_the_others_on_the_board_do_what_their_names_say():
    values = np.array([[0.0], [1.0], [0.5], [2.0], [-0.1]])
    np.testing.assert_array_equal(threshold(seconds(5), values, 2), flags("011"))
    blank = np.zeros((180, 1))
    minutes = each_minute(seconds(180), blank, 0)
    assert [bool(minutes[at]) for at in (0, 59, 60, 119, 120)] == [False, False, True, True, False]
    tossed = coin_toss(seconds(180), blank, 0)
    assert 60 < tossed.sum() < 120
    np.testing.assert_array_equal(tossed, coin_toss(seconds(180), blank, 0))
