"""What several groups of the command share: options, settings, rows or JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from services.whole import TocsinSettings

CONFIG_DEFAULT: Final = Path("tocsin.yaml")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; ./tocsin.yaml if there is one.", metavar="FILE"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="The same seed gives the same bytes.")
]


def settings_of(config: Path | None) -> TocsinSettings:
    """The settings of a file, of ./tocsin.yaml where there is one, or of the environment."""
    from services.whole import TocsinSettings
    from shared.config.loader import load_settings

    file = config or (CONFIG_DEFAULT if CONFIG_DEFAULT.exists() else None)
    return load_settings(TocsinSettings, file=file, env=os.environ)


def report(rows: Sequence[Any], lines: Sequence[str], *, as_json: bool) -> None:
    """Print the rows as one JSON document, or the lines."""
    if as_json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    for line in lines:
        typer.echo(line)
