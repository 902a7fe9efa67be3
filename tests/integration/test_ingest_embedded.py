"""The broker that ``tocsin up`` brings along, both kinds, and ingest on it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from services.ingest.adapters.broker import embedded_broker, find_mosquitto
from services.ingest.settings import address_of
from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.errors import BrokerUnreachable
from shared.metrics import Metrics
from tests.support.ingest_run import publisher, refusals, running_ingest, stored_numbers, until

pytestmark = pytest.mark.slow

CLOCK = SystemClock()
ROOT = Path(__file__).parents[2]
KINDS = [
    pytest.param(True, id="amqtt"),
    pytest.param(False, id="mosquitto", marks=pytest.mark.real),
]


def need_mosquitto() -> None:
    if find_mosquitto() is None:
        pytest.skip("no mosquitto on this machine; `make real` installs it")


@pytest.fixture
async def bus(tmp_path):
    async with EmbeddedBus(tmp_path / "bus.sqlite", clock=CLOCK, metrics=Metrics()) as opened:
        await opened.ensure_topics()
        yield opened


@pytest.mark.parametrize("in_process", KINDS)
async def test_readings_and_rubbish_pass_through_the_broker_we_bring(
    in_process, tmp_path, bus, capfd
):
    if not in_process:
        need_mosquitto()
    began = time.monotonic()
    async with embedded_broker(data=tmp_path / "mqtt", clock=CLOCK, in_process=in_process) as url:
        assert time.monotonic() - began < 3.0
        async with (
            running_ingest(url, bus, client_id="embedded") as ingest,
            publisher(url) as device,
        ):
            for number in range(200):
                reading = json.dumps({"value": number, "seq": number})
                device.publish(f"tocsin/v1/dongmen/t3-s1/n{number % 20:04}", reading, qos=1)
            device.publish("tocsin/v1/dongmen/t3-s1/n0001", b'{"value": NaN}', qos=1)
            device.publish("tocsin/v1/dongmen/t3-s1/n0001", b'{"value": 1, "seq": 200}', qos=0)
            await until(lambda: ingest.probes().ledger()["counts"]["received"] >= 202)
            await until(lambda: ingest.probes().ledger()["counts"]["in_flight"] == 0)
        began = time.monotonic()
    assert time.monotonic() - began < 3.0

    assert set(await stored_numbers(bus)) == set(range(201))
    assert {refused.reason for refused in await refusals(bus)} == {"not-a-number"}
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.real
async def test_a_second_start_keeps_what_the_first_one_was_sent(tmp_path, bus):
    need_mosquitto()
    data = tmp_path / "mqtt"
    async with embedded_broker(data=data, clock=CLOCK) as url:
        async with running_ingest(url, bus, client_id="lasting"):
            """It makes the session and leaves."""
        async with publisher(url) as device:
            for number in range(50):
                reading = json.dumps({"value": number, "seq": number})
                device.publish("tocsin/v1/dongmen/t3-s1/n0001", reading, qos=1)
            await until(lambda: not device._out_messages)
    async with (
        embedded_broker(data=data, clock=CLOCK) as url,
        running_ingest(url, bus, client_id="lasting") as ingest,
    ):
        await until(lambda: ingest.probes().ledger()["counts"]["stored"] >= 50)

    assert set(await stored_numbers(bus)) == set(range(50))


KILLED = """
import asyncio, sys
from pathlib import Path
from services.ingest.adapters.broker import embedded_broker
from shared.clock import SystemClock

async def main():
    async with embedded_broker(data=Path(sys.argv[1]), clock=SystemClock()) as url:
        print(url, file=sys.stderr, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.real
async def test_a_mosquitto_left_over_by_a_killed_run_is_ended_before_the_next(tmp_path):
    need_mosquitto()
    data = tmp_path / "mqtt"
    first = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(data), cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    pid_file = data / "mosquitto.pid"
    await until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    first.kill()
    await first.wait()
    left_over = int(pid_file.read_text())
    os.kill(left_over, 0)

    async with embedded_broker(data=data, clock=CLOCK) as url:
        assert int(pid_file.read_text()) != left_over
        await until(lambda: not alive(left_over))
        assert address_of(url).port
    assert not pid_file.exists()


def alive(pid: int) -> bool:
    try:
        return b"mosquitto" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def test_a_broker_that_does_not_start_is_named_with_its_log(tmp_path):
    broken = tmp_path / "mosquitto"
    broken.write_text("#!/bin/sh\necho cannot >&2\nexit 3\n")
    broken.chmod(0o755)

    with pytest.raises(BrokerUnreachable, match=r"mosquitto\.log"):
        async with embedded_broker(data=tmp_path / "mqtt", clock=CLOCK, binary=broken):
            pytest.fail("it never started")
    assert (tmp_path / "mqtt" / "mosquitto.log").read_text() == "cannot\n"


@pytest.mark.parametrize("in_process", KINDS)
async def test_a_taken_port_is_an_error_that_names_it(in_process, tmp_path):
    if not in_process:
        need_mosquitto()
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(BrokerUnreachable, match=str(port)):
            async with embedded_broker(
                data=tmp_path / "mqtt", port=port, clock=CLOCK, in_process=in_process
            ):
                pytest.fail("two cannot listen on one port")
