"""A real PostgreSQL cluster on loopback; anybody who reaches it is its superuser ``tocsin``.

PostgreSQL refuses to run as root: under root it runs as Debian's ``postgres`` user, who then owns
the data folder. fsync is off: a killed process loses nothing by that, only a killed machine would.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

from deploy.real.places import ServerMissing, postgres_folder, program
from deploy.real.server import RealServer, ServerFailed, run_tool

SUPERUSER = "tocsin"
SYSTEM_USER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may not pass 107 bytes, a test folder's does
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class PostgresServer(RealServer):
    name: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT
    """Its "fast" shutdown; SIGTERM would wait for the clients to leave."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        super().__init__(folder, port=port)
        self._databases = itertools.count(1)

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def fresh_database(self) -> str:
        """The URL of a new, empty database."""
        database = f"fresh_{os.getpid()}_{next(self._databases)}"
        tool = str(postgres_folder() / "createdb")
        run_tool([tool, *self._address(), "-T", "template0", database], of=self.name)
        return self.database_url(database)

    def _prepare(self) -> list[str]:
        tools = postgres_folder()
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._make_cluster(tools, data)
        options = [f"--{key}={value}" for key, value in SETTINGS.items()]
        command = [str(tools / "postgres"), "-D", str(data), "-p", str(self.port), *options]
        return [*self._as_user(), *command]

    def _make_cluster(self, tools: Path, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            owner = _system_user()
            os.chown(data, owner.pw_uid, owner.pw_gid)
            self._check_reachable(data)
        command = [
            str(tools / "initdb"),
            *("-D", str(data), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth=trust", "--no-sync"),
        ]
        run_tool([*self._as_user(), *command], of=self.name)

    def _check_reachable(self, data: Path) -> None:
        check = [*self._as_user(), "test", "-w", str(data)]
        if subprocess.run(check, check=False, cwd="/").returncode:
            raise ServerFailed(
                f"{self.name}: user {SYSTEM_USER!r} cannot reach {data}; "
                "give a folder whose parents everybody may enter (mode 755)"
            )

    def _as_user(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        setpriv = str(program("setpriv", of=self.name))
        owner = _system_user()
        return [setpriv, f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]

    def _answers(self) -> bool:
        tool = str(postgres_folder() / "pg_isready")
        command = [tool, "-q", *self._address(), "-d", "postgres"]
        return subprocess.run(command, check=False, cwd="/").returncode == 0

    def _address(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER]


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        why = f"it will not run as root and there is no user {SYSTEM_USER!r}"
        raise ServerMissing("PostgreSQL", why) from None
