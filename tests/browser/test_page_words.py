"""Words and eyes: two languages without a stray word, contrast, names for what is not text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.support.browsing import OpenPage
from tests.support.fake_alerts_api import FakeAlerts

VISIBLE_TEXTS = """
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('[translate=no], script, noscript')) continue;
    if (element.closest('svg .tick')) continue;
    if (element.checkVisibility({visibilityProperty: true})) found.push(node.textContent.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    if (element.closest('[translate=no]') || element.dataset.chip) continue;
    for (const name of ['aria-label', 'title', 'placeholder']) {
      const text = element.getAttribute(name);
      if (text) found.push(text);
    }
  }
  found.push(document.title);
  return found;
}
"""
ALLOWED = {
    "Tocsin", "vol", "dB", "m", "ppm", "MPa", "mm", "RH", "h", "L", "s", "g", "A", "V",
    "T3", "Z2", "Q", "GB", "T", "GBZ", "t3-s4-ch4", "t3-s4-o2", "s4", "ch4", "o2", "s3",
}  # fmt: skip
"""Units, names of standards, and the names places bear on their signs."""

CONTRASTS = """
() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba(getComputedStyle(document.body).backgroundColor);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('.spoken, .skip, script, noscript')) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    const style = getComputedStyle(element);
    const drawn = element.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const [a, b] = [light(rgba(drawn)), light(behind(element))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    found.push([(a + 0.05) / (b + 0.05), large ? 3 : 4.5, node.textContent.trim().slice(0, 40)]);
  }
  return found;
}
"""


def stray_english(page: Page) -> list[str]:
    strays = []
    for text in page.evaluate(VISIBLE_TEXTS):
        words = "".join(c if c.isascii() and (c.isalnum() or c == "-") else " " for c in text)
        if bad := [w for w in words.split() if any(c.isalpha() for c in w) and w not in ALLOWED]:
            strays.append(f"{bad} in {text!r}")
    return strays


def test_the_check_for_stray_words_bites(night: FakeAlerts, open_page: OpenPage) -> None:
    page = open_page(night.url, language="en")
    assert len(stray_english(page)) > 30


def test_switched_to_chinese_no_english_word_is_left(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url, language="en")
    page.locator('[data-id="inc-gas"] button').click()
    page.wait_for_selector("figure.plot")
    page.locator("#language").click()
    page.wait_for_selector("html[lang=zh-CN]")
    assert "甲烷" in page.locator("#detail .say").inner_text()
    assert stray_english(page) == []
    page.keyboard.press("a")
    page.wait_for_selector(".ask input")
    assert stray_english(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert stray_english(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert stray_english(page) == []
    page.keyboard.press("Escape")
    night.silent = True
    page.wait_for_selector("html[data-link=lost]")
    assert "断开" in page.locator("#lost").inner_text()
    assert stray_english(page) == []


def test_a_calm_and_a_troubled_city_are_all_chinese_too(
    server: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(server.url, language="zh")
    page.locator("#empty").wait_for(state="visible")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert stray_english(page) == []
    server.pulse |= {"readings_per_s": 0, "ledger": "unbalanced", "waiting": 3}
    server.pulse["services"] = {"ingest": "no broker", "detector": "ok", "archive": "stuck"}
    server.pulse_now()
    page.wait_for_selector("#empty .deaf")
    assert stray_english(page) == []


def test_the_language_and_the_theme_are_remembered(night: FakeAlerts, open_page: OpenPage) -> None:
    page = open_page(night.url, language="en", theme="dark")
    page.locator("#language").click()
    page.locator("#theme").click()
    page.locator("#theme").click()
    page.reload()
    page.wait_for_selector("#incidents li.card")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("html").get_attribute("data-theme") == "light"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(243, 245, 246)"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_text_has_the_contrast_that_wcag_asks_for(
    night: FakeAlerts, open_page: OpenPage, theme: str
) -> None:
    page = open_page(night.url, theme=theme)
    page.locator('[data-id="inc-gas"] button').click()
    page.wait_for_selector("figure.plot")
    page.keyboard.press("r")
    measured = page.evaluate(CONTRASTS)
    assert len(measured) > 80
    poor = [(round(ratio, 2), text) for ratio, least, text in measured if ratio < least]
    assert poor == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_levels_stand_out_from_their_ground_as_shapes_and_lines(
    night: FakeAlerts, open_page: OpenPage, theme: str
) -> None:
    page = open_page(night.url, theme=theme)
    ratios = page.evaluate(
        """() => {
          const style = getComputedStyle(document.documentElement);
          const get = (name) => style.getPropertyValue(name).trim();
          const hex = (c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16) / 255);
          const light = (c) => hex(c)
            .map((s) => (s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4))
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const resolve = (name) => { const v = get(name); return v.startsWith('#') ? v : ''; };
          const out = [];
          for (const level of ['red', 'orange', 'yellow', 'blue'])
            for (const ground of ['--ground', '--panel', '--raised'])
              for (const kind of ['-line', '-ink']) {
                const [a, b] = [light(resolve(`--${level}${kind}`) || get(`--${level}`)),
                                light(get(ground))].sort((x, y) => y - x);
                out.push([level + kind + ground, (a + 0.05) / (b + 0.05)]);
              }
          return out;
        }"""
    )
    assert len(ratios) == 24
    least = {"-line": 2.9, "-ink": 4.5}
    poor = [
        (name, round(ratio, 2))
        for name, ratio in ratios
        if ratio < (least["-ink"] if "-ink" in name else least["-line"])
    ]
    assert poor == []


def test_everything_that_can_be_pressed_has_a_name_and_a_reachable_size(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url, width=390, height=844)
    page.locator('[data-id="inc-gas"] button').click()
    page.wait_for_selector("figure.plot")
    pressed = page.locator("#detail button, .tools button").all()
    assert len(pressed) >= 5
    for button in pressed:
        box = button.bounding_box()
        name = button.get_attribute("aria-label") or button.inner_text().strip()
        assert name
        assert box is not None
        assert min(box["width"], box["height"]) >= 24, name
    for act in page.locator(".acts [data-act]").all():
        box = act.bounding_box()
        assert box is not None
        assert box["height"] >= 56


def test_ids_are_unique_and_every_control_is_labelled(
    night: FakeAlerts, open_page: OpenPage
) -> None:
    page = open_page(night.url)
    page.locator('[data-id="inc-gas"] button').click()
    page.keyboard.press("r")
    faults = page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
          const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
          const bare = [...document.querySelectorAll('input, button, [role=button], [role=img]')]
            .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label')
              || e.textContent.trim() || e.closest('label')?.textContent.trim()));
          const heads = [...document.querySelectorAll('h1, h2, h3, h4')].map((e) => +e.tagName[1]);
          const jumps = heads.filter((level, i) => i && level > heads[i - 1] + 1);
          return {twice, bare: bare.map((e) => e.outerHTML.slice(0, 80)), jumps};
        }"""
    )
    assert faults == {"twice": [], "bare": [], "jumps": []}


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (683, 384), (390, 844)])
def test_nothing_sticks_out_sideways(
    night: FakeAlerts, open_page: OpenPage, width: int, height: int
) -> None:
    long = "Underground Utility Tunnel Section beneath the Old Harbour Gate"
    assert len(long) >= 60
    night.change("inc-gas", asset_name={"en": long, "zh": long})
    page = open_page(night.url, width=width, height=height)
    page.locator('[data-id="inc-gas"] button').click()
    page.wait_for_selector("figure.plot")
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((e) => {
          if (e.closest('svg, .spoken, .skip') || !e.checkVisibility()) return false;
          const box = e.getBoundingClientRect();
          return box.right > innerWidth + 1 || box.left < -1;
        }).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
