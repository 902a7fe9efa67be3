"""What every service answers about itself: /healthz, /readyz, /metrics.

Healthy means that work advances, not that a task exists; ready means that input may come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.metrics import Metrics

Check = Callable[[], Mapping[str, str]]
"""What is wrong, by part; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Probes:
    healthy: Check
    ready: Check
    ledger: Callable[[], Mapping[str, Any]]
    metrics: Metrics


def routes(probes: Probes) -> list[Route]:
    """The probe endpoints, for a service's own app or for ``probe_app``."""

    def verdict(check: Check) -> JSONResponse:
        wrong = dict(check())
        return JSONResponse({"ok": not wrong, "wrong": wrong}, status_code=503 if wrong else 200)

    async def healthz(_: Request) -> Response:
        return verdict(probes.healthy)

    async def readyz(_: Request) -> Response:
        return verdict(probes.ready)

    async def metrics(_: Request) -> Response:
        return Response(probes.metrics.render(), media_type="text/plain; version=0.0.4")

    async def ledger(_: Request) -> Response:
        return JSONResponse(dict(probes.ledger()))

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/ledger", ledger),
    ]


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the service's own main."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def probe_server(probes: Probes, *, host: str, port: int) -> QuietServer:
    """A small server with nothing but the probes; the caller runs ``serve()``."""
    config = uvicorn.Config(
        Starlette(routes=routes(probes)), host=host, port=port, log_config=None, access_log=False
    )
    return QuietServer(config)
