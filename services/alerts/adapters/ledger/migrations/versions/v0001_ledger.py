"""The ledger's first shape."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_OPEN = sa.text("phase <> 'resolved'")
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _incidents()
    _what_incidents_own()
    _feed()
    op.create_table(
        "refused_counts",
        sa.Column("reason", sa.String(100), primary_key=True),
        sa.Column("readings", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "refused_positions",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "refused_positions",
        "refused_counts",
        "counters",
        "changes",
        "timeline",
        "decisions",
        "outbox",
        "events",
        "incidents",
    ):
        op.drop_table(table)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("run", sa.String(200), nullable=False),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("hazard", sa.String(20), nullable=False),
        sa.Column("area", sa.String(200), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("next_deadline", sa.BigInteger),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("card", sa.Text, nullable=False),
    )
    op.create_index(
        "one_open_incident",
        "incidents",
        ["run", "asset", "hazard"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("incidents_of_a_hazard", "incidents", ["run", "asset", "hazard", "opened_at"])
    op.create_index("incidents_due", "incidents", ["next_deadline"])
    op.create_index("incidents_by_phase", "incidents", ["phase", "opened_at"])


def _what_incidents_own() -> None:
    op.create_table(
        "events",
        sa.Column("number", _number, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String(200), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("incident", sa.String(40), sa.ForeignKey("incidents.id")),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("run", "id", name="an_event_counts_once"),
    )
    op.create_index("events_of_an_incident", "events", ["incident", "number"])
    op.create_table(
        "outbox",
        sa.Column("number", _number, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(700), nullable=False, unique=True),
        sa.Column("incident", sa.String(40), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("lane", sa.String(500), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asks", sa.Boolean, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("messages_owed", "outbox", ["state", "due_at"])
    op.create_index("messages_of_an_incident", "outbox", ["incident", "number"])
    op.create_table(
        "decisions",
        sa.Column("number", _number, primary_key=True, autoincrement=True),
        sa.Column("incident", sa.String(40), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("relayed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("decisions_to_relay", "decisions", ["relayed", "number"])
    op.create_table(
        "timeline",
        sa.Column("number", _number, primary_key=True, autoincrement=True),
        sa.Column("incident", sa.String(40), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("timeline_of_an_incident", "timeline", ["incident", "number"])


def _feed() -> None:
    op.create_table(
        "changes",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("incident", sa.String(40), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("card", sa.Text, nullable=False),
    )
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counters, [{"name": "changes", "value": 0}])
