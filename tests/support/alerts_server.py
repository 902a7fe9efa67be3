"""A whole alert service in this process, on a free port, around an embedded bus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from services.alerts.main import Alerts
from services.alerts.settings import AlertsSettings
from shared.bus.codec import encode_event
from shared.bus.embedded import EmbeddedBus
from shared.bus.ports import Bus
from shared.bus.topics import EVENTS
from shared.clock import SystemClock
from shared.domain.event import RiskEvent
from shared.domain.registry import Registry
from shared.metrics import Metrics
from tests.support.small_city import small_city


class Served:
    def __init__(self, alerts: Alerts, bus: Bus, http: httpx.AsyncClient) -> None:
        self.alerts = alerts
        self.bus = bus
        self.http = http
        self.stop = asyncio.Event()

    async def publish(self, *events: RiskEvent) -> None:
        for event in events:
            await self.bus.publish(EVENTS, event.site, encode_event(event))

    async def cards(self, count: int = 1, query: str = "state=all") -> list[dict[str, Any]]:
        """The list once it holds ``count`` incidents."""
        async with asyncio.timeout(10):
            while True:
                cards = (await self.http.get(f"/api/v1/incidents?{query}")).json()["incidents"]
                if len(cards) >= count:
                    return list(cards)
                await asyncio.sleep(0)


@asynccontextmanager
async def serving(
    folder: Path, *, city: Registry | None = None, **settings: Any
) -> AsyncIterator[Served]:
    """Runs until the block ends; then it must have stopped within three seconds."""
    clock, metrics = SystemClock(), Metrics()
    whole = AlertsSettings(
        **{"database": f"sqlite:///{folder}/alerts.sqlite", "http": {"port": 0}, **settings}
    )
    async with EmbeddedBus(folder / "bus.sqlite", clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        alerts = Alerts(whole, registry=city or small_city(), bus=bus, clock=clock, metrics=metrics)
        stop = asyncio.Event()
        running = asyncio.create_task(alerts.run(stop))
        try:
            await _answering(alerts, running)
            host, port = alerts.address or ("", 0)
            async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=10) as http:
                served = Served(alerts, bus, http)
                served.stop = stop
                yield served
        finally:
            stop.set()
            await asyncio.wait_for(running, 5)


async def _answering(alerts: Alerts, running: asyncio.Task[None]) -> None:
    async with asyncio.timeout(10):
        while alerts.probes().ready():
            if running.done():
                running.result()
            await asyncio.sleep(0.01)
