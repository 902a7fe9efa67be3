"""The settings choose the bus, and only the chosen one's libraries are loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.bus.connect import open_bus
from shared.bus.embedded import EmbeddedBus
from shared.bus.kafka import KafkaBus
from shared.bus.topics import READINGS
from shared.clock import SystemClock
from shared.config.sections import BusSettings
from shared.metrics import Metrics


@pytest.mark.parametrize(("kind", "bus"), [("embedded", EmbeddedBus), ("kafka", KafkaBus)])
def test_the_kind_in_the_settings_is_the_bus(kind, bus):
    assert isinstance(open_bus(BusSettings(kind=kind), clock=SystemClock(), metrics=Metrics()), bus)


async def test_the_embedded_bus_lives_at_the_path_of_the_settings(tmp_path):
    settings = BusSettings(path=tmp_path / "there" / "bus.sqlite")
    async with open_bus(settings, clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()
        assert await bus.publish(READINGS, "site", b"x") == 0

    assert settings.path.exists()


@pytest.mark.slow
def test_an_embedded_run_never_loads_aiokafka(pytestconfig):
    code = (
        "import sys; from shared.bus.connect import open_bus;"
        "from shared.config.sections import BusSettings;"
        "from shared.clock import SystemClock; from shared.metrics import Metrics;"
        "open_bus(BusSettings(), clock=SystemClock(), metrics=Metrics());"
        "sys.exit('aiokafka' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=pytestconfig.rootpath)
