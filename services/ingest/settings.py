"""What the operator may set of ingest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator

from services.ingest.core.freshness import SECOND_US
from services.ingest.core.limits import Limits
from shared.config.sections import ProbeSettings, Section

DAY_S: Final = 86_400
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's URL, taken apart."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    def __str__(self) -> str:
        """For logs: never the password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """``mqtt://host:port`` or ``mqtts://user:password@host:port``; ValueError for another."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("is no broker's address; write mqtt://host:port or mqtts://host:port")
    return Address(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        tls=parts.scheme == "mqtts",
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


class MqttSettings(Section):
    url: str = Field(default="mqtt://127.0.0.1:1883", repr=False)
    """``mqtt://host:port``, or ``mqtts://user:password@host:port`` for TLS."""
    version: Literal[3, 5] = 3
    """3 is MQTT 3.1.1, about half the cost of 5 for each message."""
    client_id: str = Field(default="tocsin-ingest", min_length=1, max_length=64)
    """The name of the persistent session: stable, and one for each running ingest."""
    topics: tuple[str, ...] = Field(default=("tocsin/v1/#",), min_length=1)
    """Filters to subscribe to. Several ingests share the load by ``$share/<group>/tocsin/v1/#``.
    A broker does not say which filters an old session holds: with fewer topics, take a new
    ``client_id``, or what is no longer wanted keeps coming."""
    qos: Literal[0, 1] = 1
    keepalive_s: int = Field(default=30, ge=5, le=3_600)
    session_expiry_s: int = Field(default=7 * DAY_S, ge=0, le=2**32 - 2)
    """MQTT 5: how long the broker keeps our session while we are away. 3.1.1 leaves it to the
    broker's own configuration."""
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60)
    backoff_first_s: float = Field(default=0.5, gt=0)
    backoff_max_s: float = Field(default=30.0, gt=0, le=300)
    """Waits between attempts are drawn from 0 to a ceiling that doubles up to this."""
    ca_file: Path | None = None
    """Certificate authorities for mqtts; None takes the system's."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        address_of(url)
        return url

    @property
    def address(self) -> Address:
        return address_of(self.url)


class ArchiveSettings(Section):
    enabled: bool = False
    """Whether this ingest also keeps every reading as Parquet files."""
    path: Path = Path("tocsin-data/archive")
    """The archive's folder; several ingests may share one."""
    retention_days: float = Field(default=400.0, gt=0)
    """Readings of the city are kept so long; whole hours are removed."""
    run_retention_days: float = Field(default=30.0, gt=0)
    """The same for drills, demos and replays."""
    flush_s: float = Field(default=30.0, gt=0, le=3_600)
    """A reading is on the disk at most about so long after the bus has it."""
    flush_rows: int = Field(default=250_000, ge=1, le=5_000_000)
    """Or when so many readings wait, which bounds the memory: about 120 bytes for each."""


class IngestSettings(Section):
    instance: str = Field(default="ingest", min_length=1, max_length=64)
    """This ingest's name in the ledger; one for each running ingest."""
    probes: ProbeSettings = Field(default_factory=ProbeSettings)
    mqtt: MqttSettings = Field(default_factory=MqttSettings)
    archive: ArchiveSettings = Field(default_factory=ArchiveSettings)
    embedded_broker: Literal["auto", "amqtt"] = "auto"
    """What `tocsin up` listens with: a Mosquitto of this machine where there is one, or always
    amqtt inside the process."""
    receive_window: int = Field(default=1_000, ge=1, le=65_535)
    """Messages received and not yet acknowledged, at most."""
    payload_bytes_max: int = Field(default=256 * 1024, ge=1)
    pack_readings_max: int = Field(default=10_000, ge=1)
    kept_bytes_max: int = Field(default=64 * 1024, ge=0, le=512 * 1024)
    """How much of a refused payload is kept for inspection."""
    age_max_s: float = Field(default=31 * DAY_S, gt=0)
    """Older readings are refused unless they are marked historical or belong to a run."""
    future_max_s: float = Field(default=300.0, ge=0)
    stuck_publish_s: float = Field(default=20.0, gt=0)
    """When the bus has not taken a message for so long, the broker connection is dropped on
    purpose, so that everything unacknowledged is delivered again, in order."""
    unreachable_s: float = Field(default=30.0, gt=0)
    """Health complains when there was no broker for so long."""
    statement_every_s: float = Field(default=1.0, gt=0, le=2.0)
    brake_messages: int = Field(default=10_000, ge=1)
    brake_messages_least: int = Field(default=200, ge=1)
    brake_share_max: float = Field(default=0.5, gt=0, le=1)
    """Health complains when more than this share of the last messages was refused."""

    @property
    def limits(self) -> Limits:
        return Limits(
            payload_bytes_max=self.payload_bytes_max,
            pack_readings_max=self.pack_readings_max,
            age_max_us=round(self.age_max_s * SECOND_US),
            future_max_us=round(self.future_max_s * SECOND_US),
        )
