"""Ingest at a Mosquitto that demands TLS and a password."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import ClassVar

import pytest

from deploy.real import mosquitto
from deploy.real.mosquitto import MosquittoServer
from services.ingest.main import Ingest
from services.ingest.settings import IngestSettings, MqttSettings
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support.ingest_city import own_topic, small_city
from tests.support.ingest_run import until
from tests.support.memory_bus import MemoryBus
from tests.support.servers import real_server

pytestmark = [pytest.mark.real, pytest.mark.slow]


class SecuredServer(MosquittoServer):
    name: ClassVar[str] = "Mosquitto"

    def _prepare(self) -> list[str]:
        command = super()._prepare()
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(key), "-out", str(certificate)]
        openssl = shutil.which("openssl")
        assert openssl, "openssl makes the certificate of this test; install it"
        subprocess.run([openssl, *make.split(), *names, *files], check=True, capture_output=True)
        passwords = self.folder / "passwords"
        hashing = shutil.which("mosquitto_passwd")
        assert hashing, "mosquitto_passwd comes with mosquitto; install it"
        subprocess.run([hashing, "-b", "-c", str(passwords), "crew", "s cret"], check=True)
        text = mosquitto.CONFIG.format(port=self.port, data=self.folder / "data")
        text = text.replace("allow_anonymous true", "allow_anonymous false")
        text += f"certfile {certificate}\nkeyfile {key}\npassword_file {passwords}\n"
        (self.folder / "mosquitto.conf").write_text(text)
        return command

    def _answers(self) -> bool:
        return self.log.read_bytes() != b"" and self.running


@pytest.mark.parametrize("version", [3, 5])
async def test_tls_and_a_password_come_from_the_url_and_never_reach_what_people_read(version):
    with real_server(SecuredServer) as server:
        ca_file = server.folder / "certificate.pem"
        bus = MemoryBus()
        right = ingest_at(server, "crew:s%20cret", ca_file, version, bus)
        wrong = ingest_at(server, "crew:wrong", ca_file, version, bus)
        stranger = ingest_at(server, "crew:s%20cret", None, version, bus)
        stop = asyncio.Event()
        running = [asyncio.create_task(one.run(stop)) for one in (right, wrong, stranger)]
        await until(lambda: right.probes().ready() == {})
        await until(lambda: "did not take us" in str(wrong.probes().ready()))
        await until(lambda: "certificate" in str(stranger.probes().ready()))
        assert "wrong" not in str(wrong.probes().ready())
        send(server, ca_file, own_topic("t3-s1-o2"), '{"value": 17}')
        await until(lambda: len(bus.of("tocsin.readings")) == 1)
        stop.set()
        await asyncio.gather(*running)


def ingest_at(
    server: MosquittoServer, who: str, ca_file: Path | None, version: int, bus: MemoryBus
) -> Ingest:
    made = MqttSettings(
        url=f"mqtts://{who}@127.0.0.1:{server.port}",
        ca_file=ca_file,
        version=version,
        client_id=f"secured-{who[-3:]}-{ca_file is None}",
        backoff_max_s=0.2,
    )
    return Ingest(
        IngestSettings(mqtt=made),
        registry=small_city(),
        bus=bus,
        clock=SystemClock(),
        metrics=Metrics(),
    )


def send(server: MosquittoServer, ca_file: Path, topic: str, payload: str) -> None:
    from paho.mqtt import publish

    publish.single(
        topic,
        payload,
        qos=1,
        hostname="127.0.0.1",
        port=server.port,
        auth={"username": "crew", "password": "s cret"},
        tls={"ca_certs": str(ca_file)},
    )
