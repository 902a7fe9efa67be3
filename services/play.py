"""Behind ``tocsin simulate`` and ``tocsin replay``: arguments to values, progress, a summary."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from services.whole import TocsinSettings
from shared.clock import SystemClock
from shared.errors import BadInput
from shared.logs import configure_logs
from shared.registry.load import load_registry
from simulators import main as simulators

Show = Callable[[Any], None]


def list_scenario_lines(*, as_json: bool) -> list[str]:
    """One line a scenario, or one JSON document."""
    listed = simulators.list_scenarios()
    if as_json:
        rows = [{"name": entry.name, "summary": entry.summary} for entry in listed]
        return [json.dumps(rows, ensure_ascii=False, indent=2)]
    return [f"{entry.name:<16} {entry.summary}" for entry in listed]


def play_scenario(
    settings: TocsinSettings,
    scenario: str,
    *,
    speed: float,
    seed: int,
    mqtt: str,
    run: str | None,
    start: str | None,
    duration_s: float | None,
    as_json: bool,
) -> None:
    """Publish a scenario until it ends or Ctrl-C."""
    clock = SystemClock()
    first = _moment(start, "--start") or clock.now()
    registry = load_registry(settings.city.registry)
    _play(
        lambda show: simulators.simulate(
            scenario,
            registry=registry,
            mqtt_url=mqtt,
            speed=speed,
            seed=seed,
            run=run or f"{scenario}-{clock.now():%Y%m%dT%H%M%S}",
            start=first,
            duration_s=duration_s,
            clock=clock,
            progress=show,
        ),
        settings,
        as_json=as_json,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What ``tocsin replay`` was asked for, in the words of its options."""

    source: str
    mapping: Path | None = None
    first: str | None = None
    last: str | None = None
    start: str | None = None
    archive: Path | None = None
    api: str | None = None
    sites: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    of_run: str = ""
    warm_h: float = 0.0
    run: str | None = None
    as_real: bool = False
    wake_people: bool = False


def play_recording(
    settings: TocsinSettings, asked: Recorded, *, speed: float, mqtt: str, as_json: bool
) -> None:
    """Publish a recording until it ends or Ctrl-C."""
    clock = SystemClock()
    run = simulators.run_name(
        asked.run,
        made=f"replay-{clock.now():%Y%m%dT%H%M%S}",
        as_real=asked.as_real,
        wake_people=asked.wake_people,
    )
    wish = simulators.Wish(
        source=asked.source,
        window=simulators.Window(
            simulators.bound_of(asked.first, "--from"), simulators.bound_of(asked.last, "--to")
        ),
        start=_moment(asked.start, "--start"),
        mapping=asked.mapping,
        archive=asked.archive or settings.alerts.archive,
        api=asked.api,
        sites=asked.sites,
        areas=asked.areas,
        of_run=asked.of_run,
        warm_h=asked.warm_h,
    )
    registry = load_registry(settings.city.registry)
    _play(
        lambda show: simulators.replay(
            wish,
            registry=registry,
            mqtt_url=mqtt,
            speed=speed,
            run=run,
            clock=clock,
            progress=show,
        ),
        settings,
        as_json=as_json,
    )


def _play(
    make: Callable[[Show], Coroutine[Any, Any, Any]], settings: TocsinSettings, *, as_json: bool
) -> None:
    configure_logs(level=settings.logs.level, form="console")
    console = Console(stderr=True)
    with console.status("connecting", spinner="line") as status:
        try:
            summary = asyncio.run(make(lambda progress: status.update(str(progress))))
        except KeyboardInterrupt:
            raise typer.Exit from None
    if as_json:
        typer.echo(json.dumps(asdict(summary), default=str))
    else:
        typer.echo(str(summary))


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{option} {text!r} is no ISO 8601 moment like 2026-01-31T08:00:00Z"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
