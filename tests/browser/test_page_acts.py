"""Acting from the page: by keyboard, in place, and honest about what became of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page
from starlette.responses import JSONResponse, Response

from tests.support.browsing import OpenPage, until
from tests.support.fake_alerts_api import FakeAlerts


def sign_in(page: Page, name: str = "Li Na") -> None:
    page.evaluate("name => localStorage.setItem('tocsin.name', name)", name)


def said(page: Page) -> str:
    return page.locator(".acts .said").inner_text()


def test_keys_move_open_acknowledge_and_close(night: FakeAlerts, open_page: OpenPage) -> None:
    page = open_page(night.url)
    sign_in(page)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('li').dataset.id") == "inc-gas"
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail:not([hidden]) figure.plot")
    assert "Methane in tunnel T3" in page.locator("#detail .say").inner_text()
    assert page.locator('[data-id="inc-gas"] button').get_attribute("aria-current") == "true"
    page.keyboard.press("a")
    page.wait_for_selector('li.acknowledged[data-id="inc-gas"]')
    incident, act, body = night.acts[0]
    assert (incident, act, body["by"], body["version"]) == ("inc-gas", "ack", "Li Na", 1)
    assert said(page) == "Acknowledged."
    assert "Li Na has it" in page.locator('[data-id="inc-gas"] .has').inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector("#detail", state="hidden")
    assert page.evaluate("document.activeElement.closest('li').dataset.id") == "inc-gas"


def test_the_first_act_asks_for_a_name_and_the_desk_remembers_it(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    page.locator('[data-id="inc-fire"] button').click()
    page.keyboard.press("a")
    name = page.get_by_label("Your name")
    name.wait_for()
    page.keyboard.press("Enter")
    assert "Say who you are" in said(page)
    assert night.acts == []
    name.fill("  Zhao Min ")
    name.press("Enter")
    page.wait_for_selector('li.acknowledged[data-id="inc-fire"]')
    assert night.acts[0][2]["by"] == "Zhao Min"
    page.reload()
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("a")
    page.wait_for_selector('li.acknowledged[data-id="inc-gas"]')
    assert night.acts[1][2]["by"] == "Zhao Min"


def test_what_the_server_refuses_is_said_in_its_words_and_the_new_card_is_shown(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    sign_in(page)

    def refuse(incident: str, _: str, __: dict[str, Any]) -> Response:
        card = night.change(incident, level="red", worst_level="red")
        words = {"error": "the level rose to red", "mend": "look at it again", "card": card}
        return JSONResponse(words, status_code=409)

    night.refuse = refuse
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("a")
    page.wait_for_selector(".said.refused")
    assert "The server refused: the level rose to red. look at it again" in said(page)
    page.wait_for_selector('#incidents li.red[data-id="inc-gas"]')
    page.wait_for_selector("#detail.red")
    page.locator(".acts [data-act=ack]").wait_for()


def test_resolving_asks_why_in_place_and_sends_reason_and_note(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    sign_in(page)
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("r")
    page.get_by_role("button", name="Close this incident").click()
    assert "Choose why" in said(page)
    assert night.acts == []
    page.get_by_label("False alarm").check()
    page.get_by_label("Note").fill("arm of the crane")
    page.get_by_role("button", name="Close this incident").click()
    page.wait_for_selector('#closed-cards li[data-id="inc-gas"]', state="attached")
    _, act, body = night.acts[0]
    assert act == "resolve"
    assert body == {
        "by": "Li Na", "note": "arm of the crane", "version": 1, "reason": "false-alarm",
    }  # fmt: skip
    assert page.locator('#incidents li[data-id="inc-gas"]').count() == 0
    assert "Closed by Li Na" in page.locator("#detail .has-it").inner_text()


def test_what_somebody_types_survives_an_update(night: FakeAlerts, open_page: OpenPage) -> None:
    page = open_page(night.url)
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("r")
    page.get_by_label("Fixed").check()
    page.get_by_label("Note").fill("fan two restar")
    page.get_by_label("Note").focus()
    night.change("inc-gas", level="red", worst_level="red")
    page.wait_for_selector("#detail.red")
    page.keyboard.type("ted, jar")
    assert page.get_by_label("Note").input_value() == "fan two restarted, jar"
    assert page.get_by_label("Fixed").is_checked()
    assert night.acts == []


def test_an_act_that_never_left_says_so_and_can_be_sent_again(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    sign_in(page)
    page.locator('[data-id="inc-gas"] button').click()
    page.route("**/ack", lambda route: route.abort())
    page.keyboard.press("a")
    page.wait_for_selector(".said.refused")
    assert "Not sent" in said(page)
    page.unroute("**/ack")
    page.keyboard.press("a")
    page.wait_for_selector('li.acknowledged[data-id="inc-gas"]')
    assert len(night.acts) == 1


def test_where_a_token_is_needed_it_is_asked_for_and_then_sent(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    sign_in(page)
    headers: list[str] = []

    def guard(route: Any) -> None:
        given = route.request.headers.get("authorization", "")
        headers.append(given)
        if given:
            route.continue_()
        else:
            route.fulfill(status=401, json={"error": "acting needs the API token", "mend": ""})

    page.route("**/ack", guard)
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("a")
    token = page.get_by_label("This needs an access token")
    token.fill("s3cret")
    token.press("Enter")
    page.wait_for_selector('li.acknowledged[data-id="inc-gas"]')
    assert headers == ["", "Bearer s3cret"]
    assert page.evaluate("JSON.stringify(localStorage).includes('s3cret')") is False


def test_an_act_that_is_not_possible_is_not_offered(night: FakeAlerts, open_page: OpenPage) -> None:
    page = open_page(night.url)
    sign_in(page)
    page.locator('[data-id="inc-leak"] button').click()
    page.locator(".acts [data-act=resolve]").wait_for()
    assert page.locator(".acts [data-act=ack]").count() == 0
    page.keyboard.press("a")
    page.wait_for_selector(".said.refused")
    assert night.acts == []


def test_single_keys_can_be_switched_off_and_never_fire_while_typing(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    sign_in(page)
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#help", state="hidden")
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("a")
    page.keyboard.press("r")
    page.wait_for_timeout(100)
    assert night.acts == []
    assert page.locator(".ask").is_hidden()
    page.locator(".acts [data-act=ack]").click()
    page.wait_for_selector('li.acknowledged[data-id="inc-gas"]')


def test_an_address_with_an_incident_opens_it_and_survives_a_reload(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url + "#inc-leak")
    page.wait_for_selector("#detail:not([hidden])")
    assert "Pressure fell" in page.locator("#detail .say").inner_text()
    page.locator('[data-id="inc-gas"] button').click()
    assert page.url.endswith("#inc-gas")
    page.reload()
    page.wait_for_selector("#detail figure.plot")
    assert "Methane" in page.locator("#detail .say").inner_text()


def test_the_detail_proves_itself_with_figures_curve_limits_and_history(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    page.locator('[data-id="inc-gas"] button').click()
    page.wait_for_selector("#detail figure.plot")
    detail = page.locator("#detail")
    assert detail.locator(".facts > div").count() == 3
    assert "GB 50838-2015 7.5" in detail.locator("figure.plot").first.inner_text()
    assert "decided orange" in detail.locator("figure.plot").first.inner_text()
    assert detail.locator("figure.plot svg").first.get_attribute("role") == "img"
    spoken = detail.locator("figure.plot svg").first.get_attribute("aria-label") or ""
    assert spoken.startswith("methane at t3-s4-ch4")
    assert detail.locator(".limits li").count() == 4
    assert detail.locator(".timeline li").count() == 2
    assert "written-off" in (detail.locator(".told-list li").last.get_attribute("class") or "") or (
        "given up" in detail.locator(".told-list").inner_text()
    )
    detail.locator("summary", has_text="Readings as a table").click()
    until(page, "document.querySelector('#detail table')?.tBodies[0].rows.length === 60")
    until(page, "document.querySelector('.pin.on') !== null")


def test_an_incident_the_map_shows_opens_from_there_by_keyboard(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    mark = page.locator('.pin[data-place="harbour-f23"]')
    assert mark.get_attribute("aria-label") == "red, Harbour Tower, floor 23"
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail.red")
    assert page.locator('.world [data-level="red"]').count() == 1
    drill = page.locator('.pin[data-place="vc-07"]')
    assert "EXERCISE" in (drill.get_attribute("aria-label") or "")
