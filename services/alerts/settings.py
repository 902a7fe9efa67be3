"""What the operator may set of alerts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from shared.config.sections import Section


class Endpoint(Section):
    """A webhook that people's addresses may name instead of spelling out its URL."""

    url: str
    secret: SecretStr | None = None
    """Standard Webhooks signing secret, ``whsec_`` and base64."""


class HttpSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes a free port."""
    body_bytes_max: int = Field(default=65_536, ge=1024)
    """A larger request body is refused unread."""


class AlertsSettings(Section):
    http: HttpSettings = Field(default_factory=HttpSettings)
    database: str = "sqlite:///tocsin-data/alerts.sqlite"
    """``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``."""
    archive: Path | None = None
    """The folder of ``ingest.archive.path``, for charts of the past; None answers none."""
    policy: Path | None = None
    """Escalation policy file (YAML); None is the built-in policy."""
    api_token: SecretStr | None = None
    """When set, acknowledging and resolving need it as a bearer token."""
    base_url: str = ""
    """Where people reach the page; put into messages when set."""

    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    webhook_secret: SecretStr | None = None
    """Signs webhooks whose address is a bare URL."""
    webhook_private: Literal["none", "loopback", "all"] = "loopback"
    """Which non-public addresses a webhook may reach."""
    webhook_timeout_s: float = Field(default=10.0, gt=0)
    exercise_channels: tuple[str, ...] = ("console",)
    """The only channels that carry messages of a drill, demo or replay."""

    events_batch_max: int = Field(default=200, ge=1)
    """Risk events taken into one transaction."""
    tick_s: float = Field(default=0.5, gt=0)
    """How often due deadlines are looked for."""
    outbox_poll_s: float = Field(default=1.0, gt=0)
    outbox_lane_max: int = Field(default=4, ge=1)
    """Messages under way to one address at once."""
    outbox_attempts_max: int = Field(default=8, ge=1)
    outbox_give_up_s: float = Field(default=900.0, gt=0)
    """A message older than this is written off, and the ladder hears of it."""
    outbox_backoff_first_s: float = Field(default=1.0, gt=0)
    outbox_backoff_most_s: float = Field(default=60.0, gt=0)
    outbox_lease_s: float = Field(default=30.0, gt=0)
    """How long a message taken by one process is left alone by the others."""

    feed_queue_max: int = Field(default=256, ge=1)
    """Changes waiting for one browser; one that falls further behind starts over."""
    feed_poll_s: float = Field(default=0.5, gt=0)
    """How often changes made by another process are looked for."""
    feed_pulse_s: float = Field(default=2.0, gt=0)
    feed_keepalive_s: float = Field(default=15.0, gt=0)
    changes_kept: int = Field(default=100_000, ge=1)
    """Changes a returning browser can catch up on."""
    stuck_s: float = Field(default=15.0, gt=0)
    """A part with work waiting that does not advance for this long is unhealthy."""
