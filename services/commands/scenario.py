"""``tocsin scenario``: the library of stories, and one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.commands.common import ConfigOption, JsonOption, report, settings_of

app = typer.Typer(no_args_is_help=True, help="Stories a city may live through, with their truth.")

NameArgument = Annotated[str, typer.Argument(help="Id such as W02, a name, or a path to a file.")]
OwnSeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Another seed than the scenario's own.")
]


@app.command("list", epilog="Example: tocsin scenario list --family G")
def list_all(
    family: Annotated[
        str | None, typer.Option(help="W water, G gas, F fire, C chains, S sensors that lie.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Name every bundled scenario."""
    from services.scenarios import list_lines, list_scenarios_rows

    rows = list_scenarios_rows(family)
    report(rows, list_lines(rows), as_json=as_json)


@app.command(epilog="Example: tocsin scenario show G03")
def show(
    name: NameArgument,
    seed: OwnSeedOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what happens, where, and who ought to notice by when."""
    from services.scenarios import show as look
    from shared.registry.load import load_registry

    shown = look(name, load_registry(settings_of(config).city.registry), seed=seed)
    report([shown.row], shown.lines, as_json=as_json)


@app.command(epilog="Example: tocsin scenario new my-leak --from W02")
def new(
    name: Annotated[str, typer.Argument(help="Lower case, with hyphens.")],
    path: Annotated[
        Path | None, typer.Option("--output", help="File to write; NAME.yaml if absent.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--from", help="A bundled scenario to begin with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a commented scenario to edit."""
    from services.scenarios import new as write

    shown = write(name, path or Path(f"{name}.yaml"), template=template)
    report([shown.row], shown.lines, as_json=as_json)


@app.command(epilog="Example: tocsin scenario check my-leak.yaml")
def check(
    path: Annotated[Path, typer.Argument(help="A scenario file.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name every fault of a scenario file at once; exit 1 if there is one."""
    from services.scenarios import check as look
    from shared.registry.load import load_registry

    faults = look(path, load_registry(settings_of(config).city.registry))
    report([one.as_dict() for one in faults], [str(one) for one in faults], as_json=as_json)
    wrong = any(one.severity == "error" for one in faults)
    if not as_json and not wrong:
        typer.echo("ok")
    raise typer.Exit(1 if wrong else 0)


@app.command(epilog="Example: tocsin scenario city W02-ltown --into ltown")
def city(
    name: NameArgument,
    into: Annotated[Path, typer.Option(help="Folder for the registry's files.")],
    seed: OwnSeedOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the city a scenario is played in, so that live services can watch it."""
    from services.scenarios import export_city
    from shared.registry.load import load_registry

    shown = export_city(name, into, load_registry(settings_of(config).city.registry), seed=seed)
    report([shown.row], shown.lines, as_json=as_json)
