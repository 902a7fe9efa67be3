"""``tocsin up`` as a user starts it: the page, the first incident, Ctrl-C, and once more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.real.ports import free_port
from tests.support.stack import ROOT, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


class City:
    def __init__(self, process: subprocess.Popen[str], port: int, log: Path) -> None:
        self.process, self.log = process, log
        self.url = f"http://127.0.0.1:{port}"

    def incidents(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/api/v1/incidents?state=all&limit=200", timeout=5)
        return list(answer.json()["incidents"])

    def interrupt(self) -> float:
        """Ctrl-C; how long it took to end."""
        asked_at = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=20)
        return time.monotonic() - asked_at


@contextmanager
def started(folder: Path, *arguments: str, broker: str = "amqtt") -> Iterator[City]:
    port = free_port(f"up {folder} {os.getpid()}")
    log = folder / "up.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "services", "up", "--data", str(folder / "data")),
                *("--port", str(port), *arguments),
            ],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            text=True,
            env={**os.environ, "TOCSIN_INGEST_EMBEDDED_BROKER": broker},
        )
    try:
        yield City(process, port, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.mark.parametrize("broker", ["amqtt", "auto"])
def test_the_demo_city_alarms_within_a_minute_stops_at_once_and_goes_on(tmp_path, broker):
    with started(tmp_path, broker=broker) as city:
        until(
            lambda: httpx.get(city.url, timeout=5).status_code,
            lambda status: status == 200,
            within_s=30,
            what=f"page ({city.log.read_text()[-2000:]})",
        )
        first = until(city.incidents, bool, within_s=60, what="first incident")
        took = city.interrupt()
        said = city.log.read_text()

        assert city.process.returncode == 0
        assert took < 5.0
        assert "Traceback" not in said

    with started(tmp_path, "--no-demo", broker=broker) as again:
        kept = until(again.incidents, bool, within_s=30, what="kept incident")
        again.interrupt()

    assert {card["id"] for card in first} <= {card["id"] for card in kept}
    assert all(card["exercise"] for card in kept)


def test_a_folder_in_use_and_a_taken_port_are_named_in_one_line(tmp_path):
    with started(tmp_path, "--no-demo") as city:
        until(
            lambda: httpx.get(f"{city.url}/healthz", timeout=5).status_code,
            lambda status: status == 200,
            within_s=30,
            what="health",
        )
        port = city.url.rsplit(":", 1)[1]
        for arguments, thing in (
            (("--data", str(tmp_path / "data"), "--port", "1"), "held by another tocsin"),
            (("--data", str(tmp_path / "other"), "--port", port), f"port {port}"),
        ):
            refused = subprocess.run(
                [sys.executable, "-m", "services", "up", "--no-demo", *arguments],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert refused.returncode == 2
            assert thing in refused.stderr
            assert len(refused.stderr.strip().splitlines()) == 1


def test_it_stops_by_itself_when_its_duration_is_over(tmp_path):
    with started(tmp_path, "--no-demo", "--duration", "3") as city:
        assert city.process.wait(timeout=30) == 0
