"""What is asked of the archive is what was put there, each reading once, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.archive import layout, playback, query, upkeep
from shared.archive.shelf import HOUR_US
from shared.errors import BadInput, StoreUnavailable
from tests.support.archived import DAY_US, keep, kept_files, shelves
from tests.support.detector_city import NOON_US, SECOND_US, city, packed

ALWAYS = {"first_us": 0, "last_us": 2**62}


def area_of(sensor: str) -> str:
    return city().assets[city().sensors[sensor].asset].area


def ask(root, *sensors, run="", **window):
    wanted = {sensor: area_of(sensor) for sensor in sensors}
    return query.read_series(root, wanted, run=run, **{**ALWAYS, **window})


def test_readings_come_back_by_moment_with_quality_and_number(tmp_path):
    keep(tmp_path, city(), [
        packed("t3", ("t3-s4-o2", 20, 20.5, 1, 7), ("t3-s4-co", 20, 3.0)),
        packed("t3", ("t3-s4-o2", 10, 20.9)),
        packed("t3", ("t3-s4-o2", 30, 0.0, 2)),
    ])  # fmt: skip
    (series,) = ask(tmp_path, "t3-s4-o2").values()
    assert (series.at_us - NOON_US).tolist() == [10 * SECOND_US, 20 * SECOND_US, 30 * SECOND_US]
    assert series.values.tolist() == [20.9, 20.5, 0.0]
    assert series.quality.tolist() == [0, 1, 2]
    assert series.seq.tolist() == [-1, 7, -1]
    assert np.isnan(series.trusted).tolist() == [False, False, True]


def test_hours_areas_and_runs_lie_apart_and_a_window_takes_only_its_part(tmp_path):
    keep(tmp_path, city(), [
        packed("t3", *(("t3-s4-o2", 1800.0 * step, 20.0 + step) for step in range(6))),
        packed("harbour-tower", ("harbour-f12-temp", 0, 22.0)),
        packed("t3", ("t3-s4-o2", 0, 1.0), run="drill"),
    ])  # fmt: skip
    shelves = {path.parent.relative_to(tmp_path).as_posix() for path in kept_files(tmp_path)}
    assert len(shelves) == 4 + 1 + 1, shelves
    assert sum(shelf.startswith("runs/drill/") for shelf in shelves) == 1
    window = {"first_us": NOON_US + 1800 * SECOND_US, "last_us": NOON_US + 5400 * SECOND_US}
    assert ask(tmp_path, "t3-s4-o2", **window)["t3-s4-o2"].values.tolist() == [21.0, 22.0, 23.0]
    assert ask(tmp_path, "t3-s4-o2", run="drill")["t3-s4-o2"].values.tolist() == [1.0]
    assert ask(tmp_path, "t3-s4-co") == {}
    assert ask(tmp_path, "t3-s4-o2", run="other") == {}
    assert query.runs_of(tmp_path) == ["drill"]


def test_several_sensors_are_asked_at_once_and_an_unknown_area_looks_in_all(tmp_path):
    keep(tmp_path, city(), [
        packed("t3", ("t3-s4-o2", 0, 20.0), ("t3-s4-co", 0, 2.0)),
        packed("harbour-tower", ("harbour-f12-temp", 0, 22.0)),
    ])  # fmt: skip
    both = ask(tmp_path, "t3-s4-o2", "harbour-f12-temp")
    assert {name: one.values.tolist() for name, one in both.items()} == {
        "t3-s4-o2": [20.0], "harbour-f12-temp": [22.0],
    }  # fmt: skip
    anywhere = query.read_series(tmp_path, {"t3-s4-co": None}, run="", **ALWAYS)
    assert anywhere["t3-s4-co"].values.tolist() == [2.0]


def test_what_was_written_twice_is_told_once_and_what_differs_is_kept(tmp_path):
    twice = [
        packed("t3", ("t3-s4-o2", 0, 20.0, 0, 1), ("t3-s4-o2", 0, 20.0, 0, 2)),
        packed("t3", ("t3-s4-o2", 0, 20.5, 0, 1), ("t3-s4-o2", 5, 20.0)),
    ]
    keep(tmp_path, city(), twice)
    keep(tmp_path, city(), twice[1:], first=1)
    keep(tmp_path, city(), [packed("t3", ("t3-s4-o2", 5, 20.0), received_at_us=NOON_US + 99)])
    assert len(kept_files(tmp_path)) == 3
    series = ask(tmp_path, "t3-s4-o2")["t3-s4-o2"]
    assert sorted(zip(series.seq.tolist(), series.values.tolist(), strict=True)) == [
        (-1, 20.0), (1, 20.0), (1, 20.5), (2, 20.0),
    ]  # fmt: skip


def test_the_same_readings_make_the_same_file(tmp_path):
    story = [packed("t3", ("t3-s4-o2", step, 20.0 + step)) for step in range(5)]
    keep(tmp_path, city(), story)
    (before,) = kept_files(tmp_path)
    keep(tmp_path, city(), story)
    assert kept_files(tmp_path) == [before]


def test_an_answer_too_large_is_refused_before_it_fills_the_memory(tmp_path):
    keep(tmp_path, city(), [packed("t3", *(("t3-s4-o2", step, 20.0) for step in range(50)))])
    with pytest.raises(BadInput, match=r"more than 49 readings.*less of it"):
        query.read_series(tmp_path, {"t3-s4-o2": None}, run="", readings_max=49, **ALWAYS)


def test_a_missing_archive_is_an_empty_one(tmp_path):
    assert ask(tmp_path / "none", "t3-s4-o2") == {}
    assert query.known_until_us(tmp_path / "none") is None


@settings(deadline=None, max_examples=15)
@given(
    st.lists(
        st.tuples(st.integers(0, 3 * 3600), st.integers(0, 3), st.integers(-1, 3)),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 5),
)
def test_in_any_portions_and_merged_or_not_the_answer_is_the_same(tmp_path_factory, told, portion):
    root = tmp_path_factory.mktemp("archive")
    packs = [packed("t3", ("t3-s4-o2", at, value, 0, seq)) for at, value, seq in told]
    for first in range(0, len(packs), portion):
        keep(root, city(), packs[first : first + portion], first=first)
    expected = sorted({(at * SECOND_US + NOON_US, seq, float(value)) for at, value, seq in told})
    for _ in range(2):
        series = ask(root, "t3-s4-o2")["t3-s4-o2"]
        rows = zip(series.at_us.tolist(), series.seq.tolist(), series.values.tolist(), strict=True)
        assert sorted(rows) == expected
        assert (np.diff(series.at_us) >= 0).all()
        for shelf in list(upkeep.shelves(root)):
            upkeep.merge(root, shelf)
    assert len(kept_files(root)) == len({at // HOUR_US for at, _, _ in expected})


def test_merging_waits_until_an_hour_is_quiet_or_has_many_files(tmp_path):
    for step in range(3):
        keep(tmp_path, city(), [packed("t3", ("t3-s4-o2", step, 20.0))], first=step)
    (shelf,) = upkeep.shelves(tmp_path)
    assert not upkeep.is_crowded(shelf, now_us=NOON_US)
    assert upkeep.is_crowded(shelf, now_us=NOON_US + 2 * upkeep.SETTLED_US)
    assert upkeep.merge(tmp_path, shelf) == 2
    assert upkeep.merge(tmp_path, shelf) == 0
    assert upkeep.is_done(shelf, now_us=NOON_US + 2 * upkeep.SETTLED_US)


def test_whole_hours_go_when_they_are_too_old_and_late_news_keeps_one(tmp_path):
    late = NOON_US + 50 * DAY_US
    keep(tmp_path, city(), [
        packed("t3", ("t3-s4-o2", 0, 20.0)),
        packed("harbour-tower", ("harbour-f12-temp", 0, 22.0)),
        packed("t3", ("t3-s4-o2", 7200, 20.0), received_at_us=late),
        packed("t3", ("t3-s4-o2", 0, 20.0), run="drill"),
    ])  # fmt: skip

    def expire(days: float) -> int:
        now_us = NOON_US + round(days * DAY_US)
        return upkeep.expire(tmp_path, now_us=now_us, keep_us=10 * DAY_US, keep_runs_us=DAY_US)

    assert expire(0.5) == 0
    assert expire(2) == 1, "the drill's hour"
    assert not (tmp_path / "runs" / "drill").exists()
    assert expire(11) == 1, "one hour with two areas"
    assert ask(tmp_path, "t3-s4-o2")["t3-s4-o2"].at_us.tolist() == [NOON_US + 7200 * SECOND_US]
    assert expire(61) == 1
    assert not kept_files(tmp_path)


def test_a_broken_file_is_named_by_who_reads_and_left_alone_by_who_merges(tmp_path):
    for step in range(3):
        keep(tmp_path, city(), [packed("t3", ("t3-s4-o2", step, 20.0))], first=step)
    broken = kept_files(tmp_path)[1]
    broken.write_bytes(b"PAR1 half a file")
    with pytest.raises(StoreUnavailable, match=broken.name):
        ask(tmp_path, "t3-s4-o2")
    with pytest.raises(StoreUnavailable, match=broken.name):
        list(playback.records(tmp_path, run="", span=playback.Span()))
    shelves(tmp_path).keep_up(NOON_US + DAY_US)
    assert len(kept_files(tmp_path)) == 3


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_any_name_of_a_run_is_a_folder_of_its_own_below_the_archive(one, other):
    names = [layout.safe(name) for name in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    for name in names:
        assert name not in {"", ".", ".."}
        assert "/" not in name
        assert not name.startswith(".")
        assert len(name.encode()) <= 255
