"""The bus contract on the embedded log."""

from __future__ import annotations

import pytest

from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.contracts.bus import BusContract


class TestEmbeddedBus(BusContract):
    @pytest.fixture
    def again(self, tmp_path):
        return lambda: EmbeddedBus(tmp_path / "bus.sqlite", clock=SystemClock(), metrics=Metrics())
