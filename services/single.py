"""One service in one process, for production: settings in, until a signal says stop."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from services.alerts.main import Alerts
from services.detector.main import Detector
from services.ingest.main import Ingest
from services.parts import Parts
from services.running import probes_served, run_until_signalled
from services.whole import TocsinSettings
from shared.bus.connect import open_bus
from shared.clock import SystemClock
from shared.config.sections import ProbeSettings
from shared.domain.registry import Registry
from shared.logs import configure_logs, log
from shared.metrics import Metrics
from shared.registry.load import load_registry

Name = Literal["ingest", "detector", "alerts"]
Service = Ingest | Detector | Alerts

# Alerts answers its probes on its own HTTP port.
_NO_PROBES: Final = ProbeSettings()


def run_service(name: Name, settings: TocsinSettings) -> None:
    """Run it until SIGINT or SIGTERM; raises what it cannot survive."""
    configure_logs(level=settings.logs.level, form=settings.logs.form)
    registry = load_registry(settings.city.registry)
    asyncio.run(run_until_signalled(lambda stop: _serve(name, settings, registry, stop)))


async def _serve(
    name: Name, settings: TocsinSettings, registry: Registry, stop: asyncio.Event
) -> None:
    clock = SystemClock()
    metrics = Metrics()
    log(name).info("service.starting", city=registry.name, bus=settings.bus.kind)
    async with open_bus(settings.bus, clock=clock, metrics=metrics) as bus:
        await bus.ensure_topics()
        parts = Parts(registry=registry, bus=bus, clock=clock, metrics=metrics)
        service, ports = _build(name, settings, parts)
        async with probes_served(service.probes(), ports):
            await service.run(stop)
    log(name).info("service.stopped")


def _build(name: Name, settings: TocsinSettings, parts: Parts) -> tuple[Service, ProbeSettings]:
    if name == "ingest":
        return Ingest(settings.ingest, **parts.keywords()), settings.ingest.probes
    if name == "detector":
        return Detector(settings.detector, **parts.keywords()), settings.detector.probes
    return Alerts(settings.alerts, **parts.keywords()), _NO_PROBES
