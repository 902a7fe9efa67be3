"""Ingest between a real Mosquitto and a real Kafka that stops answering for a while."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest

from deploy.real.kafka import KafkaServer
from shared.bus.kafka import KafkaBus
from shared.clock import SystemClock
from shared.config.sections import BusSettings
from shared.metrics import Metrics
from tests.support.ingest_run import (
    forget_session,
    publisher,
    running_ingest,
    stored_numbers,
    until,
)
from tests.support.servers import real_server

pytestmark = [pytest.mark.real, pytest.mark.slow]

READINGS = 600


async def test_a_kafka_that_is_silent_for_a_while_loses_and_disorders_nothing(mosquitto_server):
    """One site, so one partition: each reading is there, first seen in the order it was sent."""
    client_id = f"kafka-{uuid.uuid4().hex[:8]}"
    with real_server(KafkaServer) as kafka:
        settings = BusSettings(kind="kafka", servers=kafka.bootstrap)
        async with KafkaBus(settings, clock=SystemClock(), metrics=Metrics()) as bus:
            await bus.ensure_topics()
            async with (
                running_ingest(
                    mosquitto_server.url,
                    bus,
                    client_id=client_id,
                    receive_window=200,
                    stuck_publish_s=1.0,
                ) as ingest,
                publisher(mosquitto_server.url) as device,
            ):
                counts = lambda: ingest.probes().ledger()["counts"]  # noqa: E731 - read often
                for number in range(READINGS):
                    if number == READINGS // 3:
                        await until(lambda: counts()["stored"] > 0)
                        await asyncio.to_thread(kafka.pause)
                    reading = json.dumps({"value": number, "seq": number})
                    device.publish("tocsin/v1/dongmen/t3-s1/n0001", reading, qos=1)
                await until(lambda: counts()["returned"] > 0, what="the window is handed back")
                await asyncio.to_thread(kafka.resume)
                await until(lambda: counts()["stored"] >= READINGS, within_s=60)
                await until(lambda: counts()["in_flight"] == 0, within_s=60)
                assert ingest.probes().ledger()["balanced"]

            first_seen = list(dict.fromkeys(await stored_numbers(bus)))
    assert first_seen == list(range(READINGS))
    await forget_session(mosquitto_server.url, client_id)
