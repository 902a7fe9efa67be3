"""The three services as processes on Mosquitto, Kafka and PostgreSQL, fed as users feed them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from shared.registry.load import load_registry
from tests.support.stack import ROOT, Stack, until

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
            *(
                "--speed",
                str(speed),
                "--mqtt",
                mosquitto.url,
                "--run",
                run,
                "--from",
                "40",
                "--to",
                "90",
            ),
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
            lambda seen: any(event["level"] == "red" for story in seen.values() for event in story),
            within_s=30,
            what="fire that has become red",
        )
        told[run] = [
            (event["id"], event["kind"], event["level"], event["decided_at"])
            for story in stories.values()
            for event in story
        ]

    assert told["swift"] == told["steady"]
    assert "orange" in {level for _, _, level, _ in told["swift"]}
    assert len(told["swift"]) > 0


def test_a_single_reading_published_by_hand_reaches_the_screen_and_is_resolved_there(
    stack, mosquitto_server, chromium
):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(stack.url())
        page.evaluate("localStorage.setItem('tocsin.name', 'Night desk')")
        page.reload()

        publish_by_hand(mosquitto_server, "t3-s4-o2", {"value": 17})
        (card,) = until(
            lambda: [card for card in stack.incidents("state=open&limit=500") if not card["run"]],
            lambda cards: len(cards) == 1,
            within_s=20,
            what="incident of the hand-published reading",
        )
        shown = page.locator(f'[data-id="{card["id"]}"]')
        shown.wait_for(timeout=3000)
        assert "ORANGE" in shown.inner_text().upper()
        shown.locator("button").first.click()
        page.wait_for_selector("#detail figure.plot")

        page.keyboard.press("a")
        page.wait_for_selector(f'li.acknowledged[data-id="{card["id"]}"]')
        resolved = stack.post(
            f"/api/v1/incidents/{card['id']}/resolve", {"by": "Night desk", "reason": "fixed"}
        )
        shown.wait_for(state="hidden", timeout=3000)
        browser.close()

    assert (card["asset"], card["hazard"], card["level"]) == ("t3-s4", "gas", "orange")
    assert card["told"], "nobody was told"
    assert resolved.status_code == 200
    assert resolved.json()["phase"] == "resolved"
    assert resolved.json()["acknowledged_by"] == "Night desk"


def publish_by_hand(mosquitto, sensor: str, body: dict) -> None:
    subprocess.run(
        [
            *("mosquitto_pub", "-h", "127.0.0.1", "-p", str(mosquitto.port)),
            *("-q", "1", "-t", load_registry().topic_of(sensor), "-m", json.dumps(body)),
        ],
        check=True,
    )
