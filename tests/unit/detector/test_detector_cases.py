"""What is said of an asset: compound rules, silence, clears, runs."""

from __future__ import annotations

import pytest

from shared.domain.event import EventKind, ReasonCode
from shared.domain.level import Level
from tests.support.detector_city import packed, told, watch

HEAD_A, HEAD_B = "harbour-f12-smoke-a", "harbour-f12-smoke-b"


def story(*records, mind=None):
    """Events of records given as (site, reading...)."""
    mind = mind or watch()
    return list(mind.observe([packed(site, *readings) for site, *readings in records]).events)


def test_one_reading_of_17_percent_oxygen_is_one_orange_event():
    (event,) = story(("t3", ("t3-s4-o2", 0, 17.0)))
    assert (event.kind, event.level, event.asset) == (EventKind.RAISED, Level.ORANGE, "t3-s4")
    assert event.occurrence == event.id
    assert event.previous is None
    (reason,) = event.reasons
    assert (reason.code, reason.value, reason.limit) == (ReasonCode.LIMIT, 17.0, 18.0)
    assert reason.source
    assert event.evidence[0].values == (17.0,)
    assert event.evidence[0].measured_at == (event.decided_at,)


def test_smoke_in_one_head_is_orange():
    assert told(story(("harbour-tower", (HEAD_A, 0, 1.0)))) == [("raised", "harbour-f12", "orange")]


@pytest.mark.parametrize(
    "agreeing",
    [(HEAD_B, 1, 0.3), ("harbour-f12-co", 1, 60.0), ("harbour-f12-temp", 1, 56.0)],
    ids=["second-head", "carbon-monoxide", "heat"],
)
def test_smoke_with_a_second_witness_is_red(agreeing):
    events = story(("harbour-tower", (HEAD_A, 0, 1.0)), ("harbour-tower", agreeing))
    assert told(events) == [("raised", "harbour-f12", "orange"), ("changed", "harbour-f12", "red")]
    compound, *others = events[1].reasons
    assert compound.code is ReasonCode.COMPOUND
    assert {reason.sensor for reason in others} == {HEAD_A, agreeing[0]}
    assert len(events[1].evidence) == 2


def test_warmth_alone_must_last_before_it_is_a_second_witness():
    warm = [("harbour-tower", ("harbour-f12-temp", s, 46.0)) for s in (1, 6, 11)]
    events = story(("harbour-tower", (HEAD_A, 0, 1.0)), *warm)
    assert told(events)[-1] == ("changed", "harbour-f12", "red")
    assert events[-1].decided_at.second == events[0].decided_at.second + 11


def test_heads_of_two_floors_do_not_add_up():
    events = story(
        ("harbour-tower", (HEAD_A, 0, 1.0)), ("harbour-tower", ("harbour-f13-smoke-a", 1, 1.0))
    )
    assert [event.level for event in events] == [Level.ORANGE, Level.ORANGE]


def test_an_upgrade_is_told_at_once_and_a_downgrade_after_its_own_patience():
    readings = [("t3-s4-ch4", 0, 1.2), ("t3-s4-ch4", 5, 3.0)]
    readings += [("t3-s4-ch4", s, 0.0) for s in range(10, 200, 10)]
    events = story(*(("t3", reading) for reading in readings))
    assert told(events) == [
        ("raised", "t3-s4", "orange"),
        ("changed", "t3-s4", "red"),
        ("cleared", "t3-s4", "red"),
    ]
    waited = events[2].decided_at - events[0].decided_at
    assert waited.total_seconds() == 130
    assert {event.occurrence for event in events} == {events[0].id}


def test_methane_with_the_fan_stopped_is_one_level_worse():
    methane = [("t3", ("t3-s4-ch4", s, 1.2)) for s in (0, 5)]
    fan = [("t3", ("t3-s2-fan", s, 0.0)) for s in (10, 45)]
    heard = [("t3", ("t3-s4-ch4", 48, 1.2))]
    back = [("t3", ("t3-s2-fan", s, 1.0)) for s in (50, 85)]
    events = story(*methane, *fan, *heard, *back)
    assert told(events) == [
        ("raised", "t3-s4", "orange"),
        ("changed", "t3-s4", "red"),
        ("changed", "t3-s4", "orange"),
    ]
    assert events[1].reasons[0].sensor == "t3-s2-fan"


def test_a_stopped_fan_alone_is_no_event():
    assert story(*(("t3", ("t3-s2-fan", s, 0.0)) for s in range(0, 300, 30))) == []


def others(*seconds):
    return [("t3", ("t3-s4-co", s, 2.0)) for s in seconds]


def test_a_sensor_in_alarm_that_falls_silent_makes_its_event_unverifiable():
    alarm = [("t3", ("t3-s4-o2", 0, 17.0))]
    events = story(*alarm, *others(30, 60, 61, 90, 400))
    assert told(events) == [("raised", "t3-s4", "orange"), ("unverifiable", "t3-s4", "orange")]
    assert (events[1].decided_at - events[0].decided_at).total_seconds() == 61
    assert events[1].reasons[0].code is ReasonCode.SILENCE


def test_hearing_it_again_goes_on_and_only_a_reading_clears():
    alarm = [("t3", ("t3-s4-o2", 0, 17.0))]
    again = [("t3", ("t3-s4-o2", 200, 17.5))]
    healthy = [("t3", ("t3-s4-o2", s, 20.9)) for s in (230, 260, 300, 360)]
    events = story(*alarm, *others(70, 150), *again, *healthy)
    assert told(events) == [
        ("raised", "t3-s4", "orange"),
        ("unverifiable", "t3-s4", "orange"),
        ("changed", "t3-s4", "orange"),
        ("cleared", "t3-s4", "orange"),
    ]


def test_a_device_whose_clock_is_ahead_silences_nobody():
    mind = watch()
    alarm = [("t3", ("t3-s4-o2", s, 17.0)) for s in range(0, 100, 5)]
    ahead = [("t3", ("t3-s4-co", s + 290, 2.0)) for s in range(0, 100, 5)]
    mixed = [record for pair in zip(ahead, alarm, strict=True) for record in pair]
    assert told(story(*mixed, mind=mind)) == [("raised", "t3-s4", "orange")]


def test_a_second_sensor_still_heard_keeps_the_event_verified():
    both = [("t3", ("t3-s4-o2", 0, 17.0), ("t3-s4-ch4", 0, 1.2))]
    methane = [("t3", ("t3-s4-ch4", s, 1.2)) for s in range(10, 300, 10)]
    assert told(story(*both, *methane)) == [("raised", "t3-s4", "orange")]


def test_what_is_too_old_to_wake_anybody_raises_nothing():
    mind = watch()
    assert not mind.observe([packed("t3", ("t3-s4-o2", 0, 15.0), historical=True)]).events
    assert mind.counts["scored"] == 1
    assert mind.observe([packed("t3", ("t3-s4-o2", 5, 15.0))]).events


def test_gas_and_water_of_one_section_are_two_events():
    level = [("t3", ("t3-s4-level", s, 1.2)) for s in (0, 20)]
    events = story(("t3", ("t3-s4-o2", 0, 17.0)), *level)
    assert {(event.hazard.value, event.level) for event in events} == {
        ("gas", Level.ORANGE),
        ("flood", Level.ORANGE),
    }


def test_the_oldest_drill_makes_room_and_the_real_city_never_does():
    mind = watch(runs_max=3)
    raised = 0
    for number, run in enumerate(["", "one", "two", "three", "four"]):
        record = packed("t3", ("t3-s4-o2", 0, 17.0), run=run, received_at_us=number + 1)
        raised += len(mind.observe([record]).events)
    assert raised == 5
    assert set(mind.roster.heard) == {"", "three", "four"}
    assert len(mind.roster.owners) == 3
    assert {case.run for case in mind.cases.cases()} == {"", "three", "four"}
    again = packed("t3", ("t3-s4-o2", 0, 17.0), run="", received_at_us=99)
    mind.observe([again])
    assert mind.counts["duplicate"] == 1
    mind.observe([packed("t3", ("t3-s4-o2", 0, 17.0), run="one", received_at_us=100)])
    assert mind.counts["scored"] == 6


def test_a_run_that_begins_within_a_batch_evicts_only_then():
    one, two = watch(runs_max=2), watch(runs_max=2)
    records = [
        packed("t3", ("t3-s4-o2", s, 17.0), run=run, received_at_us=s + 1)
        for s, run in enumerate(["a", "b", "a", "c", "b", "c"])
    ]
    whole = one.observe(records).events
    single = [event for record in records for event in two.observe([record]).events]
    assert list(whole) == single
    assert one.counts == two.counts
    assert one.counts["scored"] == 6


def test_a_baseline_surprise_is_blue_and_says_what_is_usual():
    mind = watch()
    calm = [("ps1", ("ps1-loop-current", s, 2.0 + 0.01 * (s % 3))) for s in range(250)]
    assert story(*calm, mind=mind) == []
    wild = [("ps1", ("ps1-loop-current", 250 + s, 9.0)) for s in range(6)]
    (event,) = story(*wild, mind=mind)
    assert (event.level, event.hazard.value, event.detector) == (
        Level.BLUE,
        "machine",
        "baseline/1",
    )
    assert event.reasons[0].code is ReasonCode.BASELINE
    (shown,) = event.evidence
    assert shown.expected_low < 2.0 < shown.expected_high < 9.0
    assert 0.5 < event.likelihood <= 0.6
