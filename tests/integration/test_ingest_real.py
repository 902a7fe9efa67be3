"""Ingest on a real Mosquitto and the embedded bus: killed, cut off, stuck, fed with rubbish."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from paho.mqtt import client as mqtt

from deploy.real.mosquitto import MosquittoServer
from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support import ingest_process
from tests.support.ingest_city import NOON, small_city
from tests.support.ingest_run import (
    forget_session,
    publisher,
    refusals,
    running_ingest,
    stored_numbers,
    until,
)
from tests.support.memory_bus import MemoryBus
from tests.support.servers import real_server

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
READINGS = 2_000
KILLS = (1, 300, 600, 900)
O2 = "tocsin/v1/dongmen/t3-s1/t3-s1-o2"


@pytest.fixture
async def bus(tmp_path):
    path = tmp_path / "bus.sqlite"
    async with EmbeddedBus(path, clock=SystemClock(), metrics=Metrics()) as opened:
        await opened.ensure_topics()
        yield opened


def numbered(number: int) -> tuple[str, bytes]:
    sensor = f"n{number % ingest_process.SENSORS:04}"
    return f"tocsin/v1/dongmen/t3-s1/{sensor}", json.dumps(
        {"value": number, "seq": number}
    ).encode()


class Killable:
    """Ingest in a process of its own."""

    def __init__(self, url: str, path: Path, client_id: str) -> None:
        self._arguments = [str(Path(ingest_process.__file__)), url, str(path), client_id]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._arguments, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        )

    async def kill(self) -> None:
        assert self._process is not None
        assert self._process.returncode is None, "it died before it was killed"
        self._process.kill()
        await self._process.wait()

    async def terminate(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 5)


async def test_two_thousand_numbered_readings_survive_kills_of_ingest(
    mosquitto_server, tmp_path, bus
):
    client_id = "killed-ingest"
    ingest = Killable(mosquitto_server.url, tmp_path / "bus.sqlite", client_id)
    async with running_ingest(mosquitto_server.url, bus, client_id=client_id):
        """Only to make the session; from here on the broker keeps what nobody fetches."""
    async with publisher(mosquitto_server.url) as device:
        for number in range(READINGS):
            device.publish(*numbered(number), qos=1)
        for kill_at in KILLS:
            await ingest.start()
            await stored_at_least(bus, kill_at)
            await ingest.kill()
        assert len(set(await stored_numbers(bus))) < READINGS, "no kill came while readings waited"
        await ingest.start()
        await stored_at_least(bus, READINGS)
    assert await ingest.terminate() == 0

    stored = Counter(await stored_numbers(bus))
    assert set(stored) == set(range(READINGS))
    window = ingest_process.WINDOW
    assert stored.total() <= READINGS + len(KILLS) * window, "a kill repeats at most one window"
    assert not await refusals(bus)
    await forget_session(mosquitto_server.url, client_id)


async def stored_at_least(bus: EmbeddedBus, count: int) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while len(set(await stored_numbers(bus))) < count:
        assert asyncio.get_running_loop().time() < deadline, "readings are missing"
        await asyncio.sleep(0)


@pytest.mark.parametrize("version", [3, 5])
async def test_everything_flows_again_after_the_broker_was_away(version, bus):
    with real_server(MosquittoServer) as server:
        async with (
            running_ingest(server.url, bus, client_id="patient", version=version) as ingest,
            publisher(server.url) as device,
        ):
            for number in range(100):
                device.publish(*numbered(number), qos=1)
            await until(lambda: ingest.probes().ledger()["counts"]["stored"] >= 50)
            await asyncio.to_thread(server.stop)
            await until(lambda: bool(ingest.probes().ready()), what="ingest sees it is alone")
            for number in range(100, 200):
                device.publish(*numbered(number), qos=1)
            await asyncio.to_thread(server.start)
            await until(lambda: not ingest.probes().ready(), what="ingest is back")
            await until(lambda: ingest.probes().ledger()["counts"]["stored"] >= 200)

            assert ingest.probes().ledger()["balanced"]
            assert set(await stored_numbers(bus)) == set(range(200))


async def test_a_frozen_broker_is_noticed_and_everything_flows_again_when_it_thaws(bus):
    with real_server(MosquittoServer) as server:
        async with (
            running_ingest(server.url, bus, client_id="frozen", keepalive_s=5) as ingest,
            publisher(server.url) as device,
        ):
            device.publish(*numbered(1), qos=1)
            await until(lambda: ingest.probes().ledger()["counts"]["stored"] == 1)
            await asyncio.to_thread(server.pause)
            device.publish(*numbered(2), qos=1)
            await until(lambda: bool(ingest.probes().ready()), what="the silence is noticed")
            await asyncio.to_thread(server.resume)
            await until(lambda: not ingest.probes().ready(), what="ingest is back")
            device.publish(*numbered(3), qos=1)
            await until(lambda: ingest.probes().ledger()["counts"]["stored"] >= 3)

            assert set(await stored_numbers(bus)) == {1, 2, 3}


async def test_what_cannot_be_survived_ends_ingest_with_its_own_error(mosquitto_server):
    class Broken(Exception):
        pass

    def break_down(_: object) -> None:
        raise Broken

    with pytest.raises(Broken):  # noqa: PT012 - it is raised where ingest is waited for
        async with (
            running_ingest(mosquitto_server.url, MemoryBus(), client_id="broken") as ingest,
            publisher(mosquitto_server.url) as device,
        ):
            ingest._pump.receive = break_down
            device.publish(*numbered(1), qos=1)
            await until(lambda: bool(ingest.probes().ready()))
    await forget_session(mosquitto_server.url, "broken")


@pytest.mark.parametrize("version", [3, 5])
async def test_a_stuck_bus_makes_ingest_reconnect_and_nothing_is_lost(mosquitto_server, version):
    bus = MemoryBus()
    client_id = f"stuck-{version}"
    async with (
        running_ingest(
            mosquitto_server.url,
            bus,
            client_id=client_id,
            version=version,
            receive_window=50,
            stuck_publish_s=0.4,
        ) as ingest,
        publisher(mosquitto_server.url) as device,
    ):
        bus.stick()
        for number in range(300):
            device.publish(*numbered(number), qos=1)
        counts = lambda: ingest.probes().ledger()["counts"]  # noqa: E731 - read often
        await until(lambda: counts()["returned"] >= 50, what="the window is handed back")
        await until(lambda: "bus" in ingest.probes().healthy())
        bus.unstick()
        await until(lambda: counts()["stored"] >= 300)
        await until(lambda: counts()["in_flight"] == 0)

        assert ingest.probes().ledger()["balanced"]
        assert ingest.probes().healthy() == {}
        values = [json.dumps(record.key) for record in bus.records]
        assert len(values) >= 300
    await forget_session(mosquitto_server.url, client_id)


def rubbish() -> list[tuple[str, str, bytes]]:
    stamped = lambda at: json.dumps({"value": 20, "measured_at": at}).encode()  # noqa: E731 - as a word
    return [
        ("unreadable", O2, bytes(range(256))),
        ("empty", O2, b""),
        ("too-large", O2, b"x" * (1 << 20)),
        ("wrong-shape", O2, b'["value", 20]'),
        ("wrong-type", O2, b'{"value": "twenty"}'),
        ("not-a-number", O2, b'{"value": NaN}'),
        ("unknown-sensor", "tocsin/v1/dongmen/t3-s1/stranger", b'{"value": 1}'),
        ("clock-unset", O2, stamped("1970-01-01T00:00:00Z")),
        ("from-the-future", O2, stamped("2100-01-01T00:00:00Z")),
        ("too-old", O2, stamped(NOON.replace(year=2011).isoformat())),
        ("misplaced", "tocsin/v1/dongmen/vc-07/t3-s1-o2", b'{"value": 20}'),
        ("unknown-topic", "tocsin/v1/hello", b'{"value": 20}'),
    ]


@pytest.mark.parametrize("version", [3, 5])
async def test_rubbish_is_refused_by_name_and_kept_while_good_readings_pass(
    mosquitto_server, bus, version
):
    client_id = f"rubbish-{version}"
    async with (
        running_ingest(mosquitto_server.url, bus, client_id=client_id, version=version) as ingest,
        publisher(mosquitto_server.url) as device,
    ):
        for number, (_, topic, payload) in enumerate(rubbish()):
            device.publish(*numbered(number), qos=1)
            device.publish(topic, payload, qos=number % 2)
        device.publish(*numbered(99), qos=1)
        count = len(rubbish())
        await until(lambda: ingest.probes().ledger()["counts"]["received"] == 2 * count + 1)
        await until(lambda: ingest.probes().ledger()["counts"]["in_flight"] == 0)

        assert sorted(await stored_numbers(bus)) == [*range(count), 99]
        kept = {(r.reason, r.topic, r.payload_size): r for r in await refusals(bus)}
        assert len(kept) == count
        for reason, topic, payload in rubbish():
            refused = kept[reason, topic, len(payload)]
            assert refused.payload == payload[: 64 * 1024]
            assert refused.detail.isprintable()
        assert ingest.probes().ledger()["balanced"]
    await forget_session(mosquitto_server.url, client_id)


async def test_a_retained_message_is_set_aside_at_the_start(mosquitto_server, bus):
    topic = small_city().topic_of("vc-07-level")
    async with publisher(mosquitto_server.url) as device:
        device.publish(topic, b'{"value": 5.5}', qos=1, retain=True).wait_for_publish(5)
        try:
            async with running_ingest(mosquitto_server.url, bus, client_id="retained") as ingest:
                await until(lambda: "refused.retained" in ingest.probes().ledger()["counts"])
                assert await stored_numbers(bus) == []
        finally:
            device.publish(topic, b"", qos=1, retain=True).wait_for_publish(5)
    await forget_session(mosquitto_server.url, "retained")


async def test_two_clients_of_one_name_do_not_fight_without_pause(mosquitto_server):
    """The broker throws out the older of the two; ours must wait before it comes back."""
    async with running_ingest(mosquitto_server.url, MemoryBus(), client_id="twin") as ingest:
        twin = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "twin", clean_session=False)
        twin.connect("127.0.0.1", mosquitto_server.port)
        twin.loop_start()
        await until(lambda: bool(ingest.probes().ready()))
        twin.disconnect()
        twin.loop_stop()
        await until(lambda: not ingest.probes().ready())
    await forget_session(mosquitto_server.url, "twin")
