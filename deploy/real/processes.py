"""Process trees: who descends from whom, signals to all of them, and none left behind.

A guard outlives its parent only to kill the server: a shell that waits on a pipe from this process.
The kernel closes the pipe however this process ends, also by SIGKILL. (A parent-death signal would
be tied to the thread that started the server, which may end long before the process.)
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

GUARD = 'read -r _; kill -s KILL -- -"$0"'
STATE_FIELD, PARENT_FIELD = 0, 1


def family(pid: int) -> list[int]:
    """The process and everything that descends from it, parents first."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            children[int(fields[PARENT_FIELD])].append(int(entry.name))
    found = [pid]
    for member in found:
        found.extend(children[member])
    return found


def is_alive(pid: int) -> bool:
    """A zombie is not alive."""
    fields = _fields(pid)
    return bool(fields) and fields[STATE_FIELD] not in "ZX"


def tell(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def _fields(pid: int) -> list[str]:
    """What follows the command's name in /proc/PID/stat; the name itself may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


class Guard:
    """Kills a process group if this process ends before ``dismiss``."""

    def __init__(self, group: int) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def dismiss(self) -> None:
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            self._shell.stdin.close()
