"""Pacing and the MQTT player without a broker: when frames are due, and what is said when not."""

from __future__ import annotations

import asyncio
import math
import socket
from datetime import timedelta

import pytest

from shared.errors import BadInput, BrokerUnreachable
from simulators.frames import Frame, PackedReading, pack_frame
from simulators.players import memory, mqtt
from simulators.players.pacing import pace_of
from tests.support.played import START, OwnClock


def some_frames(count: int = 5, every_s: float = 10.0) -> list[Frame]:
    return [
        pack_frame(
            topic="tocsin/v1/a/b/_",
            measured_at=START + timedelta(seconds=every_s * number),
            run="drill",
            readings=[PackedReading("s", float(number))],
        )
        for number in range(count)
    ]


async def play(frames, speed: float):
    clock = OwnClock()
    sent: list[tuple[float, Frame]] = []
    said = []

    async def take(frame: Frame) -> None:
        sent.append((clock.monotonic(), frame))

    played = await memory.play(frames, into=take, speed=speed, clock=clock, progress=said.append)
    return played, sent, said


@pytest.mark.parametrize("speed", [0.5, 1.0, 60.0])
async def test_a_frame_is_sent_when_it_is_due(speed):
    played, sent, _ = await play(some_frames(), speed)
    assert [at for at, _ in sent] == pytest.approx([10.0 * n / speed for n in range(5)])
    assert (played.frames, played.readings) == (5, 5)
    assert played.seconds == pytest.approx(40.0 / speed)


@pytest.mark.parametrize("speed", [0.0, math.inf])
async def test_no_speed_means_no_waiting(speed):
    played, sent, _ = await play(some_frames(), speed)
    assert played.seconds == 0.0
    assert len(sent) == 5


async def test_speed_changes_when_frames_are_sent_and_never_what_is_in_them():
    at_one = [frame for _, frame in (await play(some_frames(), 1.0))[1]]
    at_sixty = [frame for _, frame in (await play(some_frames(), 60.0))[1]]
    assert at_one == at_sixty == some_frames()


async def test_progress_ends_with_everything_counted():
    _, _, said = await play(some_frames(50, every_s=1.0), 1.0)
    assert (said[-1].frames, said[-1].readings) == (50, 50)
    assert [word.frames for word in said] == sorted(word.frames for word in said)
    assert "50 frames, 50 readings" in str(said[-1])


async def test_a_recording_that_jumps_back_in_time_is_not_waited_for():
    frames = some_frames(3)
    _, sent, _ = await play([frames[2], frames[0], frames[1]], 1.0)
    assert [at for at, _ in sent] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("speed", [-1.0, math.nan])
def test_a_speed_that_makes_no_sense_is_refused(speed):
    with pytest.raises(BadInput, match="speed"):
        pace_of(speed)


def test_a_payload_is_json_v1_with_one_moment_for_all_readings():
    frame = pack_frame(
        topic="t",
        measured_at=START + timedelta(milliseconds=1500),
        run="drill",
        readings=[PackedReading("a", 1.0), PackedReading("b", 2.5, "bar", "bad")],
    )
    assert frame.payload == (
        b'{"measured_at":"2026-11-23T08:00:01.500Z","readings":[{"sensor":"a","value":1.0},'
        b'{"sensor":"b","value":2.5,"unit":"bar","quality":"bad"}],"run":"drill"}'
    )


@pytest.mark.parametrize(("url", "shown"), [
    ("mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:1883"),
    ("mqtt://broker", "mqtt://broker:1883"),
    ("mqtts://me:secret@broker", "mqtts://broker:8883"),
])  # fmt: skip
def test_an_address_is_understood_and_shown_without_its_password(url, shown):
    assert mqtt.address_of(url).shown == shown


@pytest.mark.parametrize("url", ["127.0.0.1:1883", "http://broker", "mqtt://", "mqtt://x:port"])
def test_a_url_that_is_none_is_refused(url):
    with pytest.raises(BadInput, match="broker URL"):
        mqtt.address_of(url)


async def test_nobody_there_is_said_with_the_url_and_the_mend():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with pytest.raises(BrokerUnreachable, match=rf"127\.0\.0\.1:{port} .*--mqtt"):
        await mqtt.play(some_frames(), url=f"mqtt://127.0.0.1:{port}", speed=0, clock=OwnClock())


@pytest.mark.slow
async def test_a_server_that_does_not_speak_mqtt_is_said_so(monkeypatch):
    monkeypatch.setattr(mqtt, "CONNECT_S", 0.3)

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BrokerUnreachable, match="does not speak MQTT"):
            await mqtt.play(
                some_frames(), url=f"mqtt://127.0.0.1:{port}", speed=0, clock=OwnClock()
            )
