"""Where the broker is, and what people may read of that."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from services.ingest.adapters.mqtt import MqttField
from services.ingest.main import Ingest
from services.ingest.ports import Message
from services.ingest.settings import IngestSettings, MqttSettings, address_of
from shared.clock import ManualClock
from shared.metrics import Metrics
from tests.support.ingest_city import NOON, small_city
from tests.support.memory_bus import MemoryBus


def test_a_url_is_taken_apart_with_its_usual_ports():
    plain = address_of("mqtt://broker.example")
    secure = address_of("mqtts://crew:p%40ss@10.0.0.7:8884")

    assert (plain.host, plain.port, plain.tls, plain.user) == ("broker.example", 1883, False, None)
    assert (secure.port, secure.tls, secure.user, secure.password) == (8884, True, "crew", "p@ss")
    assert address_of("mqtts://broker.example").port == 8883


def test_a_password_is_never_shown():
    settings = IngestSettings(mqtt=MqttSettings(url="mqtts://crew:secret@10.0.0.7"))

    assert "secret" not in f"{settings!r} {settings.mqtt.address}"


@pytest.mark.parametrize("url", ["http://broker", "broker:1883", "mqtt://", "mqtt://a:99999", ""])
def test_what_is_no_address_of_a_broker_is_refused(url):
    with pytest.raises(ValidationError):
        MqttSettings(url=url)


def test_limits_follow_the_settings_in_microseconds():
    limits = IngestSettings(age_max_s=60, future_max_s=1.5).limits

    assert (limits.age_max_us, limits.future_max_us) == (60_000_000, 1_500_000)


async def test_before_the_first_connection_ingest_is_not_ready_and_later_not_healthy():
    clock = ManualClock(NOON)
    ingest = Ingest(
        IngestSettings(unreachable_s=30),
        registry=small_city(),
        bus=MemoryBus(),
        clock=clock,
        metrics=Metrics(),
    )
    probes = ingest.probes()
    assert probes.ready() == {"broker": "not connected yet"}
    assert probes.healthy() == {}
    clock._now = NOON.replace(hour=13)

    assert probes.healthy()["broker"].startswith("away for 3600 s")
    assert probes.ledger()["balanced"]


async def test_an_acknowledgement_without_a_connection_is_nothing():
    field = MqttField(
        MqttSettings(),
        window=10,
        clock=ManualClock(NOON),
        metrics=Metrics(),
        rng=np.random.default_rng(1),
    )

    field.acknowledge(Message("t", b"", 1, False, 7, 0))
    field.resume()
    field.drop("stuck")
    await field.close()

    assert not field.subscribed
