"""The page on the real alert service: events become cards, people act, a restart heals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from shared.clock import SystemClock
from shared.domain.level import Level
from shared.registry.load import load_registry
from tests.support.alerts_thread import AlertsThread
from tests.support.browsing import OpenPage, until
from tests.support.make_events import changed, cleared, raised

LOST_MS = 3600
"""Three seconds of silence, and room for a busy machine."""


@pytest.fixture
def alerts(tmp_path: Path) -> Iterator[AlertsThread]:
    service = AlertsThread(tmp_path, load_registry())
    service.start()
    yield service
    service.close()


def watch(open_page: OpenPage, alerts: AlertsThread, language: str = "en") -> Page:
    page = open_page(alerts.url, language=language, pulse=False)
    page.evaluate("localStorage.setItem('tocsin.name', 'Li Na')")
    return page


def test_a_risk_event_is_a_card_within_a_second_and_says_all_it_must(
    alerts: AlertsThread, open_page: OpenPage
) -> None:
    page = watch(open_page, alerts)
    page.locator("#empty").wait_for(state="visible")
    assert "Jiangcheng" in page.locator("#city").inner_text()
    clock = SystemClock()
    before = clock.monotonic()
    alerts.publish(raised("vc-07", at=clock.now()))
    page.wait_for_selector("#incidents li.orange.card", timeout=1500)
    assert clock.monotonic() - before < 1.5  # the bus, the engine's transaction and the feed
    card = page.locator("#incidents li.card")
    assert "Oxygen at vc-07 is 17 %vol." in card.inner_text()
    assert "Nobody yet" in card.inner_text()
    until(page, "/in 0?\\d:\\d\\d/.test(document.querySelector('.card .due')?.textContent)")
    card.locator("button").click()
    page.wait_for_selector("figure.plot")
    assert "GB 8958-2006" in page.locator(".limits").inner_text()
    assert page.locator(".told-list li").count() >= 1
    assert page.locator(".timeline li").count() >= 1
    assert page.locator(".pin").count() == 1


def test_acknowledging_resolving_and_a_colleague_who_was_faster(
    alerts: AlertsThread, open_page: OpenPage
) -> None:
    event = raised("vc-07", at=SystemClock().now())
    alerts.publish(event)
    alerts.cards(1)
    page = watch(open_page, alerts)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("figure.plot")
    page.keyboard.press("a")
    page.wait_for_selector("#incidents li.acknowledged")
    assert "Li Na has it" in page.locator("#incidents .has").inner_text()
    alerts.publish(changed(event, Level.RED))
    page.wait_for_selector("#incidents li.red.calling")
    assert page.locator(".acts [data-act=ack]").count() == 1
    alerts.publish(cleared(changed(event, Level.RED), after_s=120))
    page.wait_for_selector("#incidents li.returned")
    page.keyboard.press("r")
    page.get_by_label("Fixed").check()
    [card] = alerts.cards(1)
    path = f"/api/v1/incidents/{card['id']}/resolve"
    page.route("**/resolve", lambda route: (alerts_resolves(alerts, path), route.continue_()))
    page.get_by_role("button", name="Close this incident").click()
    page.wait_for_selector(".said.refused")
    assert page.locator(".said q").inner_text() != ""
    page.wait_for_selector("#closed-cards li.resolved", state="attached")
    assert "Chen Wei" in page.locator("#detail .has-it").inner_text()


def alerts_resolves(alerts: AlertsThread, path: str) -> None:
    assert alerts.post(path, {"by": "Chen Wei", "reason": "fixed"}) == 200


def test_a_restart_of_the_service_is_seen_and_what_happened_meanwhile_appears_once(
    alerts: AlertsThread, open_page: OpenPage
) -> None:
    now = SystemClock().now()
    alerts.publish(raised("vc-07", at=now))
    alerts.cards(1)
    page = watch(open_page, alerts)
    page.wait_for_selector("#incidents li.card")
    alerts.stop()
    page.wait_for_selector("html[data-link=lost]", timeout=LOST_MS)
    alerts.start()
    alerts.publish(raised("vc-08", at=now), raised("vc-03", at=now, run="autumn-drill"))
    page.wait_for_selector("html[data-link=live]", timeout=9000)
    until(page, "document.querySelectorAll('#incidents li.card').length === 3")
    ids = [one.get_attribute("data-id") for one in page.locator("#incidents li.card").all()]
    assert len(set(ids)) == 3
    assert page.locator("#incidents li.exercise").count() == 1
    assert "EXERCISE" in page.locator("#incidents li.exercise").inner_text()


def test_the_whole_card_speaks_chinese(alerts: AlertsThread, open_page: OpenPage) -> None:
    alerts.publish(raised("vc-07", at=SystemClock().now()))
    alerts.cards(1)
    page = watch(open_page, alerts, "zh")
    card = page.locator("#incidents li.card")
    card.wait_for()
    words = card.inner_text()
    for word in ("橙色", "气体危险", "江北", "尚无人确认", "氧气"):
        assert word in words, words
    assert page.locator("#city").inner_text() == "江城"
