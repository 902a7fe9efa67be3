"""What the routes are handed by the one who wires them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.alerts.ports import Ledger
from services.alerts.shell.acts import Acts
from services.alerts.shell.hub import Hub
from shared.clock import Clock
from shared.domain.registry import Registry
from shared.probes import Probes

PAGE = Path(__file__).parent / "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    ledger: Ledger
    acts: Acts
    hub: Hub
    registry: Registry
    clock: Clock
    probes: Probes
    written: Callable[[Any], str]
    """A noun of the domain as JSON."""
    api_token: SecretStr | None
    body_bytes_max: int
    archive: Path | None = None
    """The folder of past readings, where there is one."""
    page: Path = PAGE
