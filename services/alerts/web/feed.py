"""The live feed as server-sent events, with ids, so that a browser resumes by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.alerts.ports import Change
from services.alerts.shell.hub import Beat, Hub, Item, KeepAlive, Reset
from services.alerts.web.doors import Doors
from services.alerts.web.problems import RESPONSES
from shared.errors import BadInput

RECONNECT_MS = 1000
_EXAMPLE = 'id: 42\nevent: incident\ndata: {"id": "5b0c7a3f9d21e84c6f10", "sequence": 42}\n\n'
_FEED_RESPONSES: dict[int | str, dict[str, Any]] = {
    **RESPONSES,
    200: {
        "description": (
            "`incident`: a card, with the change's sequence as id. `reset`: what was missed is "
            "gone, fetch the list again. `pulse`: every two seconds, how the whole stands."
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
}


def routes(doors: Doors) -> APIRouter:
    """The feed over these doors."""
    router = APIRouter(prefix="/api/v1", tags=["feed"])

    @router.get("/feed", response_class=Response, responses=_FEED_RESPONSES)
    async def feed(
        after: Annotated[int | None, Query(ge=0, description="The last sequence seen")] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Every change after the cursor, once and in order, then live; from now on without one."""
        return EventStream(doors.hub, _cursor(last_event_id, after))

    return router


def _cursor(last_event_id: str | None, after: int | None) -> int | None:
    """A browser that reconnects sends the header; it knows better than the address it opened."""
    if not last_event_id:
        return after
    if not last_event_id.isascii() or not last_event_id.isdigit():
        raise BadInput(f"Last-Event-ID {last_event_id!r} is no sequence")
    return int(last_event_id)


def frame(item: Item) -> bytes:
    """One item in the event-stream format."""
    if isinstance(item, Change):
        return f"id: {item.sequence}\nevent: incident\ndata: {item.card}\n\n".encode()
    if isinstance(item, Beat):
        return f"event: pulse\ndata: {json.dumps(dict(item.figures))}\n\n".encode()
    if isinstance(item, Reset):
        return b"event: reset\ndata: {}\n\n"
    assert isinstance(item, KeepAlive)
    return b": still here\n\n"


class EventStream(Response):
    """Writes until the reader leaves or the hub ends; waits for slow readers, the hub does not."""

    def __init__(self, hub: Hub, after: int | None) -> None:
        super().__init__(media_type="text/event-stream")
        del self.headers["content-length"]
        self.headers["cache-control"] = "no-store"
        self.headers["x-accel-buffering"] = "no"
        self._hub = hub
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        await _send(send, f"retry: {RECONNECT_MS}\n\n".encode())
        items: AsyncIterator[Item] = self._hub.follow(self._after)
        async with aclosing(cast("AsyncGenerator[Item]", items)) as following:
            async for item in following:
                await _send(send, frame(item))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
