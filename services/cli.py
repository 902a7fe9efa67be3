"""The one command. It parses, calls, and turns what went wrong into one line and an exit code.

0 is done, 1 is "looked, and found something wrong", 2 is "could not even begin": a wrong
argument, a broken file, settings that do not add up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.commands import registry, scenario
from services.commands.common import ConfigOption, JsonOption, SeedOption, report, settings_of
from services.commands.evaluation import evaluate
from services.commands.scoring import score
from shared.errors import BadInput, BadRegistry, BadSettings, Permanent, TocsinError, Transient

app = typer.Typer(
    name="tocsin",
    help="Listens to a city's sensors and keeps calling until somebody has it in hand.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(registry.app, name="registry")
app.add_typer(scenario.app, name="scenario")
app.command(epilog="Example: tocsin evaluate W02 G03 --seeds 1..20 --report report")(evaluate)
app.command(epilog="Example: tocsin score --input pump.csv --time t --value pressure")(score)

SpeedOption = Annotated[
    float, typer.Option("--speed", min=0, help="Times real time; 0 is as fast as it goes.")
]
MqttOption = Annotated[str, typer.Option("--mqtt", help="Broker to publish to.", metavar="URL")]
RunOption = Annotated[
    str | None, typer.Option("--run", help="Name of this drill; made from the time if absent.")
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the ``tocsin`` command; always leaves through ``sys.exit``."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; nothing a user can cause ends in a traceback."""
    try:
        app(args=list(arguments), prog_name="tocsin")
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 0
    except BadRegistry as error:
        return _complain(error, 1)
    except (BadSettings, BadInput) as error:
        return _complain(error, 2)
    except Transient as error:
        return _complain(error, 1)
    except (Permanent, TocsinError) as error:
        return _complain(error, 2)
    return 0


def _complain(error: Exception, code: int) -> int:
    sys.stderr.write(f"tocsin: {error}\n")
    return code


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Say which version this is, or go on to the command."""
    if version:
        typer.echo(f"tocsin {installed_version('tocsin')}")
        raise typer.Exit


@app.command(epilog="Example: tocsin up --scenario demo --speed 1 --data tocsin-data")
def up(
    scenario: Annotated[str, typer.Option(help="What the demo city lives through.")] = "demo",
    speed: SpeedOption = 1.0,
    seed: SeedOption = 1,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("tocsin-data"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page.")] = 8080,
    duration: Annotated[
        float | None, typer.Option(min=0, help="Stop by itself after so many seconds.")
    ] = None,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="No simulated city.")] = False,
    config: ConfigOption = None,
) -> None:
    """Everything in one process: broker, log, services, page and a demo city."""
    from services.embedded import Demo, run_everything

    demo = None if no_demo else Demo(scenario=scenario, speed=speed, seed=seed)
    run_everything(settings_of(config), data=data, port=port, duration_s=duration, demo=demo)


def _service(name: Literal["ingest", "detector", "alerts"], config: Path | None) -> None:
    from services.single import run_service

    run_service(name, settings_of(config))


@app.command(epilog="Example: tocsin ingest --config /etc/tocsin/tocsin.yaml")
def ingest(config: ConfigOption = None) -> None:
    """Put every reading that arrives by MQTT on the bus."""
    _service("ingest", config)


@app.command(epilog="Example: tocsin detector --config /etc/tocsin/tocsin.yaml")
def detector(config: ConfigOption = None) -> None:
    """Score readings as they come and say what is wrong where."""
    _service("detector", config)


@app.command(epilog="Example: tocsin alerts --config /etc/tocsin/tocsin.yaml")
def alerts(config: ConfigOption = None) -> None:
    """Turn risk events into incidents and call people until somebody has it."""
    _service("alerts", config)


@app.command(epilog="Example: tocsin simulate tower-fire --speed 10 --mqtt mqtt://127.0.0.1:1883")
def simulate(
    scenario: Annotated[str | None, typer.Argument(help="Its name; none lists them.")] = None,
    speed: SpeedOption = 1.0,
    seed: SeedOption = 1,
    mqtt: MqttOption = "mqtt://127.0.0.1:1883",
    run_name: RunOption = None,
    start: Annotated[
        str | None, typer.Option(help="First moment, ISO 8601; now if absent.")
    ] = None,
    duration: Annotated[float | None, typer.Option(min=0, help="Scenario seconds.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish a scenario to a broker, marked as an exercise."""
    from services.play import list_scenario_lines, play_scenario

    if scenario is None:
        for line in list_scenario_lines(as_json=as_json):
            typer.echo(line)
        return
    play_scenario(
        settings_of(config), scenario, speed=speed, seed=seed, mqtt=mqtt, run=run_name,
        start=start, duration_s=duration, as_json=as_json,
    )  # fmt: skip


@app.command(epilog="Example: tocsin replay fire.csv --mapping fire.yaml --speed 60")
def replay(
    source: Annotated[
        str, typer.Argument(help="A CSV or Parquet file, the archive's folder, or incident:ID.")
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="Which column is which sensor.", metavar="FILE")
    ] = None,
    speed: SpeedOption = 1.0,
    mqtt: MqttOption = "mqtt://127.0.0.1:1883",
    first: Annotated[str | None, typer.Option("--from", help="Seconds or ISO 8601.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Seconds or ISO 8601.")] = None,
    run_name: RunOption = None,
    start: Annotated[
        str | None, typer.Option(help="Moment the first reading is moved to, ISO 8601.")
    ] = None,
    archive: Annotated[
        Path | None, typer.Option(help="Where an incident's readings lie; alerts.archive.")
    ] = None,
    api: Annotated[
        str | None, typer.Option(help="Alert service that knows the incident.", metavar="URL")
    ] = None,
    site: Annotated[list[str] | None, typer.Option(help="Only this site; may repeat.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Only this area; may repeat.")] = None,
    of_run: Annotated[
        str, typer.Option("--of-run", help="Run of the archive to play; the real city if absent.")
    ] = "",
    warm: Annotated[
        float, typer.Option(min=0, help="Hours played before an incident's own hour.")
    ] = 0.0,
    as_real: Annotated[
        bool, typer.Option("--as-real", help="Among the city's own readings; moves its detectors.")
    ] = False,
    wake_people: Annotated[
        bool, typer.Option("--yes-wake-people", help="With --as-real: real people are called.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish recorded readings to a broker, marked as an exercise."""
    from services.play import Recorded, play_recording

    asked = Recorded(
        source=source, mapping=mapping, first=first, last=last, start=start, archive=archive,
        api=api, sites=tuple(site or ()), areas=tuple(area or ()), of_run=of_run, warm_h=warm,
        run=run_name, as_real=as_real, wake_people=wake_people,
    )  # fmt: skip
    play_recording(settings_of(config), asked, speed=speed, mqtt=mqtt, as_json=as_json)


@app.command(epilog="Example: tocsin check registry.yaml")
def check(
    file: Annotated[
        Path | None, typer.Argument(help="Settings or registry; ./tocsin.yaml if absent.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Name every fault of a settings or registry file at once; exit 1 if there is one."""
    from services.checking import check_file

    faults = check_file(file, env=os.environ)
    report([fault.as_dict() for fault in faults], [str(fault) for fault in faults], as_json=as_json)
    errors = [fault for fault in faults if fault.severity == "error"]
    if not as_json and not errors:
        typer.echo("ok")
    raise typer.Exit(1 if errors else 0)


@app.command(epilog="Example: tocsin doctor --config /etc/tocsin/tocsin.yaml --json")
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Look at everything Tocsin stands on, and say what to mend; exit 1 if something fails."""
    import asyncio

    from services.doctor import doctor as examine
    from shared.clock import SystemClock

    findings = asyncio.run(examine(settings_of(config), clock=SystemClock()))
    report(
        [finding.as_dict() for finding in findings],
        [str(finding) for finding in findings],
        as_json=as_json,
    )
    raise typer.Exit(1 if any(finding.verdict == "fail" for finding in findings) else 0)
