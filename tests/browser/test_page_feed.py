"""The live feed in Chromium: what happens in the city stands on the screen at once, and once."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page

from tests.support.browsing import OpenPage, until
from tests.support.city_cards import card, iso
from tests.support.fake_alerts_api import FakeAlerts

LOST_MS = 3000
MARGIN_MS = 600
"""For a machine that is busy with other tests: paint, timers, the test's own polling."""


def titles(page: Page) -> list[str]:
    return page.locator("#incidents li.card h3").all_inner_texts()


def count(page: Page, incident: str) -> int:
    return page.locator(f'#incidents li[data-id="{incident}"]').count()


def test_a_new_incident_is_on_the_screen_within_a_second_without_a_reload(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    assert page.locator("#incidents li.card").count() == 5
    assert page.locator("li.fresh").count() == 0
    new = card("inc-new", now=night.clock.now(), level="red", asset="ps1-loop", opened_s_ago=0)
    before = night.clock.monotonic()
    night.push(new)
    page.wait_for_selector('#incidents li[data-id="inc-new"]', timeout=1000)
    assert night.clock.monotonic() - before < 1.0
    fresh = page.locator("li.fresh")
    assert fresh.get_attribute("data-id") == "inc-new"
    assert fresh.locator(".new").is_visible()
    until(page, "document.querySelector('#assertive').textContent.includes('red')")
    assert "Pump station 1" in page.locator("#assertive").inner_text()


def test_cards_stand_worst_first_and_real_before_exercise(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    words = page.locator("#incidents .word").all_inner_texts()
    assert [word.lower() for word in words] == ["red", "orange", "orange", "yellow", "blue"]
    cards = page.locator("#incidents li.card")
    assert [cards.nth(i).locator(".exercise-label").count() for i in range(5)] == [0, 0, 1, 0, 0]
    assert "EXERCISE" in cards.nth(2).inner_text()
    assert "EXERCISE" in page.locator("#exercise").inner_text()


def test_a_changed_card_is_changed_in_place_and_a_resolved_one_leaves_the_list(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    night.change("inc-gas", phase="acknowledged", acknowledged_by="王芳", next_deadline=None)
    until(
        page,
        "document.querySelector('[data-id=inc-gas] .has').textContent === '王芳 has it'"
        " || document.querySelector('[data-id=inc-gas] .has').textContent.includes('王芳 has it')",
    )
    night.change(
        "inc-gas", phase="resolved", resolved_by="王芳", resolution="fixed", resolved_at=night.now()
    )
    page.wait_for_selector('#closed-cards li[data-id="inc-gas"]', state="attached")
    assert count(page, "inc-gas") == 0
    assert page.locator("#count").inner_text().startswith("4")


def test_a_deadline_counts_down_and_says_when_it_is_overdue(
    server: FakeAlerts, open_page: OpenPage
) -> None:
    now = server.clock.now()
    server.push(card("inc-due", now=now, deadline_s=3))
    page = open_page(server.url)
    due = page.locator(".card .due")
    first = due.inner_text()
    assert first.startswith("in 0:0"), first
    until(page, "document.querySelector('.card .due').classList.contains('overdue')")
    assert "overdue" in due.inner_text()


def test_a_silent_line_is_unmistakable_within_three_seconds(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    assert page.locator("#lost").inner_text() == ""
    night.pulse_now()
    night.silent = True
    page.wait_for_selector("html[data-link=lost]", timeout=LOST_MS + MARGIN_MS)
    banner = page.locator("#lost")
    assert "Connection lost" in banner.inner_text()
    assert "may be old" in banner.inner_text()
    assert page.locator("#lost").get_attribute("role") == "alert"
    assert page.title().startswith("(!)")
    night.silent = False
    page.wait_for_selector("html[data-link=live]", timeout=8000)
    assert banner.inner_text() == ""


def test_a_broken_line_heals_and_what_changed_meanwhile_appears_once(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    night.down = True
    night.drop_connections()
    page.wait_for_selector("html[data-link=lost]", timeout=LOST_MS + MARGIN_MS)
    now = night.clock.now()
    night.push(card("inc-meanwhile", now=now, level="yellow", asset="ps1-loop", opened_s_ago=5))
    night.change("inc-h2s", level="orange", worst_level="orange")
    night.change("inc-leak", phase="resolved", resolved_by="Li Na", resolution="fixed",
                 resolved_at=iso(now + timedelta(seconds=1)))  # fmt: skip
    assert count(page, "inc-meanwhile") == 0
    night.down = False
    page.wait_for_selector("html[data-link=live]", timeout=8000)
    page.wait_for_selector('#incidents li[data-id="inc-meanwhile"]')
    page.wait_for_selector('#incidents li.orange[data-id="inc-h2s"]')
    assert count(page, "inc-meanwhile") == 1
    assert count(page, "inc-leak") == 0
    assert page.locator("#incidents li.card").count() == 5


def test_a_page_that_missed_too_much_reads_the_list_again(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    night.down = True
    night.drop_connections()
    page.wait_for_selector("html[data-link=lost]", timeout=LOST_MS + MARGIN_MS)
    night.push(card("inc-late", now=night.clock.now(), asset="ps1-loop"))
    night.change("inc-gas", phase="resolved", resolved_by="x", resolved_at=night.now())
    night.forget()
    night.down = False
    page.wait_for_selector('#incidents li[data-id="inc-late"]', timeout=8000)
    assert count(page, "inc-gas") == 0
    night.change("inc-late", level="red")
    page.wait_for_selector('#incidents li.red[data-id="inc-late"]')


def test_a_page_opened_while_the_server_is_away_fills_itself(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    refused = 0

    def refuse(route: object) -> None:
        nonlocal refused
        refused += 1
        route.abort()  # type: ignore[attr-defined]

    page.route("**/api/v1/incidents?*", refuse)
    page.reload()
    page.wait_for_selector("html[data-link=lost]", timeout=LOST_MS + MARGIN_MS)
    assert "Nothing has been read yet" in page.locator("#lost").inner_text()
    assert refused > 0
    page.unroute("**/api/v1/incidents?*")
    page.wait_for_selector("#incidents li.card", timeout=8000)
    page.wait_for_selector("html[data-link=live]", timeout=8000)


def test_what_the_pointer_rests_on_stays_where_it_is(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url, height=1000)
    under = page.locator('#incidents li[data-id="inc-gas"]')
    under.hover()
    before = under.bounding_box()
    night.push(card("inc-new", now=night.clock.now(), level="red", asset="ps1-loop"))
    page.wait_for_selector('#incidents li[data-id="inc-new"]')
    assert under.bounding_box() == before
    order = [c.get_attribute("data-id") for c in page.locator("#incidents li.card").all()]
    assert order.index("inc-new") == order.index("inc-gas") + 1
    page.mouse.move(900, 500)
    until(
        page,
        "document.querySelector('#incidents li.card').dataset.id === 'inc-new'"
        " || document.querySelectorAll('#incidents li.card')[1].dataset.id === 'inc-new'",
    )


def test_two_hundred_incidents_are_all_listed_and_stay_fast(
    server: FakeAlerts, open_page: OpenPage
) -> None:
    now = server.clock.now()
    levels = ("blue", "yellow", "orange", "red")
    for i in range(230):
        server.push(card(f"inc-{i:03}", now=now, level=levels[i % 4], opened_s_ago=i * 7))
    page = open_page(server.url)
    until(page, "document.querySelectorAll('#incidents li.card').length === 230")
    assert page.locator("#count").inner_text().startswith("230")
    spent = page.evaluate(
        "() => { const a = performance.now(); document.querySelector('#language').click();"
        " return performance.now() - a; }"
    )
    assert spent < 1500  # every word of every card anew, on a busy two-core machine
    server.push(card("inc-new", now=server.clock.now(), level="red", opened_s_ago=0))
    page.wait_for_selector('#incidents li[data-id="inc-new"]', timeout=1000, state="attached")


def test_a_calm_city_says_so_and_a_deaf_one_says_that_instead(
    server: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(server.url)
    empty = page.locator("#empty")
    empty.wait_for(state="visible")
    assert "All quiet" in empty.inner_text()
    assert "3,412 readings a second" in empty.inner_text()
    server.pulse["readings_per_s"] = 0
    server.pulse["services"] = {"ingest": "no broker at 127.0.0.1:1883", "detector": "ok"}
    server.pulse_now()
    page.wait_for_selector("#empty .deaf")
    assert "silence, not peace" in empty.inner_text()
    assert page.locator("#line .trouble").count() == 2
    assert "ingest in trouble" in page.locator("#line").inner_text()
