"""Opening the bus file: what is ours is opened, everything else is refused with the mend."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from shared.bus.embedded import schema
from shared.bus.embedded.schema import SCHEMA_VERSION, connect, mapped, transaction
from shared.errors import BadInput, BusUnavailable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bus.sqlite"


def test_a_new_file_is_made_with_its_folders(tmp_path):
    path = tmp_path / "a" / "b" / "bus.sqlite"
    connect(path).close()

    assert path.exists()
    connect(path).close()


def test_what_was_committed_is_flushed_to_the_disk_itself(path):
    conn = connect(path)
    full = 2
    assert conn.execute("PRAGMA synchronous").fetchone() == (full,)
    assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    conn.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_bytes(b"my diary\n" * 1000)
    with pytest.raises(BadInput, match=r"bus\.sqlite is not a database; move it away"):
        connect(path)

    assert path.read_bytes() == b"my diary\n" * 1000


def test_somebody_elses_database_is_refused_and_left_alone(path):
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.close()
    with pytest.raises(BadInput, match=r"is a database but not a Tocsin bus; set bus\.path"):
        connect(path)

    other = sqlite3.connect(path)
    assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("songs",)]
    other.close()


def test_a_file_of_another_version_names_both_versions(path):
    conn = connect(path)
    conn.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    conn.close()

    with pytest.raises(BadInput, match=f"version {SCHEMA_VERSION + 1} and this Tocsin reads"):
        connect(path)


def read_everything(path):
    with mapped(path):
        conn = connect(path)
        try:
            conn.execute("SELECT count(*), sum(length(value)) FROM records").fetchall()
        finally:
            conn.close()


def test_a_damaged_file_says_so(path):
    conn = connect(path)
    with transaction(conn):
        conn.executemany(
            "INSERT INTO records VALUES (?, 0, 'k', ?)", [(n, bytes(500)) for n in range(500)]
        )
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    whole = bytearray(path.read_bytes())
    whole[4096 * 2 :] = b"\xa5" * (len(whole) - 4096 * 2)
    path.write_bytes(whole)

    with pytest.raises(BadInput, match="is damaged; restore it from a backup"):
        read_everything(path)


def test_a_folder_in_the_files_place_cannot_be_opened(tmp_path):
    with pytest.raises(BadInput, match="cannot be opened; mend its permissions"):
        connect(tmp_path)


def test_a_file_in_the_folders_place_is_named(tmp_path):
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(BadInput, match=r"bus folder .*data cannot be made"):
        connect(tmp_path / "data" / "bus.sqlite")


def test_a_file_that_may_only_be_read_is_refused(path):
    connect(path).close()
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    with pytest.raises(BadInput, match="cannot be written; mend its permissions"), mapped(path):
        conn.execute("DELETE FROM topics")
    conn.close()


def test_a_locked_file_is_worth_another_try(path, monkeypatch):
    monkeypatch.setattr(schema, "BUSY_S", 0.05)
    holder = connect(path)
    other = connect(path)
    with (
        transaction(holder),
        pytest.raises(BusUnavailable, match="did not answer: database is locked"),
        mapped(path),
        transaction(other),
    ):
        pass
    holder.close()
    other.close()


def test_a_transaction_that_fails_leaves_nothing(path):
    conn = connect(path)

    def write_and_fail():
        with transaction(conn):
            conn.execute("INSERT INTO records VALUES (1, 0, 'k', x'00')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert conn.execute("SELECT count(*) FROM records").fetchone() == (0,)
    conn.close()


@pytest.mark.slow
def test_several_processes_may_make_the_file_at_once(path, pytestconfig):
    code = (
        "import sys; from pathlib import Path; from shared.bus.embedded.schema import connect;"
        "sys.stdin.read(1); connect(Path(sys.argv[1])).close()"
    )
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=pytestconfig.rootpath,
        )
        for _ in range(6)
    ]
    for maker in makers:
        maker.stdin.write(b"x")
        maker.stdin.flush()
    for maker in makers:
        _, stderr = maker.communicate(timeout=60)
        assert maker.returncode == 0, stderr.decode()
    connect(path).close()
