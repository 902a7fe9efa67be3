"""The three services as separate processes on given servers, to be watched and killed.

Nothing here waits a fixed time: ``until`` looks again and again until a deadline and then tells
what it saw last.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import yaml

from deploy.real.ports import free_port

Seen = TypeVar("Seen")
SERVICES = ("ingest", "detector", "alerts")
ROOT = Path(__file__).resolve().parents[2]


def until(
    look: Callable[[], Seen],
    enough: Callable[[Seen], bool],
    *,
    within_s: float,
    what: str,
) -> Seen:
    """The first look that is enough; AssertionError with the last one after ``within_s``."""
    deadline = time.monotonic() + within_s
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = look()
        except (httpx.HTTPError, OSError) as error:
            last = repr(error)
        else:
            if enough(last):
                return last
        time.sleep(0.1)
    raise AssertionError(f"no {what} within {within_s} s; last seen: {last}")


class Stack:
    """Three services of one configuration; a context manager that leaves nothing behind."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ports = {name: free_port(f"{name} {folder} {os.getpid()}") for name in SERVICES}
        self.settings = _with_ports(settings, self.ports)
        self.config = folder / "tocsin.yaml"
        self.config.write_text(yaml.safe_dump(self.settings))
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name in SERVICES:
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as output:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "services", name, "--config", str(self.config)],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                env={key: value for key, value in os.environ.items() if "TOCSIN" not in key},
            )

    def kill(self, name: str) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        self._running[name].send_signal(signal.SIGKILL)
        self._running[name].wait()

    def terminate(self, name: str, *, within_s: float) -> int:
        """SIGTERM; the exit code, or TimeoutExpired."""
        self._running[name].terminate()
        return self._running[name].wait(timeout=within_s)

    def url(self, name: str = "alerts") -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def get(self, path: str, *, name: str = "alerts") -> Any:
        response = httpx.get(self.url(name) + path, timeout=10)
        response.raise_for_status()
        return response.json()

    def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return httpx.post(self.url() + path, json=dict(body), timeout=10)

    def incidents(self, query: str = "state=all&limit=500") -> list[dict[str, Any]]:
        return list(self.get(f"/api/v1/incidents?{query}")["incidents"])

    def wait_ready(self, *, within_s: float = 60) -> None:
        for name in SERVICES:
            until(
                lambda name=name: httpx.get(self.url(name) + "/readyz", timeout=5),
                lambda response: response.status_code == 200,
                within_s=within_s,
                what=f"ready {name} ({self.log(name)[-2000:]})",
            )

    def log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""


def events_of(stack: Stack) -> dict[str, list[tuple[Any, ...]]]:
    """Every incident by run, asset and hazard, with what its events said: the story to compare."""
    stories: dict[str, list[tuple[Any, ...]]] = {}
    for card in stack.incidents():
        detail = stack.get(f"/api/v1/incidents/{card['id']}")
        key = f"{card['run']}/{card['asset']}/{card['hazard']}/{detail['events'][0]['id']}"
        assert key not in stories, f"{key} has two incidents"
        stories[key] = [
            (event["id"], event["kind"], event["level"], event["decided_at"])
            for event in detail["events"]
        ]
    return stories


def _with_ports(settings: Mapping[str, Any], ports: Mapping[str, int]) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(dict(settings)))
    whole.setdefault("ingest", {})["probes"] = {"port": ports["ingest"]}
    whole.setdefault("detector", {})["probes"] = {"port": ports["detector"]}
    whole.setdefault("alerts", {}).setdefault("http", {})["port"] = ports["alerts"]
    return whole
