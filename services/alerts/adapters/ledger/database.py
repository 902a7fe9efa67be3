"""Opening the database: the URL people write, what each kind needs to be safe, and migrations.

Migrations run when the service starts, in one transaction under a lock of the database itself, so
two processes starting at once are as good as one after the other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.errors import BadSettings, StoreUnavailable

MIGRATIONS: Final = Path(__file__).parent / "migrations"
MIGRATION_LOCK: Final = 0x746F6373696E  # "tocsin", as a PostgreSQL advisory lock
BUSY_MS: Final = 15_000
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_WRITES: Final = "tocsin_writes"


def parse_url(given: str) -> URL:
    """The driver's URL for the one in the settings; BadSettings for another database."""
    try:
        url = make_url(given)
    except ArgumentError:
        url = None
    driver = _DRIVERS.get(url.get_backend_name()) if url is not None else None
    if url is None or driver is None:
        shown = url.render_as_string() if url is not None else "it"
        raise BadSettings(
            "alerts.database", (f"{shown} is neither sqlite:///FILE nor postgresql://HOST/NAME",)
        )
    return url.set(drivername=driver)


def open_engine(given: str) -> AsyncEngine:
    """An engine whose transactions are what they say; makes the folder of a SQLite file."""
    url = parse_url(given)
    if url.get_backend_name() == "postgresql":
        return create_async_engine(url, pool_size=8, max_overflow=4, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, pool_size=6, max_overflow=2)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        f"busy_timeout = {BUSY_MS}",
        "foreign_keys = ON",
        "synchronous = FULL",  # what is owed survives a power cut
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock half-way can only fail.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that means to write; committed when the block ends well."""
    with reachable():
        async with engine.connect() as connection:
            await connection.execution_options(**{_WRITES: True})
            async with connection.begin():
                yield connection


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees one moment of the database."""
    with reachable():
        async with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                yield connection


@contextmanager
def reachable() -> Iterator[None]:
    """Failures that may pass become StoreUnavailable; faults of ours stay what they are."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(f"the database did not answer: {error.orig}") from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise StoreUnavailable(f"the database went away: {error.orig}") from error
    except (OSError, TimeoutError) as error:
        raise StoreUnavailable(f"the database cannot be reached: {error}") from error


async def migrate(engine: AsyncEngine) -> None:
    """Bring the schema up to date; safe to run again and from several processes at once."""
    async with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
