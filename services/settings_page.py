"""Writes docs/configuration.md from the settings models: ``python -m services.settings_page``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from services.whole import TocsinSettings
from shared.config.describe import configuration_page

PAGE: Final = Path("docs/configuration.md")


def page() -> str:
    """What the page must say now."""
    return configuration_page(TocsinSettings)


def main() -> None:
    """Write the page, from the root of a checkout."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")


if __name__ == "__main__":
    main()
