"""The archive at work on the embedded bus: nothing lost, nothing told twice, nobody held up."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path

import pytest

from services.ingest.core.shelving import Sheet
from services.ingest.main import Ingest
from services.ingest.settings import IngestSettings, MqttSettings
from shared.archive import query
from shared.archive.layout import WRITING
from shared.bus.embedded import EmbeddedBus
from shared.bus.ports import Partition
from shared.bus.topics import READINGS
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support.archived import archiving, kept_files, shelves
from tests.support.detector_city import NOON_US, SECOND_US, city, packed
from tests.support.ingest_run import until
from tests.support.replayed import as_record, put

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = {"first_us": 0, "last_us": 2**62}


@pytest.fixture
async def bus(tmp_path):
    async with EmbeddedBus(tmp_path / "bus.sqlite", clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()
        yield bus


def told(root, sensor="t3-s4-o2", run="") -> list[float]:
    found = query.read_series(root, {sensor: None}, run=run, **ALWAYS)
    return found[sensor].values.tolist() if found else []


def some(count, *, first=0):
    return [
        as_record(packed("t3", ("t3-s4-o2", 1800.0 * step, float(step))))
        for step in range(first, first + count)
    ]


async def test_what_is_on_the_bus_is_in_the_archive_and_the_offsets_follow(bus, tmp_path):
    root = tmp_path / "archive"
    await put(bus, [*some(10), as_record(packed("harbour-tower", ("harbour-f12-temp", 0, 21.0)))])
    await bus.publish(READINGS, "t3", b"no pack at all")
    async with archiving(bus, root, city(), flush_s=0.1) as archive:
        await until(lambda: archive._ledger.archived == 11)
    assert archive.undecodable == 1
    assert told(root) == [float(step) for step in range(10)]
    until_us = query.known_until_us(root)
    assert until_us is not None
    assert until_us > NOON_US
    async with archiving(bus, root, city(), flush_s=0.1) as again:
        await put(bus, some(5, first=10))
        await until(lambda: again._ledger.archived == 5)
    assert told(root) == [float(step) for step in range(15)]


async def test_a_stop_writes_what_waits(bus, tmp_path):
    await put(bus, some(3))
    async with archiving(bus, tmp_path / "archive", city(), flush_s=3_600) as archive:
        await until(lambda: archive._buffer.rows == 3)
    assert told(tmp_path / "archive") == [0.0, 1.0, 2.0]


async def test_a_flush_comes_when_many_rows_wait(bus, tmp_path):
    await put(bus, some(8))
    settings = {"flush_s": 3_600, "flush_rows": 4}
    async with archiving(bus, tmp_path / "archive", city(), **settings) as archive:
        await until(lambda: archive._ledger.archived >= 4)


class FullDisk:
    """Shelves that take nothing while the disk is full."""

    def __init__(self, hand) -> None:
        self.hand = hand
        self.full = True
        self.refused = 0

    def put(self, sheet: Sheet) -> None:
        if self.full:
            self.refused += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.hand.put(sheet)

    def __getattr__(self, name):
        return getattr(self.hand, name)


async def test_a_full_disk_is_said_and_waited_out_and_nothing_is_lost(bus, tmp_path):
    root = tmp_path / "archive"
    hand = FullDisk(shelves(root))
    await put(bus, some(4))
    async with archiving(bus, root, city(), hand=hand, flush_s=0.05) as archive:
        await until(lambda: bool(archive.wrong()))
        assert "No space left on device" in archive.wrong()["archive"]
        await put(bus, some(4, first=4))
        await until(lambda: hand.refused >= 2)
        assert archive._buffer.rows == 4, "what waits is bounded"
        assert told(root) == []
        hand.full = False
        await until(lambda: archive._ledger.archived == 8)
        await until(lambda: not archive.wrong())
    assert told(root) == [float(step) for step in range(8)]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["half", "commit"])
async def test_killed_between_writing_and_committing_everything_is_told_once(bus, tmp_path, where):
    root = tmp_path / "archive"
    await put(bus, some(12))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.archive_process"),
        *(str(tmp_path / "bus.sqlite"), str(root), where),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"here\n"
    finally:
        process.kill()
        await process.wait()
    assert 0 < len(told(root)) <= 12
    written = len(kept_files(root))
    async with archiving(bus, root, city(), flush_s=0.1, flush_rows=5) as archive:
        await put(bus, some(3, first=12))
        await until(lambda: archive._ledger.archived >= 15)
    assert told(root) == [float(step) for step in range(15)]
    assert len(kept_files(root)) >= written
    assert not list((root / WRITING).iterdir())


async def test_a_partition_taken_over_starts_where_its_owner_had_committed(bus, tmp_path):
    root = tmp_path / "archive"
    await put(bus, some(6))
    async with archiving(bus, root, city(), flush_s=3_600) as first:
        await until(lambda: first._buffer.rows == 6)
        async with archiving(bus, root, city(), flush_s=0.1) as second:
            await put(bus, some(6, first=6))
            both = (first, second)
            await until(lambda: sum(one._ledger.archived + one._buffer.rows for one in both) >= 12)
    assert told(root) == [float(step) for step in range(12)]


async def test_ingest_archives_beside_its_work_and_states_it_in_the_ledger(bus, tmp_path):
    settings = IngestSettings(
        mqtt=MqttSettings(url="mqtt://127.0.0.1:9"),
        archive={"enabled": True, "path": tmp_path / "archive", "flush_s": 0.1},
    )
    ingest = Ingest(settings, registry=city(), bus=bus, clock=SystemClock(), metrics=Metrics())
    stop = asyncio.Event()
    running = asyncio.create_task(ingest.run(stop))
    await put(bus, some(4))
    await until(lambda: ingest.probes().ledger()["counts"].get("archived") == 4)
    assert "archive" not in ingest.probes().healthy()
    assert ingest.probes().ledger()["balanced"]
    stop.set()
    await asyncio.wait_for(running, 4)
    assert told(tmp_path / "archive") == [0.0, 1.0, 2.0, 3.0]
    ends = await bus.ends(READINGS)
    assert sum(ends.values()) == 4
    assert all(isinstance(partition, Partition) for partition in ends)


async def test_retention_runs_beside_the_writing(bus, tmp_path):
    root = tmp_path / "archive"
    hand = shelves(root)
    await put(bus, some(2))
    async with archiving(bus, root, city(), hand=hand, flush_s=0.1) as archive:
        await until(lambda: archive._ledger.archived == 2)
    hand.keep_up(NOON_US + 399 * 86_400 * SECOND_US)
    assert len(told(root)) == 2
    hand.keep_up(NOON_US + 402 * 86_400 * SECOND_US)
    assert told(root) == []
