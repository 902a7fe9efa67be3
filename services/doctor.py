"""``tocsin doctor``: looks at everything Tocsin stands on, changes nothing, and never raises.

Each subject is looked at on its own, so that one that is broken hides no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from services.alerts.adapters.ledger.database import parse_url
from services.examination.broker import examine_broker
from services.examination.bus import examine_bus
from services.examination.database import examine_database
from services.examination.finding import Finding, worst
from services.examination.machine import examine_clock, examine_disk, examine_port
from services.whole import TocsinSettings
from shared.clock import Clock
from shared.config.complaint import Severity, one_line
from shared.errors import TocsinError
from shared.registry.lint import lint_registry
from shared.registry.load import DEMO

__all__ = ["Finding", "doctor", "worst"]

SHOWN_MAX: Final = 5
"""Registry faults named here; `tocsin check` names them all."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

Look = Callable[[], Awaitable[tuple[Finding, ...]]]


async def doctor(settings: TocsinSettings, *, clock: Clock) -> tuple[Finding, ...]:
    """Every finding, in the order a reading travels; no order says which was looked at first."""

    async def bus() -> tuple[Finding, ...]:
        return await examine_bus(settings.bus)

    async def broker() -> tuple[Finding, ...]:
        embedded = settings.bus.kind == "embedded"
        return (await examine_broker(settings.ingest.mqtt, embedded=embedded),)

    async def database() -> tuple[Finding, ...]:
        return (await examine_database(settings.alerts.database),)

    async def machine() -> tuple[Finding, ...]:
        files = _files(settings)
        folders = {path.absolute().parent: path for path in files}
        return (
            examine_clock(clock.now(), files),
            *(examine_disk(path) for path in folders.values()),
        )

    async def ports() -> tuple[Finding, ...]:
        return tuple([await examine_port(*one) for one in _ports(settings)])

    async def registry() -> tuple[Finding, ...]:
        return await asyncio.to_thread(_registry, settings.city.registry)

    async def page() -> tuple[Finding, ...]:
        return (_page(settings),)

    looks: dict[str, Look] = {
        "registry": registry, "broker": broker, "bus": bus, "database": database,
        "machine": machine, "ports": ports, "page": page,
    }  # fmt: skip
    found = await asyncio.gather(*(_guarded(name, look) for name, look in looks.items()))
    return tuple(finding for group in found for finding in group)


async def _guarded(name: str, look: Look) -> tuple[Finding, ...]:
    try:
        return await look()
    except TocsinError as error:
        return (Finding(name, "fail", one_line(str(error))),)
    except Exception as error:  # noqa: BLE001  a driver may raise anything; all of it is a finding
        what = f"{type(error).__name__}: {error}"
        return (Finding(name, "fail", one_line(what), "check its settings and its log"),)


def _registry(path: Path | None) -> tuple[Finding, ...]:
    faults = lint_registry(path or DEMO)
    named = "the bundled demo city" if path is None else str(path)
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    if not faults:
        return (Finding("registry", "ok", f"{named} has no fault"),)
    head = Finding(
        "registry",
        "fail" if errors else "warn",
        f"{named} has {len(errors)} error(s) and {len(faults) - len(errors)} warning(s)",
        f"run `tocsin check {path or DEMO}`",
    )
    shown = [Finding("registry", "fail", str(fault)) for fault in errors[:SHOWN_MAX]]
    return (head, *shown)


def _page(settings: TocsinSettings) -> Finding:
    http = settings.alerts.http
    if http.host not in LOOPBACK and settings.alerts.api_token is None:
        what = f"anybody who reaches {http.host}:{http.port} may acknowledge and resolve"
        return Finding("page", "warn", what, "set alerts.api_token")
    return Finding("page", "ok", f"is served on {http.host}:{http.port}")


def _files(settings: TocsinSettings) -> list[Path]:
    """The files of ours on this machine, there or not."""
    files = [settings.bus.path] if settings.bus.kind == "embedded" else []
    url = parse_url(settings.alerts.database)
    if url.get_backend_name() == "sqlite" and url.database:
        files.append(Path(url.database))
    return files


def _ports(settings: TocsinSettings) -> list[tuple[str, str, int]]:
    """Each port a service would take, by the setting that names it; 0 takes any."""
    http = settings.alerts.http
    wanted = [
        ("alerts.http.port", http.host, http.port),
        ("ingest.probes.port", settings.ingest.probes.host, settings.ingest.probes.port),
        ("detector.probes.port", settings.detector.probes.host, settings.detector.probes.port),
    ]
    return [one for one in wanted if one[2]]
