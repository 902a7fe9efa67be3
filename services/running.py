"""From a signal to a clean end: how every service, alone or with others, starts and stops.

The first SIGINT or SIGTERM asks; after ``GRACE_S`` whatever still runs is cancelled; a second
signal does not wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from shared.config.sections import ProbeSettings
from shared.logs import log
from shared.probes import Probes, probe_server

GRACE_S: Final = 4.0

Main = Callable[[asyncio.Event], Awaitable[None]]


async def run_until_signalled(main: Main, *, duration_s: float | None = None) -> None:
    """Run ``main`` until it returns, a signal comes or ``duration_s`` is over.

    What ``main`` raises is raised here; being asked to stop is no error.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = 0

    def ask() -> None:
        nonlocal asked
        asked += 1
        stop.set()
        if asked > 1:
            running.cancel()

    running = asyncio.ensure_future(main(stop))
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ask)
    timer = loop.call_later(duration_s, stop.set) if duration_s is not None else None
    asking = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await asyncio.wait({running}, timeout=GRACE_S)
        if not running.done():
            log("tocsin").warning("shutdown.cancelled", after_s=GRACE_S)
            running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        asking.cancel()
        if timer is not None:
            timer.cancel()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


async def run_together(stop: asyncio.Event, *mains: Main) -> None:
    """Run several until all have ended; the first failure stops the others and is raised."""
    tasks = [asyncio.ensure_future(main(stop)) for main in mains]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failures = [task.exception() for task in done if not task.cancelled() and task.exception()]
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    for failure in failures:
        if failure is not None:
            raise failure


@contextlib.asynccontextmanager
async def probes_served(probes: Probes, settings: ProbeSettings) -> AsyncIterator[None]:
    """Answer /healthz and its sisters while the body runs; nothing when the port is 0."""
    if settings.port == 0:
        yield
        return
    server = probe_server(probes, host=settings.host, port=settings.port)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving
