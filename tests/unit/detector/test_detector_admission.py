"""Every reading has one outcome, and it is the same wherever the input was cut."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.detector.core.admission import OUTCOMES, admit
from services.detector.core.bank import PRINTS, TRAIL
from services.detector.core.batches import gather
from services.detector.core.rounds import rounds
from tests.support.detector_city import NOON_US, packed, watch

A, B = "t3-s4-o2", "t3-s4-ch4"


def outcomes(*records):
    mind = watch()
    for record in records:
        mind.observe([record])
    assert mind.counts["read"] == sum(mind.counts[name] for name in OUTCOMES)
    return {name: mind.counts[name] for name in OUTCOMES if mind.counts[name]}


def test_equal_time_and_value_seen_before_is_a_duplicate():
    assert outcomes(packed("t3", (A, 0, 20.9)), packed("t3", (A, 0, 20.9))) == {
        "scored": 1,
        "duplicate": 1,
    }


def test_equal_time_with_another_value_is_late():
    assert outcomes(packed("t3", (A, 0, 20.9)), packed("t3", (A, 0, 20.8))) == {
        "scored": 1,
        "late": 1,
    }


def test_a_running_number_tells_readings_of_equal_value_apart():
    first = packed("t3", (A, 0, 20.9, 0, 7))
    assert outcomes(first, packed("t3", (A, 0, 20.9, 0, 8))) == {"scored": 1, "late": 1}
    assert outcomes(first, packed("t3", (A, 0, 20.8, 0, 7))) == {"scored": 1, "duplicate": 1}


def test_an_older_reading_is_late_the_first_time_and_a_duplicate_the_second():
    late = packed("t3", (A, 5, 20.7))
    assert outcomes(packed("t3", (A, 10, 20.9)), late, late) == {
        "scored": 1,
        "late": 1,
        "duplicate": 1,
    }


def test_a_whole_redelivered_window_is_recognised():
    window = [packed("t3", (A, second, 20.9)) for second in range(PRINTS)]
    assert outcomes(*window, *window) == {"scored": PRINTS, "duplicate": PRINTS}


def test_bad_quality_is_never_scored_and_moves_time_on():
    assert outcomes(packed("t3", (A, 10, 20.9, 2)), packed("t3", (A, 5, 20.9))) == {
        "bad-quality": 1,
        "late": 1,
    }


def test_values_and_times_no_device_can_mean_are_bad():
    nonsense = [(A, 0, float("nan")), (A, 1, float("inf")), (A, 2, -1e300)]
    assert outcomes(packed("t3", *nonsense)) == {"bad-quality": 3}
    beyond = (2**63 - 1 - NOON_US) / 1e6 - 1
    record = packed("t3", (A, beyond, 20.9), (A, -NOON_US / 1e6, 20.9), (A, 0, 20.9))
    assert outcomes(record) == {"bad-quality": 2, "scored": 1}


def test_a_sensor_of_another_site_is_unknown_here():
    record = packed("t3", ("nobody", 0, 1.0), ("z1-n01-pressure", 0, 0.4), (A, 0, 20.9))
    assert outcomes(record) == {"scored": 1, "unknown-sensor": 2}


def test_a_record_without_readings_is_no_trouble():
    assert outcomes(packed("t3"), packed("t3", (A, 0, 20.9)), packed("t3")) == {"scored": 1}


class NaiveGate:
    def __init__(self):
        self.newest, self.seen = {}, {}

    def judge(self, sensor, at, value, quality, seq):
        mark = (at, seq if seq >= 0 else value)
        seen = self.seen.setdefault(sensor, [])
        repeated = mark in seen[-PRINTS:]
        seen.append(mark)
        if at <= self.newest.get(sensor, -1):
            return "duplicate" if repeated else "late"
        self.newest[sensor] = at
        return "bad-quality" if quality else "scored"


READING = st.tuples(
    st.sampled_from([A, B]),
    st.integers(0, 12),
    st.sampled_from([20.0, 20.5]),
    st.sampled_from([0, 0, 0, 2]),
    st.sampled_from([-1, -1, 1, 2]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(READING, max_size=20), max_size=8))
def test_the_gate_is_exact_within_a_batch_and_across_batches(batches):
    naive, mind = NaiveGate(), watch()
    for readings in batches:
        expected = [naive.judge(*reading) for reading in readings]
        admitted = admit(mind.roster.bank, gather([packed("t3", *readings)], mind.roster))
        assert {k: n for k, n in admitted.counts.items() if n} == {
            name: expected.count(name) for name in set(expected)
        }
        assert admitted.scored.tolist() == [one == "scored" for one in expected]


@given(st.lists(st.integers(0, 6), max_size=60))
def test_no_round_names_a_sensor_twice_and_none_is_lost(rows):
    plan = rounds(np.array(rows, np.intp))
    met = []
    for first, last in plan:
        readings = plan.layout[first:last]
        assert [rows[i] for i in readings] == plan.rows[: last - first].tolist()
        assert len({rows[i] for i in readings}) == last - first
        met += readings.tolist()
    assert sorted(met) == list(range(len(rows)))
    for row in set(rows):
        order = [i for i in met if rows[i] == row]
        assert order == sorted(order)


def test_evidence_is_what_was_newest_at_the_deciding_reading():
    mind = watch()
    quiet = [packed("t3", (A, s, 20.9 - s / 1000)) for s in range(TRAIL + 5)]
    seen = mind.observe([*quiet, packed("t3", (A, 100, 17.0)), packed("t3", (A, 101, 20.9))])
    (event,) = seen.events
    (shown,) = event.evidence
    assert len(shown.values) == TRAIL
    assert shown.values[-1] == 17.0
    assert shown.values[0] == 20.9 - 6 / 1000
    assert list(shown.measured_at) == sorted(shown.measured_at)
