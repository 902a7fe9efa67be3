"""The topics of a bus file, read without writing to it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from shared.bus.embedded.schema import APPLICATION_ID, SCHEMA_VERSION
from shared.bus.inspect import TopicState
from shared.errors import BadInput, BusUnavailable


async def states(path: Path) -> Mapping[str, TopicState]:
    """Every topic of the file by name; empty where there is no file yet."""
    return await asyncio.to_thread(_states, path)


def _states(path: Path) -> Mapping[str, TopicState]:
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            application = conn.execute("PRAGMA application_id").fetchone()[0]
            version = conn.execute("PRAGMA user_version").fetchone()[0]
            if application != APPLICATION_ID:
                raise BadInput(f"{path} is not a Tocsin bus, set bus.path to another file")
            if version != SCHEMA_VERSION:
                raise BadInput(
                    f"{path} is of version {version} and this Tocsin reads {SCHEMA_VERSION}, "
                    "run the Tocsin that wrote it or set bus.path to a new file"
                )
            rows = conn.execute("SELECT name, partitions, retention_ms, compacted FROM topics")
            return {
                name: TopicState(partitions, retention_ms, bool(compacted))
                for name, partitions, retention_ms, compacted in rows.fetchall()
            }
    except sqlite3.OperationalError as error:
        raise BusUnavailable(f"bus file {path} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise BadInput(f"{path} is not a Tocsin bus, set bus.path to another file") from error
