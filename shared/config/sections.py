"""The sections of ``tocsin.yaml`` that more than one service reads.

Each key is also an environment variable: ``bus.servers`` is ``TOCSIN_BUS_SERVERS``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """Frozen, and unknown keys are refused by name; a string below a field is its description."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class BusSettings(Section):
    kind: Literal["embedded", "kafka"] = "embedded"
    path: Path = Path("tocsin-data/bus.sqlite")
    """The embedded log's single file."""
    servers: str = "127.0.0.1:9092"
    """Kafka bootstrap servers, comma separated."""
    client_id: str = "tocsin"
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", max_length=100)
    """Goes before every Kafka topic and group, for several Tocsins on one cluster."""
    publish_timeout_s: float = Field(default=120.0, gt=0)
    """How long one record may be retried before BusUnavailable."""


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["json", "console"] = "json"


class ProbeSettings(Section):
    """Where a service answers /healthz, /readyz, /metrics and /ledger; port 0 switches it off."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


class CitySettings(Section):
    registry: Path | None = None
    """The registry file; None is the bundled demo city."""
