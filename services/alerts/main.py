"""Wiring of the alert service: the only file that sees both its shells and its adapters."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import numpy as np
import uvicorn
from starlette.types import ASGIApp

from services.alerts.adapters.console import Console
from services.alerts.adapters.ledger.ledger import SqlLedger
from services.alerts.adapters.ledger.rows import written
from services.alerts.adapters.policy_file import load_policy
from services.alerts.adapters.webhook import Webhook
from services.alerts.core.duty import DutyBook
from services.alerts.core.plan import Rules
from services.alerts.ports import Channel
from services.alerts.settings import AlertsSettings
from services.alerts.shell.acts import Acts
from services.alerts.shell.bell import Bells
from services.alerts.shell.books import Bookkeeper
from services.alerts.shell.desk import Desk
from services.alerts.shell.engine import Engine
from services.alerts.shell.hub import Hub
from services.alerts.shell.outbox import Outbox, Terms
from services.alerts.shell.pulse import Pulse, wrong
from services.alerts.shell.relay import Relay
from services.alerts.shell.ticker import Ticker
from services.alerts.web.app import make_app
from services.alerts.web.doors import Doors
from shared.bus.ports import Bus
from shared.clock import Clock
from shared.domain.level import Level
from shared.domain.registry import Registry
from shared.errors import BadSettings
from shared.logs import log
from shared.metrics import Metrics
from shared.probes import Probes, QuietServer

PARTS: Final = ("events", "deadlines", "outbox", "decisions", "feed", "books")
SHUTDOWN_S: Final = 2.5


class Alerts:
    """One alert service; ``neighbours`` are the probes of services in the same process."""

    def __init__(
        self,
        settings: AlertsSettings,
        *,
        registry: Registry,
        bus: Bus,
        clock: Clock,
        metrics: Metrics,
        neighbours: Mapping[str, Probes] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._neighbours = neighbours or {}
        self._pulses = {part: Pulse(clock, stuck_s=settings.stuck_s) for part in PARTS}
        self._bells = Bells()
        self._ledger = SqlLedger(settings.database, area_of=lambda asset: _area(registry, asset))
        self._channels: Mapping[str, Channel] = _channels(settings)
        self._desk = Desk(load_policy(settings.policy), _rules(settings, registry))
        self._make_shells(settings, bus)
        self._registry = registry
        self._started = False
        self._address: tuple[str, int] | None = None

    def _make_shells(self, settings: AlertsSettings, bus: Bus) -> None:
        ledger, desk, clock, bells = self._ledger, self._desk, self._clock, self._bells
        metrics, pulses = self._metrics, self._pulses
        self._engine = Engine(
            bus=bus, ledger=ledger, desk=desk, clock=clock, metrics=metrics, bells=bells,
            pulse=pulses["events"], batch_max=settings.events_batch_max,
        )  # fmt: skip
        self._ticker = Ticker(
            ledger=ledger, desk=desk, clock=clock, metrics=metrics, bells=bells,
            pulse=pulses["deadlines"], tick_s=settings.tick_s, changes_kept=settings.changes_kept,
        )  # fmt: skip
        self._outbox = Outbox(
            ledger=ledger, desk=desk, channels=self._channels, clock=clock, metrics=metrics,
            bells=bells, pulse=pulses["outbox"], terms=_terms(settings),
            rng=np.random.default_rng(),
        )  # fmt: skip
        self._relay = Relay(
            bus=bus, ledger=ledger, clock=clock, bells=bells, pulse=pulses["decisions"]
        )
        self._books = Bookkeeper(bus=bus, ledger=ledger, clock=clock, pulse=pulses["books"])
        self._hub = Hub(
            ledger=ledger, clock=clock, metrics=metrics, bells=bells, pulse=pulses["feed"],
            figures=self._figures, queue_max=settings.feed_queue_max, poll_s=settings.feed_poll_s,
            pulse_s=settings.feed_pulse_s, keepalive_s=settings.feed_keepalive_s,
        )  # fmt: skip

    @property
    def address(self) -> tuple[str, int] | None:
        """Where it listens, once it does."""
        return self._address

    def probes(self) -> Probes:
        return Probes(
            healthy=self._healthy,
            ready=self._ready,
            ledger=self._books.shown,
            metrics=self._metrics,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``; raises BadSettings for a taken port, StoreUnavailable at start."""
        try:
            await self._ledger.migrate()
            if not self._ledger.shared:
                await self._ledger.release()  # one file has one service
            for pulse in self._pulses.values():
                pulse.beat()
            self._report_gaps()
            listener = _listen(self._settings.http.host, self._settings.http.port)
            self._address = listener.getsockname()[:2]
            await self._serve(listener, stop)
        finally:
            for channel in self._channels.values():
                await channel.close()
            await self._ledger.close()

    async def _serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        server = _server(make_app(self._doors()))
        halt = asyncio.Event()
        loops: list[Callable[[asyncio.Event], Awaitable[None]]] = [
            self._engine.run, self._ticker.run, self._outbox.run,
            self._relay.run, self._books.run, self._hub.run,
        ]  # fmt: skip
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(loop(halt)) for loop in loops]
        tasks.append(asyncio.ensure_future(server.serve(sockets=[listener])))
        stopping = asyncio.ensure_future(stop.wait())
        self._started = True
        try:
            done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._started = False
            halt.set()
            self._hub.close()
            server.should_exit = True
            self._bells.saved()  # wakes whoever waits for work
            stopping.cancel()
            _, late = await asyncio.wait(tasks, timeout=SHUTDOWN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, stopping, return_exceptions=True)
        for task in done - {stopping}:
            task.result()
        if stopping not in done:
            raise RuntimeError("a part of alerts ended by itself")

    def _report_gaps(self) -> None:
        """Say before it is needed where a red alarm would reach nobody."""
        first = self._desk.policy.ladder(Level.RED).steps[0]
        gaps = self._desk.rules.duties.nobody_for(first.areas)
        if gaps:
            shown = [f"{area}: {hazard}" for area, hazard in gaps[:20]]
            log("alerts").error("duty.nobody-for-red", gaps=len(gaps), first=shown)

    def _doors(self) -> Doors:
        return Doors(
            ledger=self._ledger,
            acts=Acts(self._ledger, self._desk, self._clock, self._bells),
            hub=self._hub,
            registry=self._registry,
            clock=self._clock,
            probes=self.probes(),
            written=written,
            api_token=self._settings.api_token,
            body_bytes_max=self._settings.http.body_bytes_max,
            archive=self._settings.archive,
        )

    def _healthy(self) -> dict[str, str]:
        found = wrong(self._pulses) | self._ticker.wrong() if self._started else {}
        if self._desk.unrouted:
            found["duty"] = f"nobody to call for {', '.join(sorted(self._desk.unrouted))}"
        if self._engine.set_aside:
            found["set-aside"] = f"{self._engine.set_aside} event(s) could not be applied"
        for name, neighbour in self._neighbours.items():
            found |= {f"{name}.{part}": why for part, why in neighbour.healthy().items()}
        return found

    def _ready(self) -> dict[str, str]:
        found = {} if self._started else {"alerts": "not started"}
        for name, neighbour in self._neighbours.items():
            found |= {f"{name}.{part}": why for part, why in neighbour.ready().items()}
        return found

    def _figures(self) -> dict[str, Any]:
        books = self._books.shown()
        services = {
            name: "; ".join(neighbour.healthy().values()) or "ok"
            for name, neighbour in self._neighbours.items()
        }
        own = wrong(self._pulses) | self._ticker.wrong()
        services["alerts"] = "; ".join(f"{part}: {why}" for part, why in own.items()) or "ok"
        return {
            "now": self._clock.now().isoformat().replace("+00:00", "Z"),
            "readings_per_s": round(self._books.readings_per_s, 1),
            "event_to_feed_ms": round(self._hub.event_to_feed_ms, 1),
            "ledger": "balanced" if books["balanced"] else "unbalanced",
            "waiting": books["waiting"],
            "services": services,
        }


def _area(registry: Registry, asset: str) -> str:
    known = registry.assets.get(asset)
    return known.area if known is not None else ""


def _channels(settings: AlertsSettings) -> dict[str, Channel]:
    return {
        "console": Console(),
        "webhook": Webhook(
            endpoints=settings.endpoints,
            secret=settings.webhook_secret,
            private=settings.webhook_private,
            timeout_s=settings.webhook_timeout_s,
        ),
    }


def _rules(settings: AlertsSettings, registry: Registry) -> Rules:
    return Rules(
        registry=registry,
        duties=DutyBook(registry),
        exercise_channels=frozenset(settings.exercise_channels),
        give_up=timedelta(seconds=settings.outbox_give_up_s),
        base_url=settings.base_url,
    )


def _terms(settings: AlertsSettings) -> Terms:
    return Terms(
        poll_s=settings.outbox_poll_s,
        lane_max=settings.outbox_lane_max,
        attempts_max=settings.outbox_attempts_max,
        lease=timedelta(seconds=settings.outbox_lease_s),
        backoff_first_s=settings.outbox_backoff_first_s,
        backoff_most_s=settings.outbox_backoff_most_s,
    )


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; BadSettings when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        fault = f"{host}:{port} cannot be listened on ({error.strerror}); choose another port"
        raise BadSettings("alerts.http", (fault,)) from error
    listener.setblocking(False)
    return listener


def _server(app: ASGIApp) -> QuietServer:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=15,
        server_header=False,
    )
    return QuietServer(config)
