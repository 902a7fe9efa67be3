"""The three services as processes on Mosquitto, Kafka and PostgreSQL, fed as users feed them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.registry.load import load_registry
from tests.support.stack import ROOT, Stack, events_of, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(mosquitto_server, kafka_server, postgres_server, tmp_path_factory):
    settings = {
        "bus": {"kind": "kafka", "servers": kafka_server.bootstrap, "prefix": "chain-"},
        "ingest": {"mqtt": {"url": mosquitto_server.url, "client_id": "chain-ingest"}},
        "alerts": {"database": postgres_server.fresh_database()},
    }
    with Stack(tmp_path_factory.mktemp("chain"), settings) as running:
        running.wait_ready()
        yield running


def replay(mosquitto, source: Path, *, speed: float, run: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "services", "replay", str(source)),
            *("--speed", str(speed), "--mqtt", mosquitto.url, "--run", run, "--to", "100"),
        ],
        cwd=ROOT,
        check=True,
        timeout=200,
    )


def stories_of(stack: Stack, run: str) -> dict:
    return {
        card["id"]: stack.get(f"/api/v1/incidents/{card['id']}")["events"]
        for card in stack.incidents("state=all&limit=500")
        if card["run"] == run and card["hazard"] == "fire"
    }


def test_a_recorded_fire_raises_the_same_incident_at_speed_1_and_60(
    stack, mosquitto_server, labelled_data
):
    source = labelled_data / "fire_nist_smoke_alarms" / "NIST_Smoke_Alarms_SDC02.csv"
    told = {}
    for run, speed in (("swift", 60.0), ("steady", 1.0)):
        replay(mosquitto_server, source, speed=speed, run=run)
        stories = until(
            lambda run=run: stories_of(stack, run),
            lambda seen: any(
                event["level"] in {"orange", "red"} for story in seen.values() for event in story
            ),
            within_s=30,
            what="fire at orange or red",
        )
        told[run] = [
            (event["id"], event["kind"], event["level"], event["decided_at"])
            for story in stories.values()
            for event in story
        ]

    assert told["swift"] == told["steady"]
    assert len(told["swift"]) > 0


def test_a_single_reading_published_by_hand_reaches_the_screen_and_is_resolved(
    stack, mosquitto_server
):
    topic = load_registry().topic_of("t3-s4-o2")
    subprocess.run(
        [
            *("mosquitto_pub", "-h", "127.0.0.1", "-p", str(mosquitto_server.port)),
            *("-q", "1", "-t", topic, "-m", json.dumps({"value": 17})),
        ],
        check=True,
    )
    (card,) = until(
        lambda: [card for card in stack.incidents("state=open&limit=500") if not card["run"]],
        lambda cards: len(cards) == 1,
        within_s=20,
        what="incident of the hand-published reading",
    )

    assert (card["asset"], card["hazard"], card["level"]) == ("t3-s4", "gas", "orange")
    assert card["told"], "nobody was told"

    acked = stack.post(f"/api/v1/incidents/{card['id']}/ack", {"by": "desk"})
    resolved = stack.post(
        f"/api/v1/incidents/{card['id']}/resolve", {"by": "desk", "reason": "fixed"}
    )

    assert (acked.status_code, resolved.status_code) == (200, 200)
    assert resolved.json()["phase"] == "resolved"
    assert events_of(stack)
