"""Ingest as a process of its own, to be killed: ``python ingest_process.py URL BUS CLIENT_ID``.

Its bus takes its time, so that a test can kill it while readings wait.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from services.ingest.main import Ingest
from services.ingest.settings import IngestSettings, MqttSettings
from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support.ingest_city import small_city

SENSORS = 20
WINDOW = 20
PAUSE_S = 0.02


class SlowBus(EmbeddedBus):
    """At most ``WINDOW / PAUSE_S`` messages a second."""

    async def publish(self, topic, key, value, *, partition=None):
        await asyncio.sleep(PAUSE_S)
        return await super().publish(topic, key, value, partition=partition)


async def main(url: str, path: str, client_id: str) -> None:
    clock, metrics = SystemClock(), Metrics()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    mqtt = MqttSettings(url=url, client_id=client_id)
    settings = IngestSettings(mqtt=mqtt, receive_window=WINDOW)
    async with SlowBus(Path(path), clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        registry = small_city(SENSORS)
        await Ingest(settings, registry=registry, bus=bus, clock=clock, metrics=metrics).run(stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
