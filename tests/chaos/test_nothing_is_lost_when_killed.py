"""Twenty thousand numbered readings while everything is killed in turn, counted afterwards.

Published, stored, scored once; incidents equal to those of a run that nobody disturbed.
"""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.registry.load import load_registry
from tests.support.numbered import Numbered, Publisher, numbered_readings
from tests.support.stack import Stack, events_of, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(420)]

SENSORS = 200
EACH = 100
TOTAL = SENSORS * EACH
# Ten readings that must be refused by name, spread through the stream.
RUBBISH = [b"\xff\xfe\x00", b"", b'{"value": "wet"}', b'{"value": NaN}', b"[1, 2]"] * 2


def settings_for(mosquitto, kafka, database: str, *, prefix: str) -> dict:
    return {
        "bus": {"kind": "kafka", "servers": kafka.bootstrap, "prefix": prefix},
        "ingest": {"mqtt": {"url": mosquitto.url, "client_id": f"{prefix}ingest"}},
        "detector": {"checkpoint_every_s": 2.0},
        "alerts": {"database": database},
    }


def chosen_sensors() -> list[str]:
    """Two hundred sensors over many sites, methane heads among them."""
    registry = load_registry()
    gas = [name for name in registry.sensors if name.endswith("-ch4")]
    others = [name for name in registry.sensors if not name.endswith(("-ch4", "-level"))]
    return (gas + others)[:SENSORS]


def publish_all(mosquitto, *, start: datetime, pause_s: float, acts) -> None:
    """Publish everything in tenths; ``acts[i]`` happens in the middle of tenth i, under load."""
    registry = load_registry()
    sensors = chosen_sensors()
    publisher = Publisher("127.0.0.1", mosquitto.port)
    rubbish = iter(RUBBISH)
    stream = numbered_readings(registry, sensors=sensors, each=EACH, start=start)
    half = TOTAL // 20
    for tenth in range(10):
        for message in itertools.islice(stream, half):
            publisher.publish(message)
        publisher.publish(Numbered(registry.topic_of(sensors[0]), next(rubbish)))
        if tenth in acts:
            acts[tenth]()
        for message in itertools.islice(stream, half):
            publisher.publish(message)
        time.sleep(pause_s)
    publisher.settle(within_s=120)
    publisher.close()


def finished(ledger: dict) -> bool:
    return (
        ledger["detector"].get("scored", 0) >= TOTAL
        and sum(ledger["refused"].values()) >= len(RUBBISH)
        and bool(ledger["balanced"])
    )


def scored_so_far(stack: Stack) -> int:
    ledger = until(lambda: stack.get("/ledger"), bool, within_s=30, what="ledger")
    return int(ledger["detector"].get("scored", 0))


@pytest.fixture(scope="module")
def start() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


@pytest.fixture(scope="module")
def undisturbed(mosquitto_server, kafka_server, postgres_server, tmp_path_factory, start) -> dict:
    """What the same readings say when nobody is killed."""
    settings = settings_for(
        mosquitto_server, kafka_server, postgres_server.fresh_database(), prefix="calm-"
    )
    with Stack(tmp_path_factory.mktemp("calm"), settings) as stack:
        stack.wait_ready()
        publish_all(mosquitto_server, start=start, pause_s=0.0, acts={})
        until(lambda: stack.get("/ledger"), finished, within_s=120, what="complete ledger")
        return until(
            lambda: events_of(stack), lambda told: len(told) > 5, within_s=30, what="incidents"
        )


def test_kills_lose_nothing_and_repeat_nothing(
    mosquitto_server, kafka_server, postgres_server, tmp_path: Path, start, undisturbed
):
    settings = settings_for(
        mosquitto_server, kafka_server, postgres_server.fresh_database(), prefix="storm-"
    )
    with Stack(tmp_path, settings) as stack:
        stack.wait_ready()

        scored_before: list[int] = []

        def killed(name: str):
            def act() -> None:
                scored_before.append(scored_so_far(stack))
                stack.kill(name)
                stack.start(name)

            return act

        def kafka_away() -> None:
            scored_before.append(scored_so_far(stack))
            kafka_server.stop()
            time.sleep(20)  # the outage itself: twenty seconds is what is asked for
            kafka_server.start()

        acts = {1: killed("ingest"), 2: killed("detector"), 3: killed("alerts"), 5: kafka_away,
                6: killed("detector"), 7: killed("ingest"), 8: killed("alerts")}  # fmt: skip
        publish_all(mosquitto_server, start=start, pause_s=1.0, acts=acts)
        ledger = until(lambda: stack.get("/ledger"), finished, within_s=180, what="complete ledger")
        told = until(
            lambda: events_of(stack),
            lambda seen: seen == undisturbed,
            within_s=60,
            what="the incidents of the undisturbed run",
        )

    # Every blow fell while readings were on their way.
    assert len(scored_before) == len(acts)
    assert max(scored_before) < TOTAL
    assert ledger["detector"]["scored"] == TOTAL
    assert ledger["detector"].get("late", 0) == 0
    # A refusal that was in flight when ingest died is written again: MQTT gives it no identity.
    assert len(RUBBISH) <= sum(ledger["refused"].values()) <= 2 * len(RUBBISH)
    assert told == undisturbed
