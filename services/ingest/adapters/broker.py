"""The broker ``tocsin up`` brings along: a Mosquitto of this machine, else amqtt in the process.

It listens on loopback for anyone on this machine, keeps its sessions in the data folder
(Mosquitto; amqtt keeps them in memory) and ends with the context. A Mosquitto that outlived an
earlier run, because that was killed, is ended first: two must not share one data folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from shared.clock import Clock
from shared.errors import BrokerUnreachable
from shared.logs import log

START_S: Final = 3.0
STOP_S: Final = 2.0
LOOK_EVERY_S: Final = 0.02
_PLACES: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where a mosquitto lies that is not on the path of an ordinary user."""


@contextlib.asynccontextmanager
async def embedded_broker(
    *,
    data: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock,
    binary: Path | None = None,
    in_process: bool = False,
) -> AsyncIterator[str]:
    """The URL of a broker that runs while the context is open; port 0 takes a free one.

    ``binary`` names the mosquitto to run instead of the first one found; ``in_process`` takes
    amqtt even where there is one. Raises BrokerUnreachable when it does not start within 3 s.
    """
    found = None if in_process else binary or find_mosquitto()
    port = _free_port(host, port)
    running = _amqtt(host, port) if found is None else _mosquitto(found, data, host, port, clock)
    async with running:
        name = "amqtt" if found is None else str(found)
        log("ingest").info("broker.started", broker=name, host=host, port=port)
        yield f"mqtt://{host}:{port}"


def find_mosquitto() -> Path | None:
    """The machine's mosquitto, if it has one."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PLACES])
    found = shutil.which("mosquitto", path=path)
    return None if found is None else Path(found)


# --- Mosquitto


@contextlib.asynccontextmanager
async def _mosquitto(
    binary: Path, data: Path, host: str, port: int, clock: Clock
) -> AsyncIterator[None]:
    folder, pid_file = _made(data)
    await _end_leftover(_pid_in(pid_file), folder, clock)
    config = folder / "mosquitto.conf"
    config.write_text(_config(folder, host, port), encoding="utf-8")
    with (folder / "mosquitto.log").open("ab") as journal:
        # A session of its own: Ctrl-C must reach us first, and the broker only when we are done.
        process = await asyncio.create_subprocess_exec(
            str(binary), "-c", str(config), stdout=journal, stderr=journal, start_new_session=True
        )
    try:
        await _until_it_listens(process, folder, host, port, clock)
        pid_file.write_text(str(process.pid), encoding="ascii")
        yield
    finally:
        await _end(process)
        pid_file.unlink(missing_ok=True)


def _made(data: Path) -> tuple[Path, Path]:
    data.mkdir(parents=True, exist_ok=True)
    folder = data.resolve()
    return folder, folder / "mosquitto.pid"


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _config(folder: Path, host: str, port: int) -> str:
    lines = [
        f"listener {port} {host}",
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 30",
        "max_queued_messages 0",
        "max_inflight_messages 1000",
        "log_type error",
        "log_type warning",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # else it becomes a user that may not write to the folder
    return "\n".join(lines) + "\n"


async def _until_it_listens(
    process: asyncio.subprocess.Process, folder: Path, host: str, port: int, clock: Clock
) -> None:
    deadline = clock.monotonic() + START_S
    while clock.monotonic() < deadline:
        if process.returncode is not None:
            break
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            await writer.wait_closed()
            return
        await clock.sleep(LOOK_EVERY_S)
    raise BrokerUnreachable(
        f"mosquitto does not answer on {host}:{port}; see {folder / 'mosquitto.log'}"
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _end_leftover(pid: int | None, folder: Path, clock: Clock) -> None:
    """End the mosquitto of an earlier run that was killed; nobody else's process is touched."""
    deadline = clock.monotonic() + STOP_S
    while pid is not None and _is_ours(pid, folder):
        hard = clock.monotonic() > deadline
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
        await clock.sleep(LOOK_EVERY_S)


def _is_ours(pid: int, folder: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(folder / "mosquitto.conf") in command


# --- amqtt


@contextlib.asynccontextmanager
async def _amqtt(host: str, port: int) -> AsyncIterator[None]:
    from amqtt.broker import Broker  # noqa: PLC0415 - seldom needed, and slow to import

    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    try:
        await asyncio.wait_for(broker.start(), START_S)
    except Exception as error:
        raise BrokerUnreachable(f"no broker on {host}:{port}: {error}") from error
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(broker.shutdown(), STOP_S)


def _free_port(host: str, port: int) -> int:
    """``port`` if nobody has it, a free one for 0; BrokerUnreachable for a taken one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BrokerUnreachable(
                f"{host}:{port} is not to be had for a broker: {error.strerror}; take another port"
            ) from error
        return int(probe.getsockname()[1])
