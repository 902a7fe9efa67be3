"""Small waits that asyncio does not have."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any


async def first_of(*futures: asyncio.Future[Any], timeout_s: float | None = None) -> None:
    """Return when one of them is done, or after ``timeout_s``; none is cancelled."""
    await asyncio.wait(futures, timeout=timeout_s, return_when="FIRST_COMPLETED")


def in_a_thread(work: Callable[[], None]) -> asyncio.Future[None]:
    """The result of blocking work, in a thread that does not hold up the end of the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        outcome: Exception | None = None
        try:
            work()
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits
            outcome = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, outcome)

    threading.Thread(target=run, name="mqtt-connect", daemon=True).start()
    return done
