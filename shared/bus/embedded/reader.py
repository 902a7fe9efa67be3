"""One thread reads; whoever asks waits on the loop, never in it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from shared.bus.embedded.schema import connect, mapped
from shared.errors import BusUnavailable

T = TypeVar("T")


class Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bus-read")
        self._conn: sqlite3.Connection | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._conn = await loop.run_in_executor(self._thread, connect, self._path)

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What ``question`` finds; BusUnavailable when the file does not answer."""
        if self._conn is None:
            raise BusUnavailable(f"bus file {self._path} is closed; open the bus first")
        with mapped(self._path):
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, question, self._conn
            )

    async def close(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, conn.close)
        self._thread.shutdown(wait=False)
