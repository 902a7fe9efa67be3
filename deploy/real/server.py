"""One real server process: started until it truly answers, stopped, killed, paused, started again.

The folder holds everything it keeps: configuration, data and ``server.log``. Same folder and port =
the same server, whatever happened to its process in between.
"""

from __future__ import annotations

import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from deploy.real.ports import free_port
from deploy.real.processes import Guard, family, is_alive, tell
from shared.clock import SystemClock

READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 30.0
GONE_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05
LOG_LINES_SHOWN = 30


class ServerFailed(RuntimeError):
    """The server is installed but did not start or stop; the message ends with its log."""


class RealServer(ABC):
    """Not started by its constructor. Blocking: call it from a thread where a loop must run on."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder.absolute()
        self.port = free_port(str(self.folder)) if port is None else port
        self.log = self.folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    @abstractmethod
    def _prepare(self) -> list[str]:
        """Write what the server needs; the command that runs it. Called before every start."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it does its work for a client now, not merely listens."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, within_s: float = READY_WITHIN_S) -> Self:
        """Return when it answers. Raises ServerMissing, or ServerFailed with its log."""
        if self.running:
            raise ServerFailed(f"{self.name} is running already, on port {self.port}")
        self._forget()
        self.folder.mkdir(parents=True, exist_ok=True)
        command = self._prepare()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        self._guard = Guard(self._process.pid)
        try:
            self._wait_until_it_answers(self._process, within_s)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, *, within_s: float = STOPPED_WITHIN_S) -> None:
        """Gracefully; ServerFailed (after a SIGKILL) when it does not end in time."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            tell(family(process.pid), signal.SIGCONT)
            tell([process.pid], self.stop_signal)
            try:
                process.wait(timeout=within_s)
            except subprocess.TimeoutExpired:
                self.kill()
                raise ServerFailed(
                    f"{self.name} did not stop within {within_s:g} s and was killed{self._story()}"
                ) from None
        self._forget()

    def kill(self) -> None:
        """SIGKILL to it and all its children; returns when they are gone."""
        if self._process is None:
            return
        pids = family(self._process.pid)
        tell(pids, signal.SIGKILL)
        self._process.wait()
        clock = SystemClock()
        deadline = clock.monotonic() + GONE_WITHIN_S
        while any(is_alive(pid) for pid in pids[1:]) and clock.monotonic() < deadline:
            tell(pids[1:], signal.SIGKILL)
        self._forget()

    def pause(self) -> None:
        """SIGSTOP: it holds its connections and answers nothing, as a stalled machine does."""
        tell(family(self._pid_running()), signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT after ``pause``."""
        tell(family(self._pid_running()), signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes], within_s: float) -> None:
        clock = SystemClock()
        deadline = clock.monotonic() + within_s
        while not self._answers():
            if clock.monotonic() > deadline:
                raise ServerFailed(
                    f"{self.name} on port {self.port} did not answer"
                    f" within {within_s:g} s{self._story()}"
                )
            try:
                status = process.wait(timeout=LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                continue
            raise ServerFailed(
                f"{self.name} on port {self.port} ended with {status}"
                f" instead of answering{self._story()}"
            )

    def _pid_running(self) -> int:
        if self._process is None or not self.running:
            raise ServerFailed(f"{self.name} is not running")
        return self._process.pid

    def _forget(self) -> None:
        if self._guard is not None:
            self._guard.dismiss()
        self._guard = self._process = None

    def _story(self) -> str:
        """The last lines of the log, for an error message."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join([f"\n--- the end of {self.log}:", *lines[-LOG_LINES_SHOWN:]])


def run_tool(command: list[str], *, of: str, within_s: float = 60.0) -> str:
    """Run a server's own tool to its end; its output. Raises ServerFailed with the output."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within_s,
            check=False,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        raise ServerFailed(f"{of}: `{command[0]}` took longer than {within_s:g} s") from None
    said = done.stdout.decode(errors="replace").strip()
    if done.returncode:
        raise ServerFailed(f"{of}: `{' '.join(command)}` ended with {done.returncode}\n{said}")
    return said
