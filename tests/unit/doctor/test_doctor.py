"""The doctor on a machine with nothing on it, and on one where everything is wrong."""

import asyncio
import json
import os
import socket
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.alerts.adapters.ledger.database import MIGRATIONS, migrate, open_engine
from services.doctor import doctor, worst
from services.examination import machine
from services.examination.broker import connect_packet, examine_broker
from services.examination.bus import examine_bus
from services.examination.database import examine_database, newest_revision
from services.examination.machine import examine_clock, examine_disk, examine_port
from services.ingest.settings import MqttSettings
from services.whole import TocsinSettings
from shared.bus.connect import open_bus
from shared.bus.topics import READINGS
from shared.clock import ManualClock, SystemClock
from shared.config.sections import BusSettings
from shared.metrics import Metrics

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(tmp_path, **alerts):
    http = {"port": free_port(), **alerts.pop("http", {})}
    return TocsinSettings.model_validate({
        "bus": {"path": tmp_path / "bus.sqlite"},
        "ingest": {"mqtt": {"url": f"mqtt://127.0.0.1:{free_port()}"}},
        "alerts": {"database": f"sqlite:///{tmp_path}/alerts.sqlite", "http": http, **alerts},
    })  # fmt: skip


def by_name(findings):
    return {finding.name.split()[0]: finding for finding in findings}


async def test_a_fresh_machine_is_well_and_stays_untouched(tmp_path):
    findings = await doctor(settings(tmp_path), clock=ManualClock(NOW))

    found = by_name(findings)
    assert worst(findings) == "warn"
    assert [one.name for one in findings if one.verdict != "ok"] == ["broker"]
    assert "`tocsin up`" in found["broker"].mend
    assert list(found) == ["registry", "broker", "bus", "database", "clock", "disk", "port", "page"]
    assert list(tmp_path.iterdir()) == []
    json.dumps([finding.as_dict() for finding in findings])
    assert all("\n" not in str(finding) for finding in findings)


async def test_everything_wrong_is_found_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "ANSWER_S", 0.05)
    (tmp_path / "alerts.sqlite").write_text("this is no database, this is a letter" * 30)
    (tmp_path / "bus.sqlite").write_text("neither is this one a database of any kind" * 30)
    (tmp_path / "registry.yaml").write_text("version: 1\nname: X\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wrong = settings(tmp_path, http={"port": taken.getsockname()[1]}).model_copy(
            update={"city": TocsinSettings().city.model_copy(
                update={"registry": tmp_path / "registry.yaml"})}
        )  # fmt: skip

        findings = await doctor(wrong, clock=ManualClock(datetime(1970, 1, 1, tzinfo=UTC)))

    failed = {one.name.split()[0] for one in findings if one.verdict == "fail"}
    assert failed == {"registry", "bus", "database", "clock", "port"}
    assert all(one.mend for one in findings if one.verdict == "fail" and one.name == "port")


async def test_a_page_open_to_everybody_is_warned_of(tmp_path):
    open_page = settings(tmp_path, http={"host": "0.0.0.0"})
    closed_page = settings(tmp_path, http={"host": "0.0.0.0"}, api_token="a-long-token")

    warned = by_name(await doctor(open_page, clock=ManualClock(NOW)))["page"]
    quiet = by_name(await doctor(closed_page, clock=ManualClock(NOW)))["page"]

    assert (warned.verdict, quiet.verdict) == ("warn", "ok")
    assert "a-long-token" not in str(quiet)


# --- broker


@asynccontextmanager
async def broker(answer):
    """A far end that reads what comes and says ``answer``; yields its URL and what it heard."""
    heard, over = [], asyncio.Event()

    async def serve(reader, writer):
        heard.append(await reader.read(1_000))
        writer.write(answer)
        await writer.drain()
        heard.append(await reader.read(1_000))
        writer.close()
        over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}", heard
        await asyncio.wait_for(over.wait(), 2)


async def test_a_broker_that_lets_us_in_is_left_politely():
    async with broker(b"\x20\x02\x00\x00") as (address, heard):
        url = f"mqtt://crew:secret@{address}"
        finding = await examine_broker(MqttSettings(url=url), embedded=False)

    assert finding.verdict == "ok"
    assert heard == [connect_packet("crew", "secret"), b"\xe0\x00"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"\x20\x02\x00\x04", "refuses the user name or password"),
        (b"\x20\x02\x00\x05", "does not authorise us"),
        (b"\x20\x02\x00\x09", "refuses us with code 9"),
        (b"HTTP/1.1 400 Bad Request", "does not answer as MQTT (it speaks something else)"),
    ],
)
async def test_a_broker_that_refuses_is_quoted_without_the_password(answer, said):
    async with broker(answer) as (address, _):
        url = f"mqtt://crew:secret@{address}"
        finding = await examine_broker(MqttSettings(url=url), embedded=True)

    assert finding.verdict == "fail"
    assert said in finding.what
    assert finding.mend
    assert "secret" not in str(finding)


async def test_a_broker_that_is_away_fails_a_city_on_kafka():
    url = f"mqtt://127.0.0.1:{free_port()}"

    finding = await examine_broker(MqttSettings(url=url), embedded=False)

    assert str(finding).startswith("fail  broker: mqtt://127.0.0.1:")
    assert "Connection refused" in finding.what


def test_the_connect_packet_is_that_of_the_standard():
    assert (
        connect_packet(None, None) == b"\x10\x19\x00\x04MQTT\x04\x02\x00\x0a\x00\x0dtocsin-doctor"
    )
    long = connect_packet("u" * 100, "p" * 100)
    assert long[:3] == b"\x10\xe5\x01"
    assert len(long) == 3 + 0xE5


# --- bus


async def make_bus(path):
    async with open_bus(BusSettings(path=path), clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()


async def test_a_bus_as_the_table_says_is_well(tmp_path):
    path = tmp_path / "bus.sqlite"
    await make_bus(path)

    (finding,) = await examine_bus(BusSettings(path=path))

    assert finding.verdict == "ok"
    assert "6 topics" in finding.what


async def test_topics_that_differ_from_the_table_are_named(tmp_path):
    path = tmp_path / "bus.sqlite"
    await make_bus(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE topics SET partitions = 3 WHERE name = ?", (READINGS,))
        connection.execute(
            "UPDATE topics SET retention_ms = 1000 * 86400 WHERE name = 'tocsin.events'"
        )
        connection.execute("DELETE FROM topics WHERE name = 'tocsin.ledger'")
    connection.close()

    findings = await examine_bus(BusSettings(path=path))

    assert [str(one) for one in findings[1:]] == [
        "warn  bus: no topic tocsin.ledger; start a service, which makes them",
        "fail  bus: topic tocsin.readings is 3 partitions, not 8; empty and remake it",
        "warn  bus: topic tocsin.events is kept 1 days, not 28 days; alter its configuration",
    ]


async def test_kafka_that_is_away_is_one_finding():
    (finding,) = await examine_bus(BusSettings(kind="kafka", servers=f"127.0.0.1:{free_port()}"))

    assert finding.verdict == "fail"
    assert "start Kafka" in finding.mend


# --- database


async def migrated(path):
    engine = open_engine(f"sqlite:///{path}")
    await migrate(engine)
    await engine.dispose()
    return f"sqlite:///{path}"


async def test_a_migrated_database_is_at_the_newest(tmp_path):
    finding = await examine_database(await migrated(tmp_path / "a.sqlite"))

    assert finding.verdict == "ok"
    assert f"newest migration, {newest_revision()}" in finding.what


@pytest.mark.parametrize(("revision", "verdict"), [("0000", "warn"), ("9999", "fail")])
async def test_an_older_or_newer_schema_is_told_apart(tmp_path, revision, verdict):
    url = await migrated(tmp_path / "a.sqlite")
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()

    finding = await examine_database(url)

    assert finding.verdict == verdict
    assert finding.mend


def test_migrations_are_named_by_their_revision():
    for path in (MIGRATIONS / "versions").glob("v*.py"):
        assert f'revision = "{path.stem[1:5]}"' in path.read_text()


# --- machine


def test_a_clock_behind_our_own_files_is_found(tmp_path):
    ours = tmp_path / "bus.sqlite"
    ours.touch()
    os.utime(ours, (NOW.timestamp(), NOW.timestamp()))

    assert examine_clock(NOW, [ours, tmp_path / "gone"]).verdict == "ok"
    assert examine_clock(NOW - timedelta(days=1), [ours]).verdict == "fail"
    assert examine_clock(datetime(2099, 12, 31, tzinfo=UTC), []).verdict == "ok"
    assert examine_clock(datetime(2100, 1, 1, tzinfo=UTC), []).verdict == "fail"


@pytest.mark.parametrize(
    ("free", "verdict"), [(100 * 2**30, "ok"), (2**30, "warn"), (2**20, "fail")]
)
def test_the_disk_is_judged_by_what_is_free(tmp_path, monkeypatch, free, verdict):
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)

    assert examine_disk(tmp_path / "not" / "there" / "yet").verdict == verdict


async def test_a_port_is_free_ours_or_somebody_elses():
    async def serve(reader, writer):
        await reader.readline()
        writer.write(b'HTTP/1.1 503 Unavailable\r\n\r\n{"ok": false, "wrong": {}}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        ours = await examine_port("alerts.http.port", "127.0.0.1", port)
    free = await examine_port("alerts.http.port", "127.0.0.1", port)
    unknown = await examine_port("alerts.http.port", "nowhere.invalid", port)

    assert (ours.verdict, ours.what) == ("ok", "is held by a Tocsin that runs")
    assert free.what == "is free"
    assert unknown.verdict == "fail"
