"""Alarms against truth: what is caught, what is false, and what no alarm can change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.model import QUIET, Verdict
from shared.domain.event import EventKind
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from tests.support.judging import alarm, judged, truth

FAULT = {"what": "sensor-fault", "hazard": None, "level": None, "name": "faults[0] stuck"}
OPERATION = {"what": "operational", "hazard": None, "level": None, "name": "happenings[0] flush"}


def only(judgement):
    assert len(judgement.judged) == 1
    return judgement.judged[0]


@pytest.mark.parametrize(
    ("at_s", "verdict"),
    [
        (149.0, Verdict.EARLY),
        (150.0, Verdict.TRUE),
        (300.0, Verdict.TRUE),
        (301.0, Verdict.LATE),
    ],
)
def test_the_colour_has_to_be_reached_between_earliest_and_latest(at_s, verdict):
    one = only(judged([truth()], [alarm(at_s)]))
    assert one.verdict is verdict
    assert one.delay_s == at_s - 100.0


def test_a_late_alarm_says_by_how_much():
    assert only(judged([truth()], [alarm(342.0)])).cause == "too late: by 42 s"


def test_a_milder_alarm_warns_and_the_colour_counts_when_it_is_reached():
    one = only(judged([truth()], [alarm(120.0, Level.BLUE, then=((200.0, Level.RED),))]))
    assert (one.verdict, one.warned_s, one.delay_s) == (Verdict.TRUE, 20.0, 100.0)


def test_an_alarm_before_the_happening_is_false_and_catches_nothing():
    judgement = judged([truth()], [alarm(99.0)])
    assert only(judgement).verdict is Verdict.MISSED
    assert [one.cause for one in judgement.false] == ["1 s before anything happened there"]


def test_an_early_alarm_is_no_false_one_and_no_true_one():
    judgement = judged([truth()], [alarm(120.0)])
    assert (judgement.true_alarms, judgement.early_alarms, judgement.false) == (0, 1, ())


def test_an_alarm_of_another_hazard_at_the_place_is_beside_the_truth():
    judgement = judged([truth()], [alarm(200.0), alarm(210.0, hazard=Hazard.FLOOD)])
    assert (judgement.true_alarms, judgement.side_alarms, judgement.false) == (1, 1, ())


def test_what_a_link_joins_to_the_place_may_be_named_but_is_not_the_right_asset():
    one = only(judged([truth()], [alarm(200.0, asset="vc-08")]))
    assert (one.verdict, one.named, one.right_asset) == (Verdict.TRUE, "vc-08", False)


def test_a_place_that_nothing_joins_is_false():
    far = replace(alarm(200.0), asset="elsewhere", site="elsewhere")
    judgement = judged([truth()], [far])
    assert only(judgement).verdict is Verdict.MISSED
    assert [one.cause for one in judgement.false] == ["nothing had happened there"]


def test_long_after_the_end_an_alarm_is_false():
    judgement = judged([truth()], [alarm(500.0 + 3601.0)])
    assert len(judgement.false) == 1


def test_a_colour_worse_than_was_right_is_noted():
    one = only(judged([truth(level_max=Level.ORANGE)], [alarm(200.0, Level.RED)]))
    assert (one.verdict, one.exaggerated) == (Verdict.TRUE, "red")


def test_of_what_came_with_one_message_the_likeliest_is_named():
    far = alarm(200.0, asset="vc-08", likelihood=0.8)
    assert only(judged([truth()], [far, alarm(200.0, likelihood=0.95)])).named == "vc-07"


def test_without_a_truth_every_alarm_is_false():
    assert only(judged([], [])).verdict is Verdict.KEPT
    broken = judged([], [alarm(10.0)])
    assert only(broken).verdict is Verdict.BROKEN
    assert len(broken.false) == 1


def test_a_quiet_truth_allows_what_it_says_and_no_more():
    quiet = truth(what=QUIET, hazard=None, level=None, assets=frozenset(), at="",
                  level_max=Level.BLUE, from_s=0.0, name="truth[0]")  # fmt: skip
    kept = judged([quiet], [alarm(200.0, Level.BLUE)])
    assert (only(kept).verdict, kept.side_alarms) == (Verdict.KEPT, 1)
    broken = judged([quiet], [alarm(200.0, Level.YELLOW)])
    assert (only(broken).verdict, len(broken.false)) == (Verdict.BROKEN, 1)


def test_an_operation_taken_for_a_hazard_is_false_and_says_so():
    judgement = judged([truth(**OPERATION)], [alarm(200.0)])
    assert only(judgement).verdict is Verdict.BROKEN
    assert judgement.false[0].cause == "an operation was taken for gas"
    assert only(judged([truth(**OPERATION)], [])).verdict is Verdict.KEPT


def test_a_lying_sensor_is_named_by_saying_that_it_cannot_be_verified():
    known = alarm(120.0)
    silent = replace(known.steps[0], kind=EventKind.UNVERIFIABLE, known_s=200.0, decided_s=200.0)
    told = replace(known, steps=(*known.steps, silent))
    assert only(judged([truth(**FAULT)], [told])).verdict is Verdict.TRUE


def test_a_lying_sensor_taken_for_gas_is_a_miss_and_a_false_alarm():
    judgement = judged([truth(**FAULT)], [alarm(130.0)])
    one = only(judgement)
    assert one.verdict is Verdict.MISSED
    assert one.cause.startswith("no detector yet: ")
    assert one.cause.endswith("it was taken for gas at vc-07 after 30 s")
    assert judgement.false[0].cause == "a lying sensor was taken for gas"


def test_two_truths_of_one_place_do_not_share_an_alarm():
    later = truth(name="happenings[1] gas-leak", from_s=1000.0, until_s=1200.0,
                  earliest_s=1010.0, latest_s=1100.0)  # fmt: skip
    judgement = judged([truth(), later], [alarm(200.0), alarm(1050.0)])
    assert [one.verdict for one in judgement.judged] == [Verdict.TRUE, Verdict.TRUE]
    missed = judged([truth(), later], [alarm(200.0)])
    assert [one.verdict for one in missed.judged] == [Verdict.TRUE, Verdict.MISSED]


ALARMS = st.lists(
    st.builds(
        alarm,
        st.floats(0, 6000).map(lambda at_s: round(at_s, 1)),
        st.sampled_from(Level),
        asset=st.sampled_from(["vc-07", "vc-08"]),
        hazard=st.sampled_from([Hazard.GAS, Hazard.FLOOD]),
    ),
    max_size=6,
    unique_by=lambda one: one.occurrence,
)


def precision(judgement) -> float:
    called = judgement.true_alarms + judgement.early_alarms + len(judgement.false)
    return judgement.true_alarms / called if called else 1.0


@given(ALARMS, st.floats(5000, 9000))
def test_a_false_alarm_more_never_makes_anything_better(alarms, at_s):
    before = judged([truth()], alarms)
    after = judged([truth()], [*alarms, alarm(at_s, name="one more")])
    assert len(after.false) == len(before.false) + 1
    assert precision(after) <= precision(before)
    assert only(after).verdict is only(before).verdict


@given(ALARMS)
def test_every_alarm_is_counted_once(alarms):
    judgement = judged([truth()], alarms)
    counted = judgement.true_alarms + judgement.early_alarms + judgement.side_alarms
    assert counted + len(judgement.false) == len(alarms)


@given(ALARMS)
def test_the_order_in_which_alarms_are_told_changes_nothing(alarms):
    forth, back = judged([truth()], alarms), judged([truth()], alarms[::-1])
    assert sorted(map(repr, forth.false)) == sorted(map(repr, back.false))
    assert only(forth).verdict is only(back).verdict
    assert only(forth).delay_s == only(back).delay_s


@given(ALARMS, ALARMS)
def test_recall_never_falls_with_more_alarms_unless_by_a_guess(alarms, more):
    known = {one.occurrence for one in alarms}
    fresh = [one for one in more if one.occurrence not in known]
    before, after = only(judged([truth()], alarms)), only(judged([truth()], [*alarms, *fresh]))
    assert after.verdict.caught >= before.verdict.caught
