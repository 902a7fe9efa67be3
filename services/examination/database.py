"""The alerts database: does it answer, and is its schema the newest."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from services.alerts.adapters.ledger.database import MIGRATIONS, open_engine, parse_url, reading
from services.examination.finding import Finding

ANSWER_S: Final = 10.0


async def examine_database(url: str) -> Finding:
    """One finding; nothing is made or migrated. Raises what the driver raises."""
    parsed = parse_url(url)
    name = parsed.render_as_string(hide_password=True).replace("+asyncpg", "")
    if parsed.get_backend_name() == "sqlite":
        name = parsed.database or ""
        if not await asyncio.to_thread(os.path.exists, name):
            return Finding("database", "ok", f"{name} is not there yet; alerts makes it")
        revision = await asyncio.to_thread(_sqlite_revision, Path(name))
    else:
        async with asyncio.timeout(ANSWER_S):
            revision = await _server_revision(url)
    return _verdict(name, revision, newest_revision())


def newest_revision() -> str:
    """The newest migration this Tocsin brings, by its file name ``v0001_...``."""
    found = [re.match(r"v(\d+)_", path.name) for path in (MIGRATIONS / "versions").glob("v*.py")]
    return max(match.group(1) for match in found if match)


def _verdict(name: str, revision: str | None, newest: str) -> Finding:
    if revision is None:
        return Finding("database", "ok", f"{name} is empty; alerts migrates it when it starts")
    if revision == newest:
        return Finding("database", "ok", f"{name} is at the newest migration, {revision}")
    if revision < newest:
        mend = "start alerts, which migrates it; make a backup before"
        return Finding("database", "warn", f"{name} is at migration {revision} of {newest}", mend)
    mend = "run the newer Tocsin that migrated it"
    return Finding("database", "fail", f"{name} is at {revision}, beyond our {newest}", mend)


def _sqlite_revision(path: Path) -> str | None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        there = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
        if connection.execute(there).fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


async def _server_revision(url: str) -> str | None:
    engine = open_engine(url)
    try:
        async with reading(engine) as connection:
            there = await connection.exec_driver_sql("SELECT to_regclass('alembic_version')")
            if there.scalar() is None:
                return None
            row = await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            found = row.scalar()
            return None if found is None else str(found)
    finally:
        await engine.dispose()
