"""How tests look at the page: poll from outside, since its content policy forbids eval inside."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from shared.clock import SystemClock

OpenPage = Callable[..., Page]
_CLOCK = SystemClock()
STEP_MS = 25


def until(page: Page, expression: str, *, timeout_ms: float = 5000) -> None:
    """Wait until a JavaScript expression is true; AssertionError when it never becomes so."""
    deadline = _CLOCK.monotonic() + timeout_ms / 1000
    while not page.evaluate(expression):
        assert _CLOCK.monotonic() < deadline, f"never true within {timeout_ms:.0f} ms: {expression}"
        page.wait_for_timeout(STEP_MS)


def selector(css: str) -> str:
    """The JavaScript expression for the first element of a selector."""
    return f"document.querySelector({css!r})"
