"""Group commit: what waits together is written together, and fails together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from shared.bus.embedded import log
from shared.bus.embedded.log import Entry
from shared.bus.embedded.writer import BATCH_ENTRIES_MAX, Writer
from shared.bus.topics import BY_NAME, READINGS, TOPICS
from shared.clock import ManualClock
from shared.errors import BadInput, BusUnavailable

START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
async def writer(tmp_path, clock):
    writer = Writer(tmp_path / "bus.sqlite", clock)
    await writer.open()
    await writer.do(lambda conn: log.make_topics(conn, TOPICS))
    yield writer
    await writer.close()


@pytest.fixture
async def lane(writer):
    return (await writer.do(log.lanes))[READINGS][0]


async def stored(writer, lane):
    found = await writer.do(
        lambda conn: log.fetch(conn, lane, first=0, most=100_000, bytes_max=1 << 30)
    )
    return [record.value for record in found]


async def count_commits(writer, monkeypatch):
    sizes = []
    whole = writer._apply

    def counted(entries, jobs, now_ms):
        sizes.append(len(entries))
        return whole(entries, jobs, now_ms)

    monkeypatch.setattr(writer, "_apply", counted)
    return sizes


async def test_what_is_queued_while_one_transaction_runs_shares_the_next(writer, lane, monkeypatch):
    sizes = await count_commits(writer, monkeypatch)
    begun, gate = threading.Event(), threading.Event()
    held = asyncio.create_task(writer.do(lambda _: begun.set() or gate.wait(5)))
    await asyncio.to_thread(begun.wait, 5)
    waiting = [writer.append(Entry(lane, "k", b"%d" % n)) for n in range(50)]
    gate.set()
    offsets = await asyncio.gather(*waiting)
    await held

    assert offsets == list(range(50))
    assert sizes == [0, 50]
    assert await stored(writer, lane) == [b"%d" % n for n in range(50)]


async def test_a_flood_is_cut_into_bounded_transactions(writer, lane, monkeypatch):
    sizes = await count_commits(writer, monkeypatch)
    count = BATCH_ENTRIES_MAX + 7
    offsets = await asyncio.gather(*(writer.append(Entry(lane, "k", b"")) for _ in range(count)))

    assert offsets == list(range(count))
    assert sizes == [BATCH_ENTRIES_MAX, 7]


async def test_a_transaction_that_fails_fails_all_in_it_and_none_after_it(writer, lane):
    def full(_):
        raise sqlite3.OperationalError("database or disk is full")

    entry = writer.append(Entry(lane, "k", b"with the failure"))
    with pytest.raises(BusUnavailable, match="disk is full"):
        await writer.do(full)
    with pytest.raises(BusUnavailable, match="disk is full"):
        await entry

    assert await writer.append(Entry(lane, "k", b"after")) == 0
    assert await stored(writer, lane) == [b"after"]


async def test_a_bug_in_a_job_is_heard_by_who_waits(writer):
    with pytest.raises(BusUnavailable, match="ZeroDivisionError") as caught:
        await writer.do(lambda _: 1 / 0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


async def test_damage_is_not_worth_another_try(writer):
    def damaged(_):
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(BadInput, match="is damaged"):
        await writer.do(damaged)


async def test_who_stops_waiting_does_not_disturb_the_others(writer, lane):
    gate = threading.Event()
    held = asyncio.create_task(writer.do(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    futures = [writer.append(Entry(lane, "k", b"%d" % n)) for n in range(3)]
    futures[1].cancel()
    gate.set()

    assert [await futures[0], await futures[2]] == [0, 2]
    await held


async def test_closing_finishes_what_was_promised(writer, lane, tmp_path, clock):
    waiting = [writer.append(Entry(lane, "k", b"%d" % n)) for n in range(20)]
    await writer.close()
    assert await asyncio.gather(*waiting) == list(range(20))

    again = Writer(tmp_path / "bus.sqlite", clock)
    await again.open()
    assert len(await stored(again, lane)) == 20
    await again.close()


async def test_a_closed_writer_says_so(writer, lane):
    await writer.close()
    with pytest.raises(BusUnavailable, match="is closed; open the bus first"):
        writer.append(Entry(lane, "k", b""))


async def test_retention_runs_by_the_clock_with_whatever_is_written_next(writer, lane, clock):
    await writer.append(Entry(lane, "k", b"old"))
    await clock.advance(timedelta(milliseconds=BY_NAME[READINGS].retention_ms + 1))
    await writer.append(Entry(lane, "k", b"young"))

    assert await stored(writer, lane) == [b"young"]


async def test_a_clock_set_back_by_months_does_not_stop_retention(tmp_path):
    ahead = Writer(tmp_path / "bus.sqlite", ManualClock(START + timedelta(days=90)))
    await ahead.open()
    await ahead.do(lambda conn: log.make_topics(conn, TOPICS))
    lane = (await ahead.do(log.lanes))[READINGS][0]
    ahead._clock = ManualClock(START)
    await ahead.append(Entry(lane, "k", b"old"))
    ahead._clock = ManualClock(START + timedelta(days=8))
    await ahead.append(Entry(lane, "k", b"young"))

    assert await stored(ahead, lane) == [b"young"]
    await ahead.close()
