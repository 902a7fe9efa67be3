"""One Chromium for each module, a fresh profile and a fresh server for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.support.browsing import OpenPage, until
from tests.support.city_cards import a_night
from tests.support.fake_alerts_api import FakeAlerts

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
EXPECTED_NOISE = ("Failed to load resource", "net::ERR_")
"""What Chromium itself writes when a server refuses or goes away, which tests do on purpose."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=[*ARGUMENTS])
        yield started
        started.close()


@pytest.fixture
def server() -> Iterator[FakeAlerts]:
    """The contract's server, with nothing happening."""
    fake = FakeAlerts().start()
    yield fake
    fake.stop()


@pytest.fixture
def night(server: FakeAlerts) -> FakeAlerts:
    """The server with one incident of each level, an exercise among them."""
    for card in a_night(server.clock.now()):
        server.push(card)
    return server


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """``open_page(url, ...)``; a complaint in any page's console fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED_NOISE):
            complaints.append(message.text)

    def open_one(
        url: str,
        *,
        width: int = 1366,
        height: int = 768,
        language: str = "en",
        theme: Any = "dark",
        pulse: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale="zh-CN" if language == "zh" else "en-GB",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        page.wait_for_selector("#count:not(:empty)", state="attached")
        if pulse:  # the fake server's own figure
            until(page, "document.querySelector('#line b')?.textContent.includes('3,412')")
        else:
            until(page, "document.querySelector('#city').textContent !== ''")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
