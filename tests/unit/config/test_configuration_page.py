"""docs/configuration.md is what the settings models say now."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from services.settings_page import PAGE, page
from services.whole import TocsinSettings
from shared.config.describe import Row, configuration_page, describe
from shared.config.sections import Section

ROOT = Path(__file__).parents[3]


class Inner(Section):
    port: int = Field(default=80, ge=1, le=65535)
    """Where it listens,
    for | people."""
    names: tuple[str, ...] = ("a", "b")


class Outer(Section):
    inner: Inner = Field(default_factory=lambda: Inner(port=9))
    token: SecretStr = SecretStr("hidden")
    name: str


def test_each_setting_is_a_row():
    assert describe(Outer, prefix="X") == (
        Row("inner.port", "X_INNER_PORT", "whole number (≥ 1, ≤ 65535)", "`9`",
            "Where it listens, for | people."),
        Row("inner.names", "X_INNER_NAMES", "list of text", '`["a", "b"]`', ""),
        Row("token", "X_TOKEN", "text", "set, not shown", ""),
        Row("name", "X_NAME", "text", "required", ""),
    )  # fmt: skip


def test_the_page_is_a_table_and_keeps_secrets():
    text = configuration_page(Outer)

    assert "| `inner.port` | `TOCSIN_INNER_PORT` |" in text
    assert "for \\| people." in text
    assert "hidden" not in text


def test_every_setting_stands_on_the_page():
    text = page()

    assert all(f"| `{row.key}` | `{row.env}` |" in text for row in describe(TocsinSettings))
    assert len(describe(TocsinSettings)) > 20


def test_the_page_in_the_docs_is_current():
    if not (ROOT / PAGE).exists():
        pytest.fail(f"{PAGE} is missing, run `python -m services.settings_page`")

    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(), (
        "run `python -m services.settings_page`"
    )
