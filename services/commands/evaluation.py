"""``tocsin evaluate``: would we have caught it, how early, at what price in false alarms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.commands.common import ConfigOption, settings_of


def evaluate(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Ids, names or files; none is the whole library.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="One seed, or a range such as 1..20.")] = "1..5",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.", metavar="FILE")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a page with plots into this folder.", metavar="DIR")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="A second settings file, side by side.", metavar="FILE")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores if absent.")
    ] = None,
    print_json: Annotated[
        bool, typer.Option("--print-json", help="Print the figures as JSON, not as a table.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Run scenarios offline through the real detector and alert engine, and judge them."""
    from services.evaluation.command import evaluate_command

    code = evaluate_command(
        scenarios or (),
        settings=settings_of(config),
        seeds=seeds,
        json_path=json_file,
        report=report,
        compare=compare,
        jobs=jobs,
        as_json=print_json,
    )
    raise typer.Exit(code)
