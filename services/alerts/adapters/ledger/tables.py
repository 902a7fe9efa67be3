"""The tables as they are after the newest migration.

What is searched is a column; the rest of a noun travels as JSON beside it, because nobody asks the
database about it and every column would be a promise to keep in migrations.

Instants are microseconds since the Unix epoch: the same on both databases, and they sort.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
OPEN: Final = text("phase <> 'resolved'")

metadata = MetaData()
_number = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts by itself there


class Instant(TypeDecorator[datetime]):
    impl = BigInteger  # type: ignore[mutable-override] # how SQLAlchemy asks for it
    cache_ok = True  # type: ignore[mutable-override] # how SQLAlchemy asks for it

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


incidents = Table(
    "incidents",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("run", String(200), nullable=False),
    Column("asset", String(200), nullable=False),
    Column("hazard", String(20), nullable=False),
    Column("area", String(200), nullable=False),
    Column("level", String(10), nullable=False),
    Column("phase", String(20), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("next_deadline", Instant),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("card", Text, nullable=False),
    Index("one_open_incident", "run", "asset", "hazard", unique=True,
          sqlite_where=OPEN, postgresql_where=OPEN),
    Index("incidents_of_a_hazard", "run", "asset", "hazard", "opened_at"),
    Index("incidents_due", "next_deadline"),
    Index("incidents_by_phase", "phase", "opened_at"),
)  # fmt: skip

events = Table(
    "events",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("run", String(200), nullable=False),
    Column("id", String(200), nullable=False),
    Column("incident", String(40), ForeignKey("incidents.id")),
    Column("received_at", Instant, nullable=False),
    Column("fault", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("run", "id", name="an_event_counts_once"),
    Index("events_of_an_incident", "incident", "number"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("key", String(700), nullable=False, unique=True),
    Column("incident", String(40), ForeignKey("incidents.id"), nullable=False),
    Column("lane", String(500), nullable=False),
    Column("state", String(20), nullable=False),
    Column("asks", Boolean, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("deadline", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("messages_owed", "state", "due_at"),
    Index("messages_of_an_incident", "incident", "number"),
)

changes = Table(
    "changes",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", String(40), ForeignKey("incidents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("card", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("incident", String(40), ForeignKey("incidents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("relayed", Boolean, nullable=False, server_default=false()),
    Column("body", Text, nullable=False),
    Index("decisions_to_relay", "relayed", "number"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("incident", String(40), ForeignKey("incidents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Index("timeline_of_an_incident", "incident", "number"),
)

refused_counts = Table(
    "refused_counts",
    metadata,
    Column("reason", String(100), primary_key=True),
    Column("readings", BigInteger, nullable=False),
)

refused_positions = Table(
    "refused_positions",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
