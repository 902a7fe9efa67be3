"""How many messages and readings a second ingest takes, on one core, onto the embedded bus.

``python tests/bench/bench_ingest.py [--json FILE]``. Two roads, each with single readings and
with packs of 100: *pump*, from bytes in memory to a stored record; and *wire*, where a backlog
waits in a Mosquitto and ingest fetches it over MQTT 3.1.1 with acknowledgements (left out where
there is no Mosquitto). The publisher has finished before the clock starts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from services.ingest.adapters.broker import embedded_broker, find_mosquitto
from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.ledger import Ledger
from services.ingest.settings import IngestSettings
from services.ingest.shell.pump import Pump
from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.logs import configure_logs
from shared.metrics import Metrics
from tests.support.ingest_city import small_city
from tests.support.ingest_field import PaperField
from tests.support.ingest_run import publisher, running_ingest, until

SENSORS = 200
PACK = 100
SINGLES = 20_000
PACKS = 2_000
CLOCK = SystemClock()
Workload = list[tuple[str, bytes]]


def singles(count: int) -> Workload:
    """Readings of every sensor in turn, each on its own topic."""
    rng = np.random.default_rng(1)
    values = np.round(20.9 + 0.05 * rng.standard_normal(count), 3)
    return [
        (
            f"tocsin/v1/dongmen/t3-s1/n{number % SENSORS:04}",
            json.dumps({"value": float(value), "quality": "good", "seq": number}).encode(),
        )
        for number, value in enumerate(values)
    ]


def packs(count: int) -> Workload:
    """A gateway's packs of 100 readings, all of one site."""
    rng = np.random.default_rng(2)
    made = []
    for number in range(count):
        values = np.round(20.9 + 0.05 * rng.standard_normal(PACK), 3)
        readings = [
            {"sensor": f"n{place:04}", "value": float(value), "seq": number}
            for place, value in enumerate(values)
        ]
        made.append(("tocsin/v1/dongmen/gateway/_", json.dumps({"readings": readings}).encode()))
    return made


async def through_the_pump(work: Workload, folder: Path) -> float:
    """Seconds until the bus has all of it."""
    field, ledger, metrics = PaperField(), Ledger(), Metrics()
    async with EmbeddedBus(folder / "bus.sqlite", clock=CLOCK, metrics=metrics) as bus:
        await bus.ensure_topics()
        pump = Pump(
            IngestSettings(),
            catalogue=catalogue_of(small_city(SENSORS)),
            field=field,
            bus=bus,
            ledger=ledger,
            clock=CLOCK,
            metrics=metrics,
            rng=np.random.default_rng(3),
        )
        began = time.perf_counter()
        for topic, payload in work:
            while not pump.has_room():  # noqa: ASYNC110 - giving way is all that is measured
                await asyncio.sleep(0)
            field.push(pump, topic, payload, qos=0)
        await pump.finish()
        took = time.perf_counter() - began
    assert ledger.balanced()
    assert ledger.stored == ledger.received > 0
    return took


async def over_the_wire(work: Workload, folder: Path) -> float:
    """Seconds from ingest's start until a waiting backlog is stored and acknowledged."""
    async with (
        embedded_broker(data=folder / "mqtt", clock=CLOCK) as url,
        EmbeddedBus(folder / "bus.sqlite", clock=CLOCK, metrics=Metrics()) as bus,
    ):
        await bus.ensure_topics()
        async with running_ingest(url, bus, client_id="bench", extra=SENSORS):
            """It makes the session."""
        async with publisher(url) as device:
            for topic, payload in work:
                device.publish(topic, payload, qos=1)
            await until(lambda: not device._out_messages, within_s=120)
        began = time.perf_counter()
        async with running_ingest(url, bus, client_id="bench", extra=SENSORS) as ingest:
            pending = len(work) * len(json.loads(work[0][1]).get("readings", [0]))
            await until(
                lambda: ingest.probes().ledger()["counts"]["stored"] >= pending, within_s=120
            )
            return time.perf_counter() - began


async def figures() -> dict[str, float]:
    """The flat figures, by name and unit."""
    found = {}
    roads = {"pump": through_the_pump}
    if find_mosquitto() is not None:
        roads["wire"] = over_the_wire
    for road, run in roads.items():
        for kind, work, each in (("single", singles(SINGLES), 1), ("pack", packs(PACKS), PACK)):
            with tempfile.TemporaryDirectory() as folder:
                took = await run(work, Path(folder))
            rate = len(work) / took
            found[f"{road}_{kind}_messages_per_s"] = round(rate)
            if each > 1:
                found[f"{road}_{kind}_readings_per_s"] = round(rate * each)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    configure_logs(level="error")
    result = {"figures": asyncio.run(figures()), "singles": SINGLES, "packs": PACKS, "pack": PACK}
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json is not None:
        asked.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
