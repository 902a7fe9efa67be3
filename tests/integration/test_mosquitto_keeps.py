"""What we rely on Mosquitto for: it starts on our settings, and keeps what was not fetched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.real.mosquitto import MosquittoServer
from deploy.real.places import find_program
from shared.clock import SystemClock
from tests.support.servers import folder_open_to_all, real_server

pytestmark = pytest.mark.real

COMPOSE_CONF = Path(__file__).parents[2] / "deploy" / "mosquitto" / "compose.conf"


class ShippedMosquitto(MosquittoServer):
    """Mosquitto with the Compose settings, on our port and folder."""

    def _prepare(self) -> list[str]:
        command = super()._prepare()
        ours = COMPOSE_CONF.read_text()
        assert "listener 1883\n" in ours
        assert "persistence_location /mosquitto/data/\n" in ours
        ours = ours.replace("listener 1883", f"listener {self.port} 127.0.0.1")
        ours = ours.replace("/mosquitto/data/", f"{self.folder}/data/")
        Path(command[-1]).write_text(ours + "\nuser root\n")
        return command


def test_the_compose_settings_start_it():
    with real_server(ShippedMosquitto) as server:
        assert server.running


def client(server: MosquittoServer, tool: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(find_program(tool)), "-h", "127.0.0.1", "-p", str(server.port), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return done.stdout


def test_what_a_sleeping_session_has_not_fetched_survives_a_kill():
    with real_server(MosquittoServer) as server:
        session = ("-i", "sleeper", "-c", "-q", "1", "-t", "tocsin/v1/#")
        client(server, "mosquitto_sub", *session, "-E")
        for number in range(3):
            client(
                server, "mosquitto_pub", "-q", "1", "-t", "tocsin/v1/a", "-m", f"reading-{number}"
            )
        wait_until_saved(server.folder / "data" / "mosquitto.db")
        server.kill()
        server.start()
        assert client(server, "mosquitto_sub", *session, "-C", "3").split() == [
            f"reading-{number}" for number in range(3)
        ]


def wait_until_saved(database: Path) -> None:
    clock = SystemClock()
    deadline = clock.monotonic() + 10
    while clock.monotonic() < deadline:
        if database.exists() and b"reading-2" in database.read_bytes():
            return
    raise AssertionError(f"{database} was not written")


def test_a_folder_for_postgres_may_be_entered_by_everybody():
    with folder_open_to_all("test") as folder:
        assert folder.stat().st_mode & 0o777 == 0o755
    assert not folder.exists()
