"""However the input is cut, and wherever the process dies, the same is said once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.detector.core import baseline
from services.detector.core.admission import OUTCOMES
from services.detector.core.state import dump, load
from shared.domain.event import EventKind
from tests.support.detector_city import city, told, watch
from tests.support.detector_story import in_portions, morning


@pytest.fixture(autouse=True)
def opinions_come_early(monkeypatch):
    """A morning is too short for a real warm-up."""
    monkeypatch.setattr(baseline, "WARMUP", 12)


def undisturbed(packs):
    mind = watch()
    events, scores = in_portions(mind, packs, [])
    return mind, events, scores


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 500), st.lists(st.integers(1, 40), max_size=30))
def test_no_cut_of_the_input_changes_what_is_said(seed, cuts):
    packs = morning(seed)
    whole, events, scores = undisturbed(packs)
    other = watch()
    again, again_scores = in_portions(other, packs, cuts)

    assert {event.kind for event in events} == set(EventKind)
    assert np.isfinite(scores).any()
    assert again == events
    assert np.array_equal(again_scores, scores, equal_nan=True)
    assert dump(other, 7) == dump(whole, 7)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500), st.data())
def test_killed_anywhere_it_says_the_same_after_reading_again(seed, data):
    """The process dies after ``dies`` records; its last checkpoint stood at ``saved``."""
    packs = morning(seed)
    whole, events, _ = undisturbed(packs)
    dies = data.draw(st.integers(1, len(packs)))
    saved = data.draw(st.integers(0, dies - 1))

    first = watch()
    before, _ = in_portions(first, packs[:saved], [3, 5])
    body = dump(first, saved)
    lost, _ = in_portions(first, packs[saved:dies], [])
    restored = load(body, city(), runs_max=16)
    assert restored.position == saved
    after, _ = in_portions(restored.watch, packs[saved:], [1, 2])

    assert after[: len(lost)] == lost
    assert [event.id for event in (*before, *after)] == [event.id for event in events]
    assert restored.watch.counts == whole.counts
    assert dump(restored.watch, 0) == dump(whole, 0)


def test_every_reading_is_accounted_for():
    packs = morning(3)
    mind, _, scores = undisturbed(packs)
    assert mind.counts["read"] == sum(len(pack.sensors) for pack in packs) == scores.size
    assert mind.counts["read"] == sum(mind.counts[name] for name in OUTCOMES)
    assert all(mind.counts[name] for name in OUTCOMES)


def test_a_drill_says_what_the_real_thing_would_and_touches_nothing_of_it():
    _, real, _ = undisturbed(morning(5))
    both = watch()
    drill = both.observe(morning(5, run="drill")).events
    after = both.observe(morning(5)).events
    assert real
    assert [event.id for event in drill] == [event.id for event in real]
    assert {event.run for event in drill} == {"drill"}
    assert list(after) == real


def test_no_two_events_share_a_name():
    _, events, _ = undisturbed(morning(11))
    ids = [event.id for event in events]
    assert len(ids) == len(set(ids)) > 5
    raises = {event.id for event in events if event.kind is EventKind.RAISED}
    assert {event.occurrence for event in events} == raises


def test_the_morning_is_told_as_it_happened():
    _, events, _ = undisturbed(morning(1))
    said = told(events)
    assert ("raised", "t3-s4", "orange") in said
    assert ("unverifiable", "t3-s4", "orange") in said or ("unverifiable", "t3-s4", "red") in said
    assert any(asset == "harbour-f12" and level == "red" for _, asset, level in said)
    assert ("changed", "z2-n01", "red") in said
    assert ("cleared", "z2-n01") in {(kind, asset) for kind, asset, _ in said}
