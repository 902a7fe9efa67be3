"""Simulated and recorded data through a real Mosquitto: everything arrives, once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from deploy.real.mosquitto import MosquittoServer
from shared.clock import SystemClock
from shared.errors import BadInput, BrokerUnreachable
from shared.registry.load import load_registry
from simulators.main import Wish, replay, simulate
from simulators.players import mqtt
from simulators.scenario import frames_of, load_scenario
from tests.support.played import START
from tests.support.servers import real_server

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
WITHIN_S = 20.0


class Listener:
    """Everything that arrived, and a way to wait until it is enough."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._more = threading.Condition()

    def take(self, client, data, message) -> None:
        with self._more:
            self.messages.append((message.topic, message.payload))
            self._more.notify_all()

    def wait_for(self, count: int) -> None:
        with self._more:
            enough = self._more.wait_for(lambda: len(self.messages) >= count, WITHIN_S)
        assert enough, f"{len(self.messages)} of {count} messages arrived in {WITHIN_S} s"

    def of_run(self, run: str) -> list[tuple[str, bytes]]:
        return [pair for pair in self.messages if json.loads(pair[1]).get("run") == run]


@contextlib.contextmanager
def listening(server: MosquittoServer) -> Iterator[Listener]:
    listener = Listener()
    subscribed = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = listener.take
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_connect = lambda *_: client.subscribe("tocsin/v1/#", qos=1)
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", server.port)
    client.loop_start()
    try:
        assert subscribed.wait(WITHIN_S)
        yield listener
    finally:
        client.disconnect()
        client.loop_stop()


async def test_a_scenario_arrives_whole_and_once(mosquitto_server):
    registry = load_registry()
    said = []
    with listening(mosquitto_server) as listener:
        summary = await simulate(
            "demo",
            registry=registry,
            mqtt_url=mosquitto_server.url,
            speed=0,
            seed=5,
            run="sim-once",
            start=START,
            duration_s=300.0,
            clock=SystemClock(),
            progress=said.append,
        )
        listener.wait_for(summary.frames)
    made = frames_of(
        load_scenario("demo", registry),
        registry, seed=5, start=START, run="sim-once", duration_s=300.0,
    )  # fmt: skip
    expected = Counter((frame.topic, frame.payload) for frame in made)
    assert Counter(listener.of_run("sim-once")) == expected
    assert set(expected.values()) == {1}
    assert summary.frames == expected.total() > 500
    assert said[-1].readings == summary.readings > 10_000


async def test_a_recording_arrives_whole_at_any_speed_with_the_same_bytes(
    mosquitto_server, tmp_path
):
    source = tmp_path / "own.csv"
    rows = [f"{1_772_323_200 + n / 10},t3-s1-co,{n}\n" for n in range(20)]
    source.write_text("time,sensor,value\n" + "".join(rows) + "x,t3-s1-co,1\n")
    arrived = {}
    for speed in (1.0, 60.0):
        with listening(mosquitto_server) as listener:
            summary = await replay(
                Wish(source=str(source)),
                registry=load_registry(),
                mqtt_url=mosquitto_server.url,
                speed=speed,
                run="rec",
                clock=SystemClock(),
                progress=lambda _: None,
            )
            listener.wait_for(20)
        assert (summary.frames, summary.skipped) == (20, 1)
        assert summary.seconds == pytest.approx(1.9 / speed, abs=0.5)
        arrived[speed] = listener.of_run("rec")
    assert arrived[1.0] == arrived[60.0]
    assert [json.loads(payload)["readings"][0]["value"] for _, payload in arrived[1.0]] == [
        float(n) for n in range(20)
    ]


async def test_nothing_played_is_an_error_and_not_a_success(mosquitto_server, tmp_path):
    source = tmp_path / "own.csv"
    source.write_text("time,sensor,value\nx,t3-s1-co,1\n")
    with pytest.raises(BadInput, match=r"nothing of .* could be played.*line 2"):
        await replay(
            Wish(source=str(source)),
            registry=load_registry(),
            mqtt_url=mosquitto_server.url,
            speed=0,
            run="none",
            clock=SystemClock(),
            progress=lambda _: None,
        )


class Line:
    """A TCP line to the broker that can be cut; who calls again is connected again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open = [writer, far_writer]
        await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()


async def test_a_line_cut_in_the_middle_loses_nothing(mosquitto_server):
    registry = load_registry()
    scenario = load_scenario("tower-fire", registry)
    frames = list(frames_of(scenario, registry, seed=1, start=START, run="cut", duration_s=1500.0))
    line = Line(mosquitto_server.port)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with listening(mosquitto_server) as listener:
            playing = asyncio.create_task(
                mqtt.play(
                    frames,
                    url=f"mqtt://127.0.0.1:{port}",
                    speed=1000.0,
                    clock=SystemClock(),
                    run="cut",
                )
            )
            await asyncio.to_thread(listener.wait_for, 50)
            line.cut()
            played = await playing
            await asyncio.to_thread(listener.wait_for, len(frames))
    assert played.frames == len(frames)
    assert {payload for _, payload in listener.of_run("cut")} == {f.payload for f in frames}


async def test_a_broker_that_stays_away_ends_the_play_with_a_word():
    registry = load_registry()
    scenario = load_scenario("burst", registry)
    frames = frames_of(scenario, registry, seed=1, start=START, run="gone", duration_s=1000.0)
    with real_server(MosquittoServer) as server, listening(server) as listener:
        playing = asyncio.create_task(
            mqtt.play(
                frames,
                url=server.url,
                speed=200.0,
                clock=SystemClock(),
                run="gone",
                in_flight_max=4,
                patience_s=1.0,
            )
        )
        await asyncio.to_thread(listener.wait_for, 10)
        await asyncio.to_thread(server.kill)
        with pytest.raises(BrokerUnreachable, match="acknowledged nothing for 1 s"):
            await playing
