"""The laws of the ladder, by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.core.escalation import MOVES, advance
from services.alerts.core.happenings import (
    Acknowledged,
    DeliveryFailed,
    Exhausted,
    Notify,
    Resolved,
    StandDown,
    TimePassed,
    arrived,
)
from services.alerts.core.opening import receive
from services.alerts.core.policy import DEFAULT
from shared.domain.incident import Incident, Phase, Resolution, Why
from shared.domain.level import Level
from shared.errors import IllegalMove
from tests.support.make_events import MORNING, changed, cleared, raised, unverifiable

LEVELS = st.sampled_from(list(Level))


def opened(level: Level = Level.RED):
    outcome = receive(None, raised(level=level), now=MORNING, policy=DEFAULT)
    assert outcome is not None
    return outcome


def look(incident: Incident, minutes: float):
    now = MORNING + timedelta(minutes=minutes)
    return advance(incident, TimePassed(), now=now, policy=DEFAULT)


def looks(incident: Incident, minutes: list[float]):
    effects = []
    for at in minutes:
        incident, more = look(incident, at)
        effects += more
    return incident, effects


def unversioned(incident: Incident) -> Incident:
    return replace(incident, version=0, changed_at=MORNING)


def steps_called(effects) -> list[tuple[int, int]]:
    return [
        (one.round, one.step) for one in effects if isinstance(one, Notify) and not one.reminder
    ]


@given(LEVELS, st.lists(st.integers(0, 2000), min_size=1, max_size=30))
def test_how_often_we_look_never_changes_what_we_do(level, minutes):
    incident, _ = opened(level)
    minutes = sorted(minutes)

    often, many = looks(incident, minutes)
    once, one = looks(incident, [minutes[-1]])

    assert unversioned(often) == unversioned(once)
    assert steps_called(many) == steps_called(one)
    assert [e for e in many if isinstance(e, Exhausted)] == [
        e for e in one if isinstance(e, Exhausted)
    ]
    reminders = [e for e in many if isinstance(e, Notify) and e.reminder]
    newest = [e for e in one if isinstance(e, Notify) and e.reminder]
    assert newest == reminders[-1:], "one late look gives the newest reminder, not all it missed"


@given(LEVELS, st.lists(st.integers(0, 2000), max_size=60))
def test_no_step_calls_twice_and_no_reminder_is_given_twice(level, minutes):
    incident, first = opened(level)
    _, later = looks(incident, sorted(minutes))

    calls = [one for one in (*first, *later) if isinstance(one, Notify)]
    told = [(one.round, one.step, one.reminder) for one in calls]
    assert len(told) == len(set(told))
    assert told, "the opening itself calls"


def happenings_of(event):
    return st.one_of(
        st.builds(TimePassed),
        LEVELS.map(lambda level: arrived(changed(event, level))),
        LEVELS.map(lambda level: arrived(replace(event, level=level))),
        st.just(arrived(cleared(event))),
        st.just(arrived(unverifiable(event))),
        st.sampled_from(["li", "chen"]).map(Acknowledged),
        st.just(Resolved("li", Resolution.FIXED)),
        st.booleans().map(lambda lost: DeliveryFailed(1, 0, "Li Na", "refused", lost)),
    )


@given(st.lists(st.tuples(happenings_of(raised()), st.integers(0, 90)), max_size=40))
def test_while_somebody_should_be_called_there_is_a_next_deadline(steps):
    incident, _ = opened()
    now = MORNING
    for happening, minutes in steps:
        now += timedelta(minutes=minutes)
        try:
            incident, _ = advance(incident, happening, now=now, policy=DEFAULT)
        except IllegalMove:
            continue
        calling = incident.phase in {Phase.CALLING, Phase.UNANSWERED}
        assert (incident.next_deadline is not None) == calling
        if calling and isinstance(happening, TimePassed):
            assert incident.next_deadline > now, "a look leaves nothing due"
        assert incident.worst_level >= incident.level


@given(st.lists(st.tuples(happenings_of(raised()), st.integers(0, 90)), max_size=40))
def test_versions_only_rise_and_only_when_something_changed(steps):
    incident, _ = opened()
    now = MORNING
    for happening, minutes in steps:
        now += timedelta(minutes=minutes)
        try:
            after, _ = advance(incident, happening, now=now, policy=DEFAULT)
        except IllegalMove:
            continue
        assert after.version == incident.version + (after != incident)
        incident = after


def test_illegal_moves_raise_and_change_nothing():
    incident, _ = opened()
    closed, _ = advance(incident, Resolved("li", Resolution.FIXED), now=MORNING, policy=DEFAULT)
    kept = replace(closed)

    for act in (Acknowledged("wu"), Resolved("wu", Resolution.DRILL)):
        with pytest.raises(IllegalMove, match=r"is resolved, it cannot be .* any more"):
            advance(closed, act, now=MORNING, policy=DEFAULT)

    assert closed == kept


@pytest.mark.parametrize("phase", list(Phase))
def test_time_and_failed_deliveries_may_happen_in_every_phase(phase):
    assert (phase, TimePassed) in MOVES
    assert (phase, DeliveryFailed) in MOVES


def test_red_calls_three_heights_at_once_and_then_the_city():
    incident, first = opened(Level.RED)
    assert [one.areas for one in first] == [("community", "street", "district")]

    _, second = look(incident, 3)
    assert [one.areas for one in second] == [("city",)]


def test_nobody_answering_is_said_once_and_then_the_top_is_called_for_ever():
    incident, _ = opened(Level.RED)
    incident, effects = looks(incident, [float(minute) for minute in range(60)])

    assert effects.count(Exhausted(1)) == 1
    assert incident.phase is Phase.UNANSWERED
    reminders = [one.reminder for one in effects if isinstance(one, Notify) and one.reminder]
    assert reminders == list(range(1, len(reminders) + 1))
    assert len(reminders) == 11, "every five minutes from the sixth"


def test_an_acknowledgement_of_orange_does_not_silence_red():
    incident, _ = opened(Level.ORANGE)
    incident, _ = advance(incident, Acknowledged("li"), now=MORNING, policy=DEFAULT)
    assert incident.next_deadline is None

    risen = arrived(changed(raised(), Level.RED))
    incident, effects = advance(incident, risen, now=MORNING, policy=DEFAULT)

    assert incident.phase is Phase.CALLING
    assert incident.acknowledged_by is None
    assert [(one.round, one.why, one.level) for one in effects] == [(2, Why.RAISED, Level.RED)]


def test_a_fall_and_a_return_to_the_acknowledged_level_call_nobody():
    incident, _ = opened(Level.ORANGE)
    incident, _ = advance(incident, Acknowledged("li"), now=MORNING, policy=DEFAULT)
    for level in (Level.YELLOW, Level.ORANGE):
        event = arrived(changed(raised(), level))
        incident, effects = advance(incident, event, now=MORNING, policy=DEFAULT)
        assert effects == ()

    assert incident.phase is Phase.ACKNOWLEDGED
    assert incident.level is Level.ORANGE


def test_whoever_acts_on_a_version_before_the_rise_is_refused():
    incident, _ = opened(Level.ORANGE)
    risen, _ = advance(incident, arrived(changed(raised(), Level.RED)), now=MORNING, policy=DEFAULT)

    with pytest.raises(IllegalMove, match="has become red since version 1"):
        advance(risen, Acknowledged("li", version=incident.version), now=MORNING, policy=DEFAULT)
    acked, _ = advance(risen, Acknowledged("li", version=2), now=MORNING, policy=DEFAULT)
    assert acked.phase is Phase.ACKNOWLEDGED


def test_a_clear_stops_the_calls_and_still_needs_a_person():
    incident, _ = opened()
    incident, effects = advance(incident, arrived(cleared(raised())), now=MORNING, policy=DEFAULT)

    assert (incident.phase, incident.present, incident.open) == (Phase.RETURNED, False, True)
    assert effects == (StandDown(Why.RETURNED),)
    assert incident.next_deadline is None


def test_a_hazard_that_comes_back_is_called_anew():
    incident, _ = opened(Level.ORANGE)
    incident, _ = advance(incident, Acknowledged("li"), now=MORNING, policy=DEFAULT)
    incident, _ = advance(incident, arrived(cleared(raised())), now=MORNING, policy=DEFAULT)
    later = MORNING + timedelta(hours=1)
    again = raised(level=Level.YELLOW, at=later)
    incident, effects = advance(incident, arrived(again), now=later, policy=DEFAULT)

    assert incident.phase is Phase.CALLING
    assert [one.why for one in effects] == [Why.REOPENED]
    assert incident.round_level is Level.YELLOW


def test_lost_data_keep_it_open_and_marked_until_real_data_come():
    incident, _ = opened()
    before = incident.next_deadline
    incident, effects = advance(
        incident, arrived(unverifiable(raised())), now=MORNING, policy=DEFAULT
    )
    assert (incident.phase, incident.verified, effects) == (Phase.CALLING, False, ())
    assert incident.next_deadline == before

    seen, _ = advance(incident, arrived(changed(raised(), Level.RED)), now=MORNING, policy=DEFAULT)
    assert seen.verified


def test_a_second_acknowledgement_by_the_same_person_changes_nothing():
    incident, _ = opened()
    once, _ = advance(incident, Acknowledged("li"), now=MORNING, policy=DEFAULT)
    twice, effects = advance(once, Acknowledged("li"), now=MORNING, policy=DEFAULT)
    assert (twice, effects) == (once, ())

    other, _ = advance(once, Acknowledged("wu"), now=MORNING, policy=DEFAULT)
    assert other.acknowledged_by == "wu"


def test_when_a_whole_step_cannot_be_reached_the_ladder_does_not_wait():
    incident, _ = opened(Level.ORANGE)
    failed = DeliveryFailed(1, 0, "Li Na", "refused", step_lost=True)
    incident, effects = advance(incident, failed, now=MORNING, policy=DEFAULT)
    assert steps_called(effects) == [(1, 1)]

    same, none = advance(incident, failed, now=MORNING, policy=DEFAULT)
    assert (same, none) == (incident, ()), "an old step's failure is no news"
