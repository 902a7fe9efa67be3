"""The machine: its clock, its disk, its ports."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from services.examination.finding import Finding

BUILT: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No machine that runs this Tocsin lives earlier."""
CENTURY: Final = datetime(2100, 1, 1, tzinfo=UTC)
SKEW: Final = timedelta(minutes=5)
GIB: Final = 1024**3
DISK_BYTES_WARN: Final = 2 * GIB
DISK_BYTES_FAIL: Final = GIB // 5
ANSWER_S: Final = 3.0
ANSWER_BYTES_MAX: Final = 65_536


def examine_clock(now: datetime, written: Iterable[Path]) -> Finding:
    """The wall clock against common sense and against the newest of our own files."""
    if not BUILT <= now < CENTURY:
        what = f"says {now.isoformat(timespec='seconds')}, which cannot be"
        return Finding("clock", "fail", what, "set the clock, and run NTP")
    times = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in written if path.exists()]
    if times and max(times) > now + SKEW:
        what = f"is {max(times) - now} behind our own newest file"
        return Finding("clock", "fail", what, "set the clock, and run NTP")
    return Finding("clock", "ok", f"says {now.isoformat(timespec='seconds')}")


def examine_disk(path: Path) -> Finding:
    """Room and permission in the folder that holds, or will hold, ``path``."""
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return Finding("disk", "fail", f"{folder} cannot be written", "give this user access to it")
    usage = shutil.disk_usage(folder)
    what = f"{usage.free / GIB:.1f} GiB free at {folder}"
    if usage.free < DISK_BYTES_FAIL:
        return Finding("disk", "fail", what, "make room, or move the data")
    if usage.free < DISK_BYTES_WARN:
        return Finding("disk", "warn", what, "make room soon")
    return Finding("disk", "ok", what)


async def examine_port(name: str, host: str, port: int) -> Finding:
    """Free, taken by a Tocsin that runs, or taken by something else."""
    key = f"port {port} ({name})"
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except socket.gaierror as error:
        return Finding(key, "fail", f"host {host} is not known: {error.strerror}", "correct it")
    except OSError as error:
        if error.errno == errno.EACCES:
            return Finding(key, "fail", "may not be taken by this user", "choose one above 1023")
        if error.errno != errno.EADDRINUSE:
            return Finding(key, "fail", f"cannot be taken: {error.strerror}", f"correct {name}")
    else:
        return Finding(key, "ok", "is free")
    if await _is_ours(host, port):
        return Finding(key, "ok", "is held by a Tocsin that runs")
    return Finding(key, "fail", "is held by another program", "stop it, or choose another port")


async def _is_ours(host: str, port: int) -> bool:
    """Whether what listens there answers /healthz as our services do."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(near, port)
            try:
                writer.write(b"GET /healthz HTTP/1.0\r\nHost: tocsin\r\n\r\n")
                await writer.drain()
                answer = await reader.read(ANSWER_BYTES_MAX)
                while more := await reader.read(ANSWER_BYTES_MAX):
                    answer += more
                    if len(answer) > ANSWER_BYTES_MAX:
                        break
                return answer.startswith(b"HTTP/1.") and b'"ok"' in answer
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    return False
