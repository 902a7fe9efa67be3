"""Real servers for tests: each started at most once a session, by the first test that wants it.

A server that is not installed skips its tests by name; one that is installed and fails to start is
an error, never a skip.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from deploy.real.places import ServerMissing
from deploy.real.server import RealServer

Server = TypeVar("Server", bound=RealServer)


def skip_for(missing: ServerMissing) -> None:
    pytest.skip(f"{missing.name} cannot be had: {missing.why}; `make real` installs it")


@contextmanager
def folder_open_to_all(label: str) -> Iterator[Path]:
    """A temporary folder any user may enter; pytest's own are closed to PostgreSQL's user."""
    folder = Path(tempfile.mkdtemp(prefix=f"tocsin-{label}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def real_server(make: Callable[[Path], Server]) -> Iterator[Server]:
    """A server of this kind, running; also for a test that wants to kill one of its own."""
    with folder_open_to_all("server") as folder:
        server = make(folder)
        try:
            server.start()
        except ServerMissing as missing:
            skip_for(missing)
        try:
            yield server
        finally:
            server.stop()
