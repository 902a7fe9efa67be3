"""The live feed: joining late shows what watching showed, slow readers hold up nobody."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.core.board import apply, snapshot
from services.alerts.ports import Change
from services.alerts.shell.hub import Beat, KeepAlive, Reset
from services.alerts.web.feed import frame
from tests.support.alerts_bench import Bench, open_ledger
from tests.support.make_events import MORNING, cleared, raised


@dataclass(frozen=True)
class Shown:
    id: str
    sequence: int
    phase: str


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from(["calling", "acknowledged", "resolved"])
        ),
        max_size=40,
    ),
    st.data(),
)
def test_late_equals_early(moves, data):
    """Whenever somebody joins, and however much they see twice, they end with the same board."""
    changes = [Shown(ident, n, phase) for n, (ident, phase) in enumerate(moves, start=1)]
    joined = data.draw(st.integers(0, len(changes)))
    overlap = data.draw(st.integers(0, joined))

    early = snapshot(0, [])
    for change in changes:
        early = apply(early, change)
    half = snapshot(0, [])
    for change in changes[:joined]:
        half = apply(half, change)
    late = snapshot(half.sequence, half.cards.values())
    for change in changes[overlap:]:
        late = apply(late, change)

    assert late == early


@pytest.fixture
async def bench(tmp_path):
    async with open_ledger(f"sqlite:///{tmp_path}/alerts.sqlite") as ledger:
        yield Bench(ledger)


async def make_changes(bench: Bench, count: int, first: int = 0) -> None:
    for n in range(first, first + count):
        await bench.hear(raised(f"asset-{n}"))


async def changes_from(stream, count: int) -> list[int]:
    seen: list[int] = []
    while len(seen) < count:
        item = await asyncio.wait_for(anext(stream), 5)
        if isinstance(item, Change):
            seen.append(item.sequence)
    return seen


async def attached(hub, after):
    """A reader that has caught up, waiting for what comes live."""
    stream = hub.follow(after)
    assert isinstance(await anext(stream), Beat)
    return stream


@pytest.mark.parametrize("after", [0, 3, 5])
async def test_a_reader_gets_the_log_and_then_what_comes_live_once_and_in_order(bench, after):
    hub = bench.hub()
    await make_changes(bench, 5)
    await hub.pump()
    stream = await attached(hub, after)
    reading = asyncio.create_task(changes_from(stream, 9 - after))
    await asyncio.sleep(0)
    await make_changes(bench, 4, first=5)
    await hub.pump()

    assert await reading == list(range(after + 1, 10))
    await stream.aclose()


async def test_changes_made_while_a_reader_catches_up_are_neither_lost_nor_doubled(bench):
    hub = bench.hub()
    await make_changes(bench, 3)
    await hub.pump()
    stream = await attached(hub, 0)
    assert await changes_from(stream, 1) == [1]
    await make_changes(bench, 3, first=3)
    await hub.pump()  # the reader is still in the middle of the log
    await make_changes(bench, 3, first=6)
    reading = asyncio.create_task(changes_from(stream, 8))
    for _ in range(20):
        await asyncio.sleep(0)
        await hub.pump()

    assert await reading == list(range(2, 10))
    await stream.aclose()


async def test_without_a_cursor_the_feed_starts_now(bench):
    hub = bench.hub()
    await make_changes(bench, 3)
    await hub.pump()
    stream = await attached(hub, None)
    reading = asyncio.create_task(changes_from(stream, 1))
    await asyncio.sleep(0.05)
    await make_changes(bench, 1, first=3)
    await hub.pump()
    assert await reading == [4]
    await stream.aclose()


@pytest.mark.parametrize("after", [0, 1, 99], ids=["pruned", "also pruned", "from the future"])
async def test_a_cursor_that_cannot_be_served_starts_over(bench, after):
    hub = bench.hub()
    await make_changes(bench, 5)
    await bench.ledger.prune(changes_kept=2)
    items = [item async for item in hub.follow(after)]
    assert items == [Reset()]


async def test_a_slow_reader_starts_over_and_the_others_see_everything(bench):
    hub = bench.hub(queue_max=4)
    await hub.pump()
    slow, quick = await attached(hub, 0), await attached(hub, 0)
    waiting = [asyncio.create_task(anext(stream)) for stream in (slow, quick)]
    await asyncio.sleep(0.05)
    seen: list[int] = []
    for n in range(8):
        await make_changes(bench, 1, first=n)
        await hub.pump()
        item = await (waiting[1] if n == 0 else anext(quick))
        seen.append(item.sequence)

    assert seen == list(range(1, 9))
    assert (await waiting[0]).sequence == 1
    assert [item async for item in slow] == [Reset()]
    await quick.aclose()


async def test_stopping_ends_every_stream_at_once(bench):
    hub = bench.hub()
    await hub.pump()
    stream = await attached(hub, 0)
    ending = asyncio.create_task(anext(stream, "ended"))
    await asyncio.sleep(0.05)
    hub.close()
    assert await asyncio.wait_for(ending, 1) == "ended"
    assert [type(item) async for item in hub.follow(0)] == [Beat]


async def test_the_hub_beats_every_two_seconds_and_says_still_here_every_fifteen(bench):
    hub = bench.hub()
    stop = asyncio.Event()
    running = asyncio.create_task(hub.run(stop))
    stream = await attached(hub, 0)
    got: list[object] = []

    async def collect():
        async for item in stream:
            got.append(item)  # noqa: PERF401 - looked at while it grows

    collecting = asyncio.create_task(collect())
    await asyncio.sleep(0.05)
    await bench.clock.advance(timedelta(seconds=17))
    await asyncio.sleep(0)
    assert [type(item) for item in got].count(Beat) == 8
    assert [type(item) for item in got].count(KeepAlive) == 1
    stop.set()
    hub.close()
    bench.bells.saved()
    await asyncio.gather(running, collecting)


async def test_an_open_board_kept_by_changes_equals_a_fresh_list(bench):
    """The page's law on the real ledger: list, then feed after its sequence."""
    event = raised("asset-0")
    await bench.hear(event)
    early = snapshot(0, [])
    page = [Shown(c["id"], c["sequence"], c["phase"]) for c in await bench.cards("open")]
    late = snapshot((await bench.ledger.span())[1], page)
    await make_changes(bench, 3, first=1)
    await bench.hear(cleared(event))
    for card in (await bench.cards("open"))[:2]:
        await bench.resolve(card["id"], "li")
    for change in await bench.ledger.changes(0, most=100):
        card = json.loads(change.card)
        shown = Shown(card["id"], card["sequence"], card["phase"])
        early, late = apply(early, shown), apply(late, shown)

    assert early == late
    assert set(early.cards) == {card["id"] for card in await bench.cards("open")}
    assert len(early.cards) == 2


def test_frames_are_what_browsers_read():
    change = Change(42, "abc", MORNING, '{"id":"abc"}')
    assert frame(change) == b'id: 42\nevent: incident\ndata: {"id":"abc"}\n\n'
    assert frame(Reset()) == b"event: reset\ndata: {}\n\n"
    assert frame(KeepAlive()).startswith(b":")
    assert b"id:" not in frame(Beat({"now": "x"}))
