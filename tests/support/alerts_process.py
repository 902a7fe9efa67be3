"""An alert service in a process of its own, to be killed: ``python alerts_process.py FOLDER URL``.

Everybody in its city is called at ``URL/person`` with signed webhooks.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from services.alerts.main import Alerts
from services.alerts.settings import AlertsSettings
from shared.bus.embedded import EmbeddedBus
from shared.clock import SystemClock
from shared.metrics import Metrics
from tests.support.small_city import small_city

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def main(folder: Path, url: str) -> None:
    clock, metrics = SystemClock(), Metrics()
    settings = AlertsSettings.model_validate(
        {
            "database": f"sqlite:///{folder}/alerts.sqlite",
            "http": {"port": 0},
            "webhook_secret": SECRET,
            "webhook_timeout_s": 2,
            "outbox_backoff_first_s": 0.1,
            "outbox_backoff_most_s": 0.5,
            "outbox_poll_s": 0.1,
            "outbox_attempts_max": 100,
        }
    )
    city = small_city(channel="webhook", target=f"{url}/{{person}}")
    async with EmbeddedBus(folder / "bus.sqlite", clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        alerts = Alerts(settings, registry=city, bus=bus, clock=clock, metrics=metrics)
        await alerts.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
