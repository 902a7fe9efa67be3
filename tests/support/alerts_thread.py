"""The whole alert service in a thread of its own, for a test that drives a browser beside it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from shared.domain.event import RiskEvent
from shared.domain.registry import Registry
from tests.support.alerts_server import Served, serving


class AlertsThread:
    """Start it, publish risk events, stop it, start it again on the same port and data."""

    def __init__(self, folder: Path, city: Registry, **settings: Any) -> None:
        self._folder = folder
        self._city = city
        self._settings = settings
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: AsyncExitStack | None = None
        self._served: Served | None = None
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> None:
        self._call(self._start())

    def stop(self) -> None:
        """End the service; pages that watch it lose their line."""
        self._call(self._stop())

    def close(self) -> None:
        if self._open is not None:
            self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def publish(self, *events: RiskEvent) -> None:
        """As the detector would: returns when the bus has them."""
        assert self._served is not None
        self._call(self._served.publish(*events))

    def post(self, path: str, body: dict[str, Any]) -> int:
        """Somebody else acts; the status of the answer."""
        assert self._served is not None
        return self._call(self._served.http.post(path, json=body)).status_code  # type: ignore[no-any-return]

    def cards(self, count: int) -> list[dict[str, Any]]:
        assert self._served is not None
        return self._call(self._served.cards(count))  # type: ignore[no-any-return]

    async def _start(self) -> None:
        self._open = AsyncExitStack()
        http = {"port": self._port}
        self._served = await self._open.enter_async_context(
            serving(self._folder, city=self._city, http=http, **self._settings)
        )
        self._port = (self._served.alerts.address or ("", 0))[1]

    async def _stop(self) -> None:
        assert self._open is not None
        await self._open.aclose()
        self._open = self._served = None

    def _call(self, work: Any) -> Any:
        answer: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return answer.result(timeout=20)
