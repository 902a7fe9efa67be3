"""The alert service's HTTP face without an alert service: what the page is built and tested on.

It keeps every change with its number, so that a page may come back with ``?after=`` or
``Last-Event-ID``, and it misbehaves on request: silent, down, refusing, forgetting.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shared.clock import SystemClock
from tests.support.city_cards import ASSETS, detail_of

Card = dict[str, Any]
PAGE = Path(__file__).resolve().parents[2] / "services" / "alerts" / "web" / "page"
PULSE_S = 2.0
CSP = "default-src 'self'"


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Signals belong to the test run."""


class FakeAlerts:
    """A server in a thread of its own; every method may be called from the test's thread."""

    def __init__(self, *, assets: dict[str, Any] | None = None) -> None:
        self.clock = SystemClock()
        self.cards: dict[str, Card] = {}
        self.changes: list[Card] = []
        self.sequence = 0
        self.forgotten_up_to = 0
        self.assets = assets or ASSETS
        self.silent = False
        self.down = False
        self.acts: list[tuple[str, str, dict[str, Any]]] = []
        self.refuse: Callable[[str, str, dict[str, Any]], Response | None] = lambda *_: None
        self.pulse: dict[str, Any] = {
            "readings_per_s": 3412,
            "event_to_feed_ms": 84,
            "ledger": "balanced",
            "waiting": 0,
            "services": {"ingest": "ok", "detector": "ok", "alerts": "ok"},
        }
        self._streams: set[asyncio.Queue[str | None]] = set()
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(self._app(), port=0, log_config=None, access_log=False)
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    # --- life -----------------------------------------------------------------------------

    def start(self) -> FakeAlerts:
        self._thread.start()
        while not self._server.started:  # uvicorn tells nobody when it is ready
            threading.Event().wait(0.01)
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self.drop_connections()
        self._thread.join(timeout=5)

    @property
    def url(self) -> str:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/"

    def now(self) -> str:
        return self.clock.now().isoformat().replace("+00:00", "Z")

    # --- what a test does to it -------------------------------------------------------------

    def push(self, card: Card) -> Card:
        """Keep the card as the next change and tell every open page."""
        with self._lock:
            self.sequence += 1
            card = {**card, "sequence": self.sequence}
            self.cards[card["id"]] = card
            self.changes.append(card)
        if not self.silent:
            self._tell(_change(card))
        return card

    def change(self, incident: str, **fields: Any) -> Card:
        card = self.cards[incident]
        return self.push(
            {**card, "version": card["version"] + 1, "changed_at": self.now(), **fields}
        )

    def drop_connections(self) -> None:
        """Close every open feed, as a proxy or a restart would."""
        self._tell(None)

    def forget(self) -> None:
        """Lose the history of changes: whoever comes back is told to start over."""
        self.forgotten_up_to = self.sequence
        self.changes.clear()

    def pulse_now(self) -> None:
        self._tell(self._pulse())

    # --- serving --------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _tell(self, message: str | None) -> None:
        def put() -> None:
            for stream in list(self._streams):
                stream.put_nowait(message)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(put)

    def _pulse(self) -> str:
        return f"event: pulse\ndata: {json.dumps({'now': self.now(), **self.pulse})}\n\n"

    def _app(self) -> Starlette:
        app = Starlette(
            routes=[
                Route("/", self._page),
                Mount("/static", StaticFiles(directory=PAGE)),
                Route("/api/v1/incidents", self._list),
                Route("/api/v1/incidents/{id}", self._one),
                Route("/api/v1/incidents/{id}/{act}", self._act, methods=["POST"]),
                Route("/api/v1/feed", self._feed),
                Route("/api/v1/assets", self._assets),
            ]
        )
        app.add_middleware(BaseHTTPMiddleware, dispatch=self._guard)
        return app

    async def _guard(self, request: Request, call_next: Any) -> Response:
        if self.down:
            return Response("down for a test", status_code=503)
        response: Response = await call_next(request)
        response.headers["content-security-policy"] = CSP
        response.headers["cache-control"] = "no-store"
        return response

    async def _page(self, _: Request) -> Response:
        return Response((PAGE / "index.html").read_text(), media_type="text/html")

    async def _assets(self, _: Request) -> Response:
        return JSONResponse(self.assets)

    async def _list(self, request: Request) -> Response:
        state = request.query_params.get("state", "open")
        limit = int(request.query_params.get("limit", "100"))
        skip = int(request.query_params.get("cursor", "0"))
        with self._lock:
            cards = [c for c in self.cards.values() if state == "all" or _state(c) == state]
            sequence = self.sequence
        page = cards[skip : skip + limit]
        cursor = str(skip + limit) if skip + limit < len(cards) else None
        body = {"incidents": page, "cursor": cursor, "sequence": sequence, "now": self.now()}
        return JSONResponse(body)

    async def _one(self, request: Request) -> Response:
        card = self.cards.get(request.path_params["id"])
        if card is None:
            return JSONResponse({"error": "no such incident"}, status_code=404)
        return JSONResponse(detail_of(card))

    async def _act(self, request: Request) -> Response:
        incident, act = request.path_params["id"], request.path_params["act"]
        body = await request.json()
        self.acts.append((incident, act, body))
        if (answer := self.refuse(incident, act, body)) is not None:
            return answer
        at = self.now()
        if act == "ack":
            fields = {"phase": "acknowledged", "acknowledged_by": body["by"], "acknowledged_at": at}
            fields |= {"actions": ["resolve"]}
        else:
            fields = {"phase": "resolved", "resolved_by": body["by"], "resolved_at": at}
            fields |= {"resolution": body["reason"], "actions": []}
        return JSONResponse(self.change(incident, next_deadline=None, next_step=None, **fields))

    async def _feed(self, request: Request) -> Response:
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        return StreamingResponse(
            self._stream(self.sequence if after is None else int(after)),
            media_type="text/event-stream",
        )

    async def _stream(self, after: int) -> AsyncIterator[str]:
        inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._streams.add(inbox)
        try:
            if after < self.forgotten_up_to:
                yield "event: reset\ndata: {}\n\n"
            for card in [c for c in self.changes if c["sequence"] > after]:
                yield _change(card)
            if not self.silent:
                yield self._pulse()
            while True:
                try:
                    message = await asyncio.wait_for(inbox.get(), PULSE_S)
                except TimeoutError:
                    message = "" if self.silent else self._pulse()
                if message is None:
                    return
                if message:
                    yield message
        finally:
            self._streams.discard(inbox)


def _state(card: Card) -> str:
    return "resolved" if card["phase"] == "resolved" else "open"


def _change(card: Card) -> str:
    return f"id: {card['sequence']}\nevent: incident\ndata: {json.dumps(card)}\n\n"
