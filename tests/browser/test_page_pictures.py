"""Pictures of the page for people to look at: every size, both languages, both themes.

What a machine can say about them is asserted here; the pictures land in ``screenshots/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.browsing import OpenPage
from tests.support.city_cards import card
from tests.support.fake_alerts_api import FakeAlerts

PICTURES = Path(__file__).parent / "screenshots"
SIZES = [(1920, 1080), (1366, 768), (390, 844)]

OVERLAPS = """
() => {
  const boxes = [...document.querySelectorAll('.top > *, .detail-top > *, .acts .buttons > *, ' +
    '.list-head > *, .map-tools, .legend')]
    .filter((e) => e.checkVisibility() && !e.closest('.spoken'))
    .map((e) => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width && b.height);
  const hits = [];
  boxes.forEach(([a, x], i) => boxes.slice(i + 1).forEach(([b, y]) => {
    if (a.parentElement !== b.parentElement) return;
    const dx = Math.min(x.right, y.right) - Math.max(x.left, y.left);
    const dy = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
    if (dx > 1 && dy > 1) hits.push([a.className || a.id, b.className || b.id]);
  }));
  return hits;
}
"""


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.mouse.move(0, 0)
    page.screenshot(path=PICTURES / f"{name}.png")
    assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_at_the_sizes_it_is_used_in(
    night: FakeAlerts, open_page: OpenPage, *, size: tuple[int, int], theme: str, language: str
) -> None:
    page = open_page(night.url, width=size[0], height=size[1], theme=theme, language=language)
    name = f"{size[0]}x{size[1]}-{language}-{theme}"
    picture(page, f"{name}-feed")
    if size[0] < 860:
        page.locator("#view-map").click()
        page.wait_for_selector(".pin")
        picture(page, f"{name}-map")
        page.locator("#view-list").click()
    page.locator('[data-id="inc-gas"] button').click()
    page.wait_for_selector("figure.plot")
    picture(page, f"{name}-detail")
    page.keyboard.press("r")
    picture(page, f"{name}-resolve")


def long_place(now: Any) -> dict[str, Any]:
    name = "Underground Utility Tunnel Section beneath the Old Harbour Gate"
    zh = "老港口城门地下综合管廊与人民广场换乘枢纽地下三层连接通道北侧第十二号防火分区东段检修井"
    words = {"en": name, "zh": zh}
    return card("inc-long", now=now, level="red", asset_name=words)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_long_names_many_incidents_and_a_lost_line(
    server: FakeAlerts, open_page: OpenPage, size: tuple[int, int]
) -> None:
    now = server.clock.now()
    for i in range(200):
        level = ("blue", "yellow", "orange")[i % 3]
        server.push(card(f"inc-{i:03}", now=now, level=level, opened_s_ago=60 + i * 97))
    server.push(long_place(now))
    page = open_page(server.url, width=size[0], height=size[1])
    name = f"{size[0]}x{size[1]}"
    page.locator('[data-id="inc-long"] button').click()
    page.wait_for_selector("figure.plot")
    picture(page, f"{name}-long-name")
    page.keyboard.press("Escape")
    server.silent = True
    page.wait_for_selector("html[data-link=lost]")
    picture(page, f"{name}-lost")


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_a_calm_city(server: FakeAlerts, open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(server.url, width=size[0], height=size[1], language="zh")
    page.locator("#empty").wait_for(state="visible")
    picture(page, f"{size[0]}x{size[1]}-calm")
    page.keyboard.press("?")
    picture(page, f"{size[0]}x{size[1]}-help")
