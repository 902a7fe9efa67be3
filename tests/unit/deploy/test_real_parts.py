"""Finding, fetching and guarding the real servers, without starting one."""

from __future__ import annotations

import hashlib
import socket
import subprocess
from pathlib import Path

import pytest

from deploy.real import install, kafka_fetch, places
from deploy.real.places import ServerMissing
from deploy.real.ports import LOWEST, free_port
from deploy.real.processes import Guard, family, is_alive
from deploy.real.server import RealServer, ServerFailed
from shared.clock import SystemClock


def test_a_port_is_free_below_the_ephemeral_range_and_the_same_for_the_same_label():
    port = free_port("a server")
    assert LOWEST <= port < 32_768
    assert free_port("a server") == port
    assert free_port("a server", avoid=frozenset({port})) != port


def test_a_port_somebody_listens_on_is_not_given():
    port = free_port("taken")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert free_port("taken") != port


def test_two_folders_get_two_ports():
    assert len({free_port(f"folder {number}") for number in range(10)}) > 5


def test_jars_are_kept_only_when_each_is_the_known_one(tmp_path: Path):
    for name in ("good.jar", "changed.jar", "unknown.jar"):
        (tmp_path / name).write_bytes(name.encode())
    good = hashlib.sha256(b"good.jar").hexdigest()
    other = hashlib.sha256(b"other").hexdigest()
    known = {"good.jar": good, "changed.jar": other, "absent.jar": other}
    changed = hashlib.sha256(b"changed.jar").hexdigest()
    assert kafka_fetch.check(tmp_path, known) == [
        "absent.jar is missing",
        "unknown.jar is unknown",
        f"changed.jar has SHA-256 {changed}, not {other}",
    ]
    assert not kafka_fetch.check(tmp_path, known_of(tmp_path))


def known_of(folder: Path) -> dict[str, str]:
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}


def test_the_broker_in_the_pom_is_the_one_we_look_for():
    known = kafka_fetch.known_sums()
    assert f"kafka_2.13-{places.KAFKA_VERSION}.jar" in known
    assert (
        f"<version>{places.KAFKA_VERSION}</version>"
        in (Path(kafka_fetch.__file__).parent / "pom.xml").read_text()
    )
    assert any(name.startswith("log4j-slf4j-impl") for name in known), "else the broker is silent"


def test_a_missing_server_names_itself_and_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ServerMissing, match=r"Apache Kafka: no jars in .*; run `make real`"):
        places.kafka_jars()
    with pytest.raises(ServerMissing, match=r"Chimera: no `chimera` on this machine"):
        places.program("chimera", of="Chimera")


def test_without_rights_the_installer_says_what_somebody_with_them_can_run(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(install.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    with pytest.raises(install.CannotInstall, match=r"run `sudo apt-get install .* mosquitto`"):
        install.install_packages(["mosquitto"])


def test_without_apt_the_installer_names_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(install.shutil, "which", lambda _: None)
    with pytest.raises(install.CannotInstall, match=r"missing: chromium .* no apt-get here"):
        install.install_packages(["chromium"])


def test_the_table_shows_what_is_there_and_what_is_not():
    rows = [install.Row("Java", "/usr/bin/java"), install.Row("Kafka", "", "no jars")]
    assert install.table(rows) == "  Java   /usr/bin/java\n  Kafka  MISSING: no jars"


def test_a_family_is_a_process_and_its_children():
    with subprocess.Popen(["/bin/sh", "-c", "sleep 30 & echo $!; wait"], stdout=-1) as shell:
        assert shell.stdout is not None
        child = int(shell.stdout.readline())
        assert family(shell.pid) == [shell.pid, child]
        subprocess.run(["kill", str(child), str(shell.pid)], check=True)
    assert not is_alive(shell.pid)


def test_a_dismissed_guard_kills_nobody_and_a_broken_pipe_kills_the_group():
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as guarded:
        guard = Guard(guarded.pid)
        guard.dismiss()
        assert guarded.poll() is None
        second = Guard(guarded.pid)
        assert second._shell.stdin is not None
        second._shell.stdin.close()
        assert guarded.wait(timeout=5) == -9
        second._shell.wait(timeout=5)


class Sleeper(RealServer):
    """A server that never answers."""

    name = "Sleeper"
    script = "echo about to sleep; exec sleep 30"

    def _prepare(self) -> list[str]:
        return ["/bin/sh", "-c", self.script]

    def _answers(self) -> bool:
        return False


def test_a_server_that_never_answers_is_killed_at_the_deadline_and_its_log_shown(tmp_path: Path):
    server = Sleeper(tmp_path)
    before = SystemClock().monotonic()
    with pytest.raises(ServerFailed, match=r"did not answer within 0.1 s(?s:.*)about to sleep"):
        server.start(within_s=0.1)
    assert SystemClock().monotonic() - before < 5
    assert not server.running


def test_a_server_that_ends_is_noticed_at_once(tmp_path: Path):
    server = Sleeper(tmp_path)
    server.script = "echo no such disk; exit 3"
    with pytest.raises(ServerFailed, match=r"ended with 3 instead(?s:.*)no such disk"):
        server.start(within_s=20)


def test_a_server_that_is_not_running_cannot_be_paused_but_may_be_stopped(tmp_path: Path):
    server = Sleeper(tmp_path)
    with pytest.raises(ServerFailed, match="Sleeper is not running"):
        server.pause()
    server.stop()
    server.kill()
