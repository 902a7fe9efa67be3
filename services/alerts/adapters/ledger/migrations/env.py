"""Alembic's entry: runs inside the connection and transaction that ``database.migrate`` holds."""

from __future__ import annotations

from alembic import context

from services.alerts.adapters.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
