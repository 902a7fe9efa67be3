"""One thread writes, and whatever gathers while it does goes into its next transaction.

Law: a future is resolved only after the transaction that holds its work was committed to disk.
A transaction that fails, fails everybody in it, and nothing of it is there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from shared.bus.embedded import log
from shared.bus.embedded.schema import connect, ours, transaction
from shared.bus.topics import DAY_MS
from shared.clock import Clock
from shared.errors import BusUnavailable, TocsinError

SWEEP_EVERY_MS: Final = 60_000
BATCH_ENTRIES_MAX: Final = 5_000
BATCH_BYTES_MAX: Final = 16 * 1024 * 1024

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]


class Writer:
    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bus-write")
        self._conn: sqlite3.Connection | None = None
        self._entries: list[tuple[log.Entry, asyncio.Future[int]]] = []
        self._jobs: list[tuple[Job, asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._sweep_at_ms = 0
        self._closed = False

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._conn = await loop.run_in_executor(self._thread, connect, self._path)

    def append(self, entry: log.Entry) -> asyncio.Future[int]:
        """Queue a record at once, in the order of calls; the future is its offset."""
        future = self._future()
        self._entries.append((entry, future))
        self._stir()
        return future

    async def do(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``job`` inside the next transaction."""
        future = self._future()
        self._jobs.append((job, future))
        self._stir()
        result: T = await future
        return result

    async def close(self) -> None:
        """Finish what was queued, then let go of the file."""
        self._closed = True
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        conn, self._conn = self._conn, None
        if conn is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, conn.close)
        self._thread.shutdown(wait=False)

    def _future(self) -> asyncio.Future[Any]:
        if self._closed or self._conn is None:
            raise BusUnavailable(f"bus file {self._path} is closed; open the bus first")
        return asyncio.get_running_loop().create_future()

    def _stir(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._entries or self._jobs:
            entries, jobs = self._next_batch()
            now_ms = int(self._clock.now().timestamp() * 1000)
            try:
                offsets, results = await loop.run_in_executor(
                    self._thread,
                    self._apply,
                    [entry for entry, _ in entries],
                    [job for job, _ in jobs],
                    now_ms,
                )
            except sqlite3.Error as error:
                _fail([future for _, future in [*entries, *jobs]], ours(self._path, error))
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
                wrapped = BusUnavailable(f"bus file {self._path} was not written: {error!r}")
                wrapped.__cause__ = error
                _fail([future for _, future in [*entries, *jobs]], wrapped)
            else:
                _resolve([future for _, future in entries], offsets)
                _resolve([future for _, future in jobs], results)

    def _next_batch(
        self,
    ) -> tuple[list[tuple[log.Entry, asyncio.Future[int]]], list[tuple[Job, asyncio.Future[Any]]]]:
        size = count = 0
        for entry, _ in self._entries[:BATCH_ENTRIES_MAX]:
            count += 1
            size += len(entry.value)
            if size >= BATCH_BYTES_MAX:
                break
        entries, self._entries = self._entries[:count], self._entries[count:]
        jobs, self._jobs = self._jobs, []
        return entries, jobs

    def _apply(
        self, entries: list[log.Entry], jobs: list[Job], now_ms: int
    ) -> tuple[list[int], list[Any]]:
        assert self._conn is not None
        with transaction(self._conn):
            offsets = log.append(self._conn, entries, at_ms=now_ms)
            results = [job(self._conn) for job in jobs]
            self._sweep(now_ms)
        return offsets, results

    def _sweep(self, now_ms: int) -> None:
        assert self._conn is not None
        # A clock set back by more than a day must not put retention off until it caught up.
        if self._sweep_at_ms - DAY_MS < now_ms < self._sweep_at_ms:
            return
        more = log.sweep(self._conn, now_ms=now_ms)
        self._sweep_at_ms = now_ms + (0 if more else SWEEP_EVERY_MS)


def _resolve(futures: list[asyncio.Future[Any]], results: list[Any]) -> None:
    for future, result in zip(futures, results, strict=True):
        if not future.done():
            future.set_result(result)


def _fail(futures: list[asyncio.Future[Any]], error: TocsinError) -> None:
    for future in futures:
        if not future.done():
            # Each waiter raises its own copy: one traceback must not grow through all of them.
            copy = type(error)(*error.args)
            copy.__cause__ = error.__cause__
            future.set_exception(copy)
