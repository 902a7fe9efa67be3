"""The real servers come up on a free port, survive what we do to them, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path

import asyncpg
import pytest

from deploy.real.kafka import KafkaServer
from deploy.real.mosquitto import MosquittoServer
from deploy.real.postgres import PostgresServer
from deploy.real.processes import is_alive
from deploy.real.server import RealServer, ServerFailed
from shared.clock import SystemClock
from tests.support.servers import real_server

pytestmark = pytest.mark.real

KINDS = [MosquittoServer, PostgresServer, KafkaServer]


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_server_comes_back_on_its_port_with_its_data(kind: type[RealServer]):
    with real_server(kind) as server:
        port, first = server.port, server.pid
        server.kill()
        assert not server.running
        server.start()
        assert (server.port, server.pid != first) == (port, True)
        server.stop()
        assert not server.running


@pytest.mark.parametrize("kind", KINDS)
def test_a_paused_server_stays_silent_until_it_is_resumed(kind: type[RealServer]):
    with real_server(kind) as server:
        server.pause()
        with socket.create_connection(("127.0.0.1", server.port), timeout=1) as line:
            line.settimeout(0.1)
            line.sendall(b"\x00" * 8)
            with pytest.raises(TimeoutError):
                line.recv(1)
        server.resume()
        assert server._answers()
        server.pause()  # and so it is stopped: a test that failed while it was paused leaves it so


async def test_every_fresh_database_is_new_and_empty(postgres_server: PostgresServer):
    urls = {postgres_server.fresh_database() for _ in range(2)}
    assert len(urls) == 2
    for url in urls:
        connection = await asyncpg.connect(url)
        tables = await connection.fetchval(
            "select count(*) from pg_tables where schemaname = 'public'"
        )
        await connection.close()
        assert tables == 0


def test_the_addresses_say_where_to_connect(
    kafka_server: KafkaServer, mosquitto_server: MosquittoServer, postgres_server: PostgresServer
):
    assert kafka_server.bootstrap == f"127.0.0.1:{kafka_server.port}"
    for server in (mosquitto_server, postgres_server):
        assert urllib.parse.urlparse(server.url).port == server.port


def test_a_server_that_cannot_start_shows_its_log(
    mosquitto_server: MosquittoServer, tmp_path: Path
):
    second = MosquittoServer(tmp_path, port=mosquitto_server.port)
    second._answers = lambda: False  # type: ignore[method-assign]  # the first one would answer
    with pytest.raises(ServerFailed, match="Address already in use"):
        second.start()
    assert not second.running


def test_a_server_dies_with_the_process_that_started_it(
    tmp_path: Path, mosquitto_server: MosquittoServer
):
    """Even when that process is killed and can clean up nothing."""
    assert mosquitto_server.running, "asked for so that the test skips where there is none"
    program = (
        "import sys, pathlib\n"
        "from deploy.real.mosquitto import MosquittoServer\n"
        "server = MosquittoServer(pathlib.Path(sys.argv[1])).start()\n"
        "print(server.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        assert is_alive(server)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        clock = SystemClock()
        deadline = clock.monotonic() + 5
        while is_alive(server) and clock.monotonic() < deadline:
            pass
    assert not is_alive(server)


def test_chromium_can_draw_a_page(chromium: Path, tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("<meta charset=utf-8><p id=here>江城</p>")
    done = subprocess.run(
        [
            chromium,
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"),
            f"--user-data-dir={tmp_path / 'profile'}",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "江城" in done.stdout
