"""One story three times: live on the real brokers, offline, and again from the archive.

The same event ids each time, through Mosquitto and Kafka at sixty times real time.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.chain import run_case
from services.evaluation.library import open_case
from services.evaluation.setting import Configuration
from services.whole import TocsinSettings
from shared.registry.load import load_registry
from tests.support.stack import ROOT, Stack, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

SPEED = "60"
NAME, SEED = "burst", 3


def tocsin(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "services", *arguments], cwd=ROOT, check=True, timeout=150
    )


def events_of_run(stack: Stack, run: str) -> list[tuple[Any, ...]]:
    """Every event of a run's incidents, by moment and id."""
    return sorted(
        (event["decided_at"], event["id"], event["kind"], event["level"])
        for card in stack.incidents("state=all&limit=500")
        if card["run"] == run
        for event in stack.get(f"/api/v1/incidents/{card['id']}")["events"]
    )


def test_live_offline_and_from_the_archive_the_events_are_the_same(
    mosquitto_server, kafka_server, postgres_server, tmp_path: Path
):
    case = open_case(NAME, load_registry(), SEED)
    (judged,) = run_case(case, [Configuration("current", TocsinSettings(), None)], picture=False)
    settings = {
        "bus": {"kind": "kafka", "servers": kafka_server.bootstrap, "prefix": "thrice-"},
        "ingest": {
            "mqtt": {"url": mosquitto_server.url, "client_id": "thrice-ingest"},
            "archive": {"enabled": True, "path": str(tmp_path / "archive"), "flush_s": 2.0},
        },
        "alerts": {"database": postgres_server.fresh_database()},
    }
    with Stack(tmp_path, settings) as stack:
        stack.wait_ready()
        to_broker = ("--speed", SPEED, "--mqtt", mosquitto_server.url)

        tocsin("simulate", NAME, "--seed", str(SEED), "--start", case.start.isoformat(),
               "--run", "live", *to_broker)  # fmt: skip
        live = until(
            lambda: events_of_run(stack, "live"),
            lambda seen: {one[1] for one in seen} == set(judged.event_ids),
            within_s=30,
            what=f"the {len(judged.event_ids)} events said offline",
        )
        until(
            lambda: stack.get("/ledger", name="ingest"),
            lambda ledger: archived_everything(ledger, stack),
            within_s=40,
            what="everything in the archive",
        )

        end = case.start + timedelta(seconds=case.duration_s)
        tocsin("replay", str(tmp_path / "archive"), "--of-run", "live", "--run", "again",
               "--from", case.start.isoformat(), "--to", end.isoformat(), *to_broker)  # fmt: skip
        again = until(
            lambda: events_of_run(stack, "again"),
            lambda seen: len(seen) >= len(live),
            within_s=30,
            what="the events of the archive",
        )

    assert len(live) > 3
    assert again == live


def archived_everything(ledger: dict[str, Any], stack: Stack) -> bool:
    stored = stack.get("/ledger")["detector"].get("read", 0)
    return bool(stored) and find(ledger, "archived") >= stored


def find(tree: Any, name: str) -> int:
    """The number of that name, wherever in the answer it stands."""
    if isinstance(tree, dict):
        if isinstance(tree.get(name), int):
            return int(tree[name])
        return max((find(branch, name) for branch in tree.values()), default=0)
    return 0
