"""Ingest running inside a test, a publisher beside it, and waits that end with the condition."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from paho.mqtt import client as mqtt

from services.ingest.main import Ingest
from services.ingest.settings import IngestSettings, MqttSettings, address_of
from shared.bus import codec, topics
from shared.bus.ports import Bus
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support.ingest_city import small_city


async def until(holds: Callable[[], bool], *, within_s: float = 20.0, what: str = "") -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what or holds}"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def running_ingest(
    url: str,
    bus: Bus,
    *,
    client_id: str,
    extra: int = 20,
    version: int = 3,
    keepalive_s: int = 30,
    **settings: Any,
) -> AsyncIterator[Ingest]:
    """Ingest, subscribed; stopped gracefully at the end."""
    made = IngestSettings(
        mqtt=MqttSettings(
            url=url,
            client_id=client_id,
            version=version,
            keepalive_s=keepalive_s,
            backoff_max_s=1.0,
        ),
        **settings,
    )
    ingest = Ingest(
        made,
        registry=small_city(extra),
        bus=bus,
        clock=SystemClock(),
        metrics=Metrics(),
        rng=np.random.default_rng(7),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(ingest.run(stop))
    try:
        await until(lambda: task.done() or not ingest.probes().ready(), what="ingest is ready")
        yield ingest
    finally:
        began = time.monotonic()
        stop.set()
        await task
        assert time.monotonic() - began < 3.0, "the stop took too long"


@asynccontextmanager
async def publisher(url: str) -> AsyncIterator[mqtt.Client]:
    """A connected client with its own thread; it keeps unsent messages over reconnects."""
    address = address_of(url)
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.max_queued_messages_set(0)
    client.reconnect_delay_set(1, 1)
    await asyncio.to_thread(client.connect, address.host, address.port)
    client.loop_start()
    try:
        await until(client.is_connected)
        yield client
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


async def forget_session(url: str, client_id: str) -> None:
    """Let the broker drop what it keeps for a client that will not come back."""
    address = address_of(url)
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id, clean_session=True)
    await asyncio.to_thread(client.connect, address.host, address.port)
    client.loop_start()
    await until(client.is_connected)
    client.disconnect()
    await asyncio.to_thread(client.loop_stop)


async def everything(bus: Bus, topic: str) -> list[bytes]:
    """The value of every record of a topic, partition after partition."""
    values = []
    for partition, end in (await bus.ends(topic)).items():
        first = 0
        while first < end:
            records = await bus.read(topic, partition.index, first=first, most=1_000)
            values += [record.value for record in records]
            first = records[-1].offset + 1
    return values


async def stored_numbers(bus: Bus) -> list[int]:
    """The ``seq`` of every stored reading."""
    packs = [codec.unpack(value) for value in await everything(bus, topics.READINGS)]
    return [number for pack in packs for number in codec.columns(pack).seq.tolist()]


async def refusals(bus: Bus) -> list[codec.Refused]:
    return [codec.decode_refused(value) for value in await everything(bus, topics.REFUSED)]
