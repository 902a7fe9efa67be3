"""``tocsin up``: the whole chain in one process, on embedded parts, from a fresh checkout.

Broker, bus file, database and demo live below one data folder; a second start goes on with what
is there. The demo city is a drill from end to end: it carries a run name and wakes nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from services.alerts.main import Alerts
from services.detector.main import Detector
from services.ingest.adapters.broker import embedded_broker
from services.ingest.main import Ingest
from services.parts import Parts
from services.running import run_together, run_until_signalled
from services.whole import TocsinSettings
from shared.bus.connect import open_bus
from shared.clock import Clock, SystemClock
from shared.domain.registry import Registry
from shared.errors import BadInput
from shared.logs import configure_logs, log
from shared.metrics import Metrics
from shared.registry.load import load_registry
from simulators.main import simulate

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the simulated city lives through."""

    scenario: str
    speed: float
    seed: int


def run_everything(
    settings: TocsinSettings,
    *,
    data: Path,
    port: int,
    duration_s: float | None,
    demo: Demo | None,
) -> None:
    """Run until SIGINT, SIGTERM or ``duration_s``.

    Raises BadInput when another Tocsin holds the folder or the port.
    """
    configure_logs(level=settings.logs.level, form="console")
    registry = load_registry(settings.city.registry)
    placed = _placed(settings, data=data, port=port)
    with _folder_held(data):
        _refuse_busy_port(port)
        main = _everything(placed, registry, data=data, port=port, demo=demo)
        asyncio.run(run_until_signalled(main, duration_s=duration_s))
    typer.echo("Tocsin has stopped; the next start goes on from here.")


def _placed(settings: TocsinSettings, *, data: Path, port: int) -> TocsinSettings:
    """The settings with every embedded part below ``data``."""
    http = settings.alerts.http.model_copy(update={"host": HOST, "port": port})
    shelves = (data / "archive").absolute()
    asked = settings.ingest.archive
    # Off by default for a service that runs alone; here it is on unless somebody said no.
    keeps = asked.enabled or "enabled" not in asked.model_fields_set
    archive = asked.model_copy(update={"enabled": keeps, "path": shelves})
    ingest = settings.ingest.model_copy(update={"archive": archive})
    alerts = settings.alerts.model_copy(
        update={
            "http": http,
            "database": f"sqlite:///{(data / 'alerts.sqlite').absolute()}",
            "archive": shelves,
        }
    )
    bus = settings.bus.model_copy(update={"kind": "embedded", "path": data / "bus.sqlite"})
    return settings.model_copy(update={"ingest": ingest, "alerts": alerts, "bus": bus})


def _everything(
    settings: TocsinSettings, registry: Registry, *, data: Path, port: int, demo: Demo | None
) -> Callable[[asyncio.Event], Awaitable[None]]:
    async def main(stop: asyncio.Event) -> None:
        clock, metrics = SystemClock(), Metrics()
        in_process = settings.ingest.embedded_broker == "amqtt"
        async with (
            embedded_broker(
                data=data / "mqtt", host=HOST, clock=clock, in_process=in_process
            ) as mqtt_url,
            open_bus(settings.bus, clock=clock, metrics=metrics) as bus,
        ):
            await bus.ensure_topics()
            parts = Parts(registry=registry, bus=bus, clock=clock, metrics=metrics)
            services = _chain(settings, parts, mqtt_url)
            typer.echo(f"Tocsin watches {registry.name}: http://{HOST}:{port}")
            typer.echo(f"Devices publish to {mqtt_url}; everything is kept in {data}")
            if demo is not None:
                typer.echo(f"The city is simulated (scenario {demo.scenario}); Ctrl-C stops.")
                services.append(_demo_city(demo, registry, mqtt_url, clock))
            await run_together(stop, *services)

    return main


def _chain(
    settings: TocsinSettings, parts: Parts, mqtt_url: str
) -> list[Callable[[asyncio.Event], Awaitable[None]]]:
    mqtt = settings.ingest.mqtt.model_copy(update={"url": mqtt_url})
    ingest = Ingest(settings.ingest.model_copy(update={"mqtt": mqtt}), **parts.keywords())
    detector = Detector(settings.detector, **parts.keywords())
    neighbours = {"ingest": ingest.probes(), "detector": detector.probes()}
    alerts = Alerts(settings.alerts, **parts.keywords(), neighbours=neighbours)
    return [ingest.run, detector.run, alerts.run]


def _demo_city(
    demo: Demo, registry: Registry, mqtt_url: str, clock: Clock
) -> Callable[[asyncio.Event], Awaitable[None]]:
    async def play(stop: asyncio.Event) -> None:
        start = clock.now()
        playing = asyncio.ensure_future(
            simulate(
                demo.scenario,
                registry=registry,
                mqtt_url=mqtt_url,
                speed=demo.speed,
                seed=demo.seed,
                run=f"demo-{start:%Y%m%dT%H%M%S}",
                start=start,
                duration_s=None,
                clock=clock,
                progress=lambda _: None,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            log("demo").info("demo.over", summary=str(playing.result()))
            await stopping
            return
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing

    return play


@contextlib.contextmanager
def _folder_held(data: Path) -> Iterator[None]:
    """Hold the data folder for this process; BadInput names who is in the way."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("w")
    except OSError as error:
        raise BadInput(
            f"data folder {data} cannot be used ({error}); choose another by --data"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadInput(
                f"data folder {data} is held by another tocsin; stop it or give another by --data"
            ) from error
        yield


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BadInput(f"port {port} on {HOST} is taken; give another by --port") from error
