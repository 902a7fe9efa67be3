"""``tocsin score``: any CSV through the detector's kernels."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def score(
    source: Annotated[Path, typer.Option("--input", help="A CSV file.", metavar="FILE")],
    time: Annotated[str, typer.Option("--time", help="Column of the moments.", metavar="COL")],
    value: Annotated[
        str, typer.Option("--value", help="Column or columns, by commas.", metavar="COL[,COL...]")
    ],
    kind: Annotated[
        str | None, typer.Option(help="The measured quantity of a single column.")
    ] = None,
    learn_only: Annotated[
        int | None, typer.Option(min=0, help="The first N rows teach and raise nothing.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="Column of true labels, for figures.", metavar="COL")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; standard output if absent.")
    ] = None,
) -> None:
    """Score recorded rows as they would have been scored live: one pass, only the past."""
    from services.scoring.command import score_file

    figures = score_file(
        source,
        time=time,
        values=[name.strip() for name in value.split(",")],
        kind=kind,
        learn_only=learn_only,
        label=label,
        output=output,
    )
    if figures is not None:
        sys.stderr.write(json.dumps(asdict(figures)) + "\n")
