"""The bus contract on Apache Kafka."""

from __future__ import annotations

import secrets

import pytest

from shared.bus.kafka import KafkaBus
from shared.clock import SystemClock
from shared.config.sections import BusSettings
from shared.metrics import Metrics
from tests.contracts.bus import BusContract


@pytest.mark.real
class TestKafkaBus(BusContract):
    @pytest.fixture
    def again(self, kafka_server):
        settings = BusSettings(kind="kafka", servers=kafka_server.bootstrap)
        prefix = f"test-{secrets.token_hex(4)}."
        return lambda: KafkaBus(settings, clock=SystemClock(), metrics=Metrics(), prefix=prefix)
