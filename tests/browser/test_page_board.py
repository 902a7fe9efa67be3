"""The board's law in the browser that runs it: late = early, and the same as the service's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from services.alerts.core import board as core
from tests.support.browsing import OpenPage
from tests.support.fake_alerts_api import FakeAlerts

SEEDS = range(300)
LEVELS = ("blue", "yellow", "orange", "red")

LATE_AND_EARLY = """
async (stories) => {
  const board = await import(new URL('static/js/board.js', document.baseURI));
  const open = (b) => board.openCards(b).map((c) => [c.id, c.sequence, c.level]).sort();
  return stories.map(({changes, snapshot, from, again}) => {
    const late = changes.filter((c) => c.sequence > snapshot.sequence)
      .reduce(board.applyChange, board.applySnapshot(board.emptyBoard(), snapshot));
    let early = changes.slice(0, from).reduce(board.applyChange, board.emptyBoard());
    early = board.applySnapshot(early, snapshot);
    early = changes.slice(Math.min(from, snapshot.sequence)).reduce(board.applyChange, early);
    early = again.reduce((b, i) => board.applyChange(b, changes[i]), early);
    early = board.applySnapshot(early, snapshot);
    return {late: open(late), early: open(early), sequences: [late.sequence, early.sequence]};
  });
}
"""


class Seen:
    """What the service's board needs of a card."""

    def __init__(self, card: dict[str, Any]) -> None:
        self.id: str = card["id"]
        self.sequence: int = card["sequence"]
        self.phase: str = card["phase"]
        self.level: str = card["level"]


def story(seed: int) -> dict[str, Any]:
    """Random changes of a few incidents and a list read somewhere between them."""
    rng = np.random.default_rng(seed)
    changes = [
        {
            "id": f"i{rng.integers(5)}-{int(at) // 12}",
            "sequence": int(at),
            "level": LEVELS[rng.integers(4)],
            "phase": "resolved" if rng.random() < 0.3 else "calling",
            "exercise": False,
            "opened_at": "2026-11-23T08:00:00Z",
            "changed_at": "2026-11-23T08:00:00Z",
            "resolved_at": None,
        }
        for at in range(1, 1 + int(rng.integers(3, 40)))
    ]
    at = int(rng.integers(0, len(changes) + 1))
    known = {change["id"]: change for change in changes[:at]}
    listed = [card for card in known.values() if card["phase"] != "resolved"]
    return {
        "changes": changes,
        "snapshot": {"incidents": listed, "sequence": at},
        "from": int(rng.integers(0, len(changes) + 1)),
        "again": [int(i) for i in rng.integers(0, len(changes), size=5)],
    }


def by_the_service(told: dict[str, Any]) -> list[list[Any]]:
    snapshot = told["snapshot"]
    board = core.snapshot(snapshot["sequence"], [Seen(card) for card in snapshot["incidents"]])
    for change in told["changes"]:
        board = core.apply(board, Seen(change))
    return sorted([c.id, c.sequence, c.level] for c in board.cards.values())  # type: ignore[attr-defined]


@pytest.fixture
def page(server: FakeAlerts, open_page: OpenPage) -> Page:
    return open_page(server.url)


def test_late_is_early_and_both_are_what_the_service_holds(page: Page) -> None:
    stories = [story(seed) for seed in SEEDS]
    answers = page.evaluate(LATE_AND_EARLY, stories)
    mixed = 0
    for told, answer in zip(stories, answers, strict=True):
        assert answer["late"] == answer["early"]
        assert answer["late"] == by_the_service(told)
        assert answer["sequences"] == [len(told["changes"])] * 2
        mixed += bool(answer["late"]) and 0 < told["snapshot"]["sequence"] < len(told["changes"])
    assert mixed > 100


def test_an_old_change_leaves_the_very_same_board(page: Page) -> None:
    assert page.evaluate(
        """async () => {
          const at = new URL('static/js/board.js', document.baseURI);
          const {applyChange, emptyBoard} = await import(at);
          const card = {id: 'a', sequence: 4, phase: 'calling', level: 'red'};
          const once = applyChange(emptyBoard(), card);
          const older = {...card, sequence: 3};
          const unmoved = applyChange(once, card) === once && applyChange(once, older) === once;
          return unmoved && once.sequence === 4 && emptyBoard().cards.size === 0;
        }"""
    )


def test_a_held_card_and_all_above_it_stay_and_nobody_is_lost(page: Page) -> None:
    counted = page.evaluate(
        """async () => {
          const {arrange} = await import(new URL('static/js/board.js', document.baseURI));
          let checked = 0;
          let seed = 7;
          const chance = (n) => (seed = (seed * 48271) % 2147483647) % n;
          for (let round = 0; round < 500; round += 1) {
            const ids = [...Array(12).keys()].map(String).sort(() => chance(3) - 1);
            const shown = ids.slice(0, 3 + chance(6));
            const wanted = ids.filter(() => chance(4)).sort(() => chance(3) - 1);
            const held = shown[chance(shown.length)];
            const got = arrange(shown, wanted, held);
            const same = (a, b) => a.join() === b.join();
            if (!same([...got].sort(), [...wanted].sort())) return `lost ${got} ${wanted}`;
            if (!wanted.includes(held)) continue;
            const above = shown.slice(0, shown.indexOf(held) + 1);
            const alive = above.filter((id) => wanted.includes(id));
            if (!same(got.slice(0, alive.length), alive)) return `moved ${got} ${alive}`;
            if (!same(arrange(shown, wanted, null), wanted)) return 'a free list is not as wanted';
            checked += 1;
          }
          return checked;
        }"""
    )
    assert counted > 200


def test_axes_figures_and_rates_are_right_about_known_curves(page: Page) -> None:
    got = page.evaluate(
        """async () => {
          const at = (name) => import(new URL(`static/js/${name}.js`, document.baseURI));
          const [{ticks, timeTicks, span}, {rate}, format] =
            await Promise.all([at('scale'), at('figures'), at('format')]);
          const points = [...Array(30).keys()].map((i) =>
            [new Date(1e12 + i * 10000).toISOString(), 2 + 0.05 * i]);
          const evidence = {points, expected_low: null, expected_high: null,
            limits: [{level: 'orange', value: 3}, {level: 'red', value: 90}]};
          const shown = span(evidence);
          return {
            ticks: ticks(0, 1, 4), negative: ticks(-0.3, 0.3, 3),
            times: timeTicks(0, 600000, 5).length,
            rate: rate(evidence), beyond: [...shown.beyond].map((l) => l.value),
            covers: shown.low <= 2 && shown.high >= 3.45,
            flat: rate({points: points.slice(0, 2)}),
            words: [format.amount(-0.034, 'ch4'), format.minutes(485), format.minutes(3725),
                    format.age(42 * 60), format.plain(19.5), format.thousands(3412)],
          };
        }"""
    )
    assert got["ticks"] == [0, 0.25, 0.5, 0.75, 1]
    assert got["negative"] == [-0.2, 0, 0.2]
    assert got["times"] == 6
    assert got["rate"]["perMinute"] == pytest.approx(0.3)
    assert got["beyond"] == [90]
    assert got["covers"]
    assert got["flat"] is None
    assert got["words"] == ["−0.03", "8:05", "1:02:05", "42 min", "19.5", "3,412"]
