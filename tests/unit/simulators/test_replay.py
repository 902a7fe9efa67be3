"""Recordings: columns become sensors, bad rows are named and skipped, wrong mappings refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import BadInput
from shared.registry.load import load_registry
from simulators.main import Summary, bound_of
from simulators.replay.mapping import BadMapping, bundled_mappings
from simulators.replay.recording import PACK_READINGS_MAX, Recording, Window

ZERO = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = load_registry()
WIDE = """
name: wide
delimiter: ";"
skip_rows: 1
time: {column: t, unit: s}
start: 2026-03-01T00:00:00Z
columns:
  - {column: [smoke, od], sensor: harbour-f23-smoke-a, unit: 1/m}
  - {column: warm, sensor: harbour-f23-temp, unit: degF}
"""


def record(folder: Path, text: str, mapping: str | None = None, *, start=None) -> Recording:
    source = folder / "recording.csv"
    source.write_text(text, encoding="utf-8")
    path = None
    if mapping is not None:
        path = folder / "mapping.yaml"
        path.write_text(mapping)
    return Recording(source, REGISTRY, mapping=path, start=start)


def played(recording: Recording, window: Window | None = None) -> list[tuple[datetime, dict]]:
    frames = recording.frames(run="drill", window=window or Window())
    return [
        (frame.measured_at, reading)
        for frame in frames
        for reading in json.loads(frame.payload)["readings"]
    ]


def test_a_wide_recording_becomes_one_pack_a_row_with_units(tmp_path):
    text = "units here\nt;od;warm\n0;0.01;70\n2.5;0.02;71\n"
    recording = record(tmp_path, text, WIDE)
    frames = list(recording.frames(run="drill", window=Window()))
    assert [json.loads(frame.payload) for frame in frames] == [
        {
            "measured_at": moment,
            "readings": [
                {"sensor": "harbour-f23-smoke-a", "value": od, "unit": "1/m"},
                {"sensor": "harbour-f23-temp", "value": warm, "unit": "degF"},
            ],
            "run": "drill",
        }
        for moment, od, warm in (
            ("2026-03-01T00:00:00.000Z", 0.01, 70.0),
            ("2026-03-01T00:00:02.500Z", 0.02, 71.0),
        )
    ]
    assert frames[0].topic == "tocsin/v1/dongmen-harbour/harbour-tower/_"
    assert recording.skipped.count == 0


def test_bad_rows_are_named_by_line_counted_and_skipped_and_the_rest_is_played(tmp_path):
    text = (
        "units\nt;od;warm\n0;0.01;70\nsoon;1;1\n2;x;71\n4;0.03\n6;nan;inf\n8;;72\n"
        "1e99;1;1\n\n10;0.05;74\n"
    )
    recording = record(tmp_path, text, WIDE)
    moments = [(moment - ZERO).total_seconds() for moment, _ in played(recording)]
    assert moments == [0, 0, 2, 8, 10, 10]
    assert recording.skipped.count == 6
    assert recording.skipped.empty == 1
    assert recording.skipped.faults == [
        "line 4: t 'soon' is no time in s",
        "line 5: harbour-f23-smoke-a 'x' is not a number",
        "line 6: has 2 cells of 3; is it cut off?",
        "line 7: harbour-f23-smoke-a 'nan' is not a number",
        "line 7: harbour-f23-temp 'inf' is not a number",
        "line 9: t '1e99' is no time in s",
    ]


def test_a_start_given_wins_over_the_mappings_own(tmp_path):
    later = datetime(2027, 1, 1, tzinfo=UTC)
    recording = record(tmp_path, "u\nt;od;warm\n5;0;70\n", WIDE, start=later)
    assert {moment for moment, _ in played(recording)} == {later + timedelta(seconds=5)}


def test_two_replays_without_a_start_give_the_same_bytes(tmp_path):
    text = "u\nt;od;warm\n0;0;70\n1;0.1;71\n"
    once, again = (
        list(record(tmp_path, text, WIDE).frames(run="r", window=Window())) for _ in range(2)
    )
    assert once == again != []


@pytest.mark.parametrize(("first", "last", "kept"), [
    (None, None, [0, 1, 2, 3]), ("1", "2", [1, 2]), ("2026-03-01T00:00:02Z", None, [2, 3]),
    (None, "0", [0]),
])  # fmt: skip
def test_a_window_is_seconds_or_moments(tmp_path, first, last, kept):
    text = "u\nt;od;warm\n" + "".join(f"{n};0;70\n" for n in range(4))
    window = Window(bound_of(first, "--from"), bound_of(last, "--to"))
    moments = {moment for moment, _ in played(record(tmp_path, text, WIDE), window)}
    assert sorted((moment - ZERO).total_seconds() for moment in moments) == kept


def test_a_window_that_is_neither_is_refused():
    with pytest.raises(BadInput, match="--from 'noon'"):
        bound_of("noon", "--from")


def test_every_keeps_one_reading_in_so_many_seconds(tmp_path):
    text = "u\nt;od;warm\n" + "".join(f"{n};0;70\n" for n in range(10))
    recording = record(tmp_path, text, WIDE + "every_s: 4\n")
    moments = {(moment - ZERO).total_seconds() for moment, _ in played(recording)}
    assert sorted(moments) == [0, 4, 8]


LONG = """
name: long
time: {column: at, unit: ms}
start: 2026-03-01T00:00:00Z
long:
  key: instrument
  value: ppm
  unit: ppm
  filter: {test: b}
  sensors: {X1: t3-s1-co, X2: t3-s2-co}
"""


def test_a_long_recording_is_filtered_and_put_in_order_of_time(tmp_path):
    text = (
        "test,at,instrument,ppm\na,0,X1,9\nb,0,X1,1\nb,2000,X1,2\nb,0,X2,3\nb,1000,X2,4\nb,0,X9,5\n"
    )
    recording = record(tmp_path, text, LONG)
    seen = [((m - ZERO).total_seconds(), r["sensor"], r["value"]) for m, r in played(recording)]
    assert seen == [
        (0, "t3-s1-co", 1.0), (0, "t3-s2-co", 3.0), (1, "t3-s2-co", 4.0), (2, "t3-s1-co", 2.0),
    ]  # fmt: skip


def test_tocsins_own_form_needs_no_mapping(tmp_path):
    text = (
        "time,sensor,value,unit,quality\n"
        "2026-03-01T00:00:01Z,t3-s1-co,12,ppm,good\n"
        "1772323200,t3-s1-o2,20.9,,uncertain\n"
        "1772323202000,t3-s1-co,10,mg/m3,\n"
        "2026-03-01T00:00:03,nobody,1,,\n"
        "2026-03-01T00:00:03Z,t3-s1-co,1,bar,\n"
        "2026-03-01T00:00:03Z,t3-s1-co,1,,splendid\n"
        "yesterday,t3-s1-co,1,,\n"
    )
    recording = record(tmp_path, text)
    seen = [((m - ZERO).total_seconds(), r) for m, r in played(recording)]
    assert seen == [
        (0, {"sensor": "t3-s1-o2", "value": 20.9, "quality": "uncertain"}),
        (1, {"sensor": "t3-s1-co", "value": 12.0, "unit": "ppm"}),
        (2, {"sensor": "t3-s1-co", "value": 10.0, "unit": "mg/m3"}),
    ]
    assert recording.mapping.name == "tocsin"
    assert [fault.split(":")[0] for fault in recording.skipped.faults] == [
        "line 5", "line 6", "line 7", "line 8",
    ]  # fmt: skip


def test_own_moments_are_moved_to_a_start_that_is_given(tmp_path):
    text = "time,sensor,value\n2020-01-01T00:00:10Z,t3-s1-co,1\n2020-01-01T00:00:40Z,t3-s1-co,2\n"
    moments = [moment for moment, _ in played(record(tmp_path, text, start=ZERO))]
    assert moments == [ZERO, ZERO + timedelta(seconds=30)]


def test_more_readings_of_one_moment_than_a_pack_holds_go_out_as_several(tmp_path):
    rows = "".join(f"0,t3-s1-co,{n}\n" for n in range(PACK_READINGS_MAX + 5))
    recording = record(tmp_path, "time,sensor,value\n" + rows)
    frames = list(recording.frames(run="r", window=Window()))
    assert [frame.readings for frame in frames] == [PACK_READINGS_MAX, 5]


def test_a_wrong_mapping_is_told_every_fault_at_once(tmp_path):
    wrong = """
name: wrong
time: {column: seconds, unit: s}
columns:
  - {column: a, sensor: nobody-1, unit: bar}
  - {column: nothere, sensor: harbour-f23-temp, unit: bar}
  - {column: a, sensor: harbour-f23-temp}
"""
    with pytest.raises(BadMapping) as caught:
        record(tmp_path, "t,a\n0,1\n", wrong)
    told = "\n".join(caught.value.lines)
    for word in ("no column seconds", "no column nothere", "nobody-1 is not in the registry",
                 "harbour-f23-temp measures temperature, never in bar", "given two columns",
                 "start is not set"):  # fmt: skip
        assert word in told, f"{word} is missing in\n{told}"


def test_a_mapping_of_the_wrong_shape_is_told_every_fault_at_once(tmp_path):
    wrong = "name: x\ntime: {column: t, unit: hours}\ndelimiter: long\nfoo: 1\n"
    with pytest.raises(BadMapping) as caught:
        record(tmp_path, "t,a\n0,1\n", wrong)
    told = "\n".join(caught.value.lines)
    assert all(word in told for word in ("time.unit", "delimiter", "foo"))


@pytest.mark.parametrize(("text", "why"), [
    ("", "is empty"), ("a,b\n1,2\n", r"no bundled mapping fits .*--mapping FILE"),
    ("\x00\x01\xff", "no bundled mapping fits"),
])  # fmt: skip
def test_a_recording_nobody_knows_is_refused_in_one_line(tmp_path, text, why):
    with pytest.raises(BadInput, match=why) as caught:
        record(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_missing_recording_and_a_strange_one_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        Recording(tmp_path / "none.csv", REGISTRY, mapping=None, start=None)
    with pytest.raises(BadInput, match=r"no \.csv or \.parquet file"):
        Recording(tmp_path / "x.xlsx", REGISTRY, mapping=None, start=None)


def test_every_bundled_mapping_names_sensors_of_the_demo_city_in_units_they_know():
    for mapping in bundled_mappings():
        header = [mapping.time.column]
        if mapping.long:
            header += [mapping.long.key, mapping.long.value, *mapping.long.filter]
        header += [entry.column[-1] for entry in mapping.columns]
        assert mapping.faults(header, REGISTRY, started=False) == []
    assert len(bundled_mappings()) >= 5


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=30),
        max_size=20,
    )
)
def test_no_rubbish_stops_a_replay(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("rubbish")
    text = "time,sensor,value\n0,t3-s1-co,1\n" + "\n".join(lines) + "\n9,t3-s1-co,2\n"
    recording = record(folder, text)
    values = [reading["value"] for _, reading in played(recording)]
    open_quote = any('"' in line for line in lines)
    assert 1.0 in values
    assert open_quote or 2.0 in values


def test_a_summary_says_what_was_left_out():
    summary = Summary(3, 9, 120, 1.5, 0, ("line 2: 'x' is not a number",))
    assert str(summary) == (
        "sent 9 readings in 3 frames, 1.5 s; skipped 120:\n"
        "  - line 2: 'x' is not a number\n  - and 119 more"
    )
