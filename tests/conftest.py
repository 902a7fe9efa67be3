"""Fixtures every test may ask for: the real servers, Chromium, the labelled data."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.real.kafka import KafkaServer
from deploy.real.mosquitto import MosquittoServer
from deploy.real.places import ServerMissing, chromium_path
from deploy.real.postgres import PostgresServer
from tests.support import skips
from tests.support.servers import real_server, skip_for

# Where a change is judged, the same examples every time: a new find belongs to whoever looks for
# it, not to whoever happens to be next. At the desk examples are drawn afresh.
settings.register_profile("judged", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("judged")


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """``.bootstrap``; one for the whole session, so give each test topics of its own."""
    with real_server(KafkaServer) as server:
        yield server


@pytest.fixture(scope="session")
def mosquitto_server() -> Iterator[MosquittoServer]:
    """``.url`` and ``.port``; one for the whole session."""
    with real_server(MosquittoServer) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """``.url`` and ``.fresh_database()``; one for the whole session."""
    with real_server(PostgresServer) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Path:
    try:
        return chromium_path()
    except ServerMissing as missing:
        skip_for(missing)
        raise


@pytest.fixture(scope="session")
def labelled_data(pytestconfig: pytest.Config) -> Path:
    """The optional folder of labelled data; ``needs_data("folder/in/it")`` names what in it."""
    if why := skips.why_no_data(pytestconfig.rootpath, ()):
        pytest.skip(why)
    return skips.data_folder(pytestconfig.rootpath)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", skips.MARKER)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs_data"):
        if why := skips.why_no_data(item.config.rootpath, mark.args):
            pytest.skip(why)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if skips.every_test_must_run() and not skips.is_allowed(item):
        skips.forbid(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if skips.every_test_must_run():
        skips.forbid(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if lines := skips.summary(terminalreporter.stats.get("skipped", [])):
        terminalreporter.section("not run here, and what would run it")
        for line in lines:
            terminalreporter.line(line)
