"""``tocsin registry``: the city's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.commands.common import ConfigOption, JsonOption, SeedOption, report, settings_of

app = typer.Typer(no_args_is_help=True, help="The registry of areas, assets and sensors.")


@app.command("import", epilog="Example: tocsin registry import sensors.csv --into city")
def import_file(
    file: Annotated[Path, typer.Argument(help="Registry YAML, sensors CSV or GeoJSON.")],
    into: Annotated[
        Path | None, typer.Option(help="Registry folder; that of the settings if absent.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, write nothing.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove what the folder has and the file has not.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Merge a file into the registry, all of it or nothing."""
    from shared.registry.imports import import_registry

    target = into
    if target is None:
        named = settings_of(config).city.registry
        target = named.parent if named is not None else Path("registry")
    summary = import_registry(file, target, dry_run=dry_run, replacing=replace)
    report([summary.as_dict()], [str(summary)], as_json=as_json)


@app.command(epilog="Example: tocsin registry generate --sensors 2000 --seed 7 --into big-city")
def generate(
    into: Annotated[Path, typer.Option(help="Folder to write; made if absent.")],
    sensors: Annotated[int, typer.Option(min=1, help="How many; up to a million.")] = 2000,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Write a believable city of any size, for load and scale tests."""
    from dataclasses import asdict

    from rich.console import Console

    from simulators.generator.writing import write_city

    console = Console(stderr=True)
    with console.status("writing", spinner="line") as status:
        written = write_city(
            seed, sensors, into, progress=lambda share: status.update(f"writing {share:.0%}")
        )
    report([asdict(written)], [str(written)], as_json=as_json)
