"""SIGKILL between deciding, saving and sending: everybody is called, at most once more a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Verifier

from shared.bus.codec import encode_event
from shared.bus.embedded import EmbeddedBus
from shared.bus.topics import EVENTS
from shared.clock import SystemClock
from shared.domain.event import RiskEvent
from shared.metrics import Metrics
from tests.support import alerts_process
from tests.support.alerts_bench import Bench, open_ledger
from tests.support.make_events import raised
from tests.support.receiver import receiving

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
EVENTS_MADE = 12


class Process:
    """The service, started again after every kill."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "alerts.log").open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, alerts_process.__file__, str(self._folder), self._url],
                cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    def kill(self) -> None:
        assert self._child is not None
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()

    @property
    def log(self) -> str:
        return (self._folder / "alerts.log").read_text()[-3000:]


@contextmanager
def running(folder: Path, url: str) -> Iterator[Process]:
    process = Process(folder, url)
    process.start()
    try:
        yield process
    finally:
        process.kill()


def wait_for(condition: Callable[[], bool], process: Process, *, within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, process.log
        threading.Event().wait(0.02)


def publish(folder: Path, *events: RiskEvent) -> None:
    async def go() -> None:
        async with EmbeddedBus(
            folder / "bus.sqlite", clock=SystemClock(), metrics=Metrics()
        ) as bus:
            await bus.ensure_topics()
            for event in events:
                await bus.publish(EVENTS, event.site, encode_event(event))

    asyncio.run(go())


def made() -> list[RiskEvent]:
    return [raised(f"asset-{n}") for n in range(EVENTS_MADE)]


def check_whole(folder: Path, receiver, *, kills: int) -> None:
    """Every incident exists once; every call arrived, signed, at most once more for each kill."""

    async def incidents() -> list[str]:
        async with open_ledger(f"sqlite:///{folder}/alerts.sqlite") as ledger:
            return [card["asset"] for card in await Bench(ledger).cards()]

    assets = asyncio.run(incidents())
    assert sorted(assets) == sorted(event.asset for event in made())
    times = Counter(call.id for call in receiver.calls())
    assert len(times) == EVENTS_MADE, "one call an incident: the city desk"
    assert all(count >= 1 for count in times.values())
    assert sum(times.values()) - len(times) <= kills * 4, "no more than was under way at a kill"
    for call in receiver.calls():
        Verifier(alerts_process.SECRET).verify(call.body, call.headers)


def test_killed_while_a_message_is_under_way_it_arrives_and_at_most_twice(tmp_path):
    with receiving() as receiver, running(tmp_path, receiver.url) as process:
        hold = threading.Event()
        receiver.answer = lambda _: (204 if hold.wait(20) else 500, {})
        publish(tmp_path, *made())
        wait_for(lambda: len(receiver.deliveries) >= 1, process)
        process.kill()  # sent, and nobody wrote it down
        hold.set()
        receiver.answer = lambda _: (204, {})
        process.start()
        wait_for(lambda: len({call.id for call in receiver.calls()}) == EVENTS_MADE, process)
        wait_for(lambda: settled(tmp_path), process)
        check_whole(tmp_path, receiver, kills=1)
        assert max(Counter(call.id for call in receiver.calls()).values()) <= 2


def test_killed_before_anything_could_be_sent_it_is_sent_after_the_restart(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running(tmp_path, f"http://127.0.0.1:{port}") as process:
        publish(tmp_path, *made())
        wait_for(lambda: count_incidents(tmp_path) == EVENTS_MADE, process)
        process.kill()  # saved and owed, and nobody was there to take it
        with receiving(port) as receiver:
            process.start()
            wait_for(lambda: settled(tmp_path), process)
            check_whole(tmp_path, receiver, kills=0)


def test_killed_again_and_again_nothing_is_missing_and_no_incident_is_there_twice(tmp_path):
    with receiving() as receiver, running(tmp_path, receiver.url) as process:
        publish(tmp_path, *made()[:4])
        moments = (
            lambda: count_incidents(tmp_path) >= 1,
            lambda: len(receiver.calls()) >= 5,
            lambda: sent(tmp_path) >= 8,
        )
        for n, moment in enumerate(moments, start=1):
            wait_for(moment, process)
            process.kill()
            publish(tmp_path, *made()[4 * n : 4 * n + 4])
            process.start()
        wait_for(lambda: count_incidents(tmp_path) == EVENTS_MADE, process)
        wait_for(lambda: settled(tmp_path), process)
        check_whole(tmp_path, receiver, kills=len(moments))


def count_incidents(folder: Path) -> int:
    return query(folder, "SELECT count(*) FROM incidents")


def settled(folder: Path) -> bool:
    owed = query(folder, "SELECT count(*) FROM outbox WHERE state = 'owed'")
    return sent(folder) >= EVENTS_MADE and not owed


def sent(folder: Path) -> int:
    return query(folder, "SELECT count(*) FROM outbox WHERE state = 'sent'")


def query(folder: Path, sql: str) -> int:
    file = folder / "alerts.sqlite"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
        try:
            return int(connection.execute(sql).fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not migrated yet
