"""A recorded incident as something to replay: its site, from the hour before it to its end.

The incident comes from the alert service or from a file with its JSON (what
``GET /api/v1/incidents/{id}`` answers); the readings come from the archive.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from shared.errors import BadInput, StoreUnavailable

SCHEME: Final = "incident:"
BEFORE: Final = timedelta(hours=1)
AFTER: Final = timedelta(minutes=10)
ANSWER_S: Final = 10.0
MISSING: Final = 404


class _Event(msgspec.Struct):
    decided_at: datetime


class _Incident(msgspec.Struct):
    id: str
    run: str
    site: str
    events: list[_Event]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where and when an incident was, and under which run its readings lie."""

    id: str
    run: str
    site: str
    first: datetime
    """The hour before its first event, and the hours to warm up before that."""
    last: datetime


async def incident_of(source: str, *, api: str | None, warm_h: float = 0.0) -> Recorded:
    """``incident:ID`` asked of the alert service at ``api``, or a file with the incident's JSON.

    ``warm_h`` hours more go before it, for a detector that has to learn what is usual there first.
    Raises BadInput (no such incident, no such file, no incident in it) and StoreUnavailable when
    nobody answers.
    """
    if source.startswith(SCHEME):
        if api is None:
            raise BadInput(
                f"{source} is kept by the alert service; say where with --api http://HOST:8080"
            )
        raw = await _asked(api, source.removeprefix(SCHEME))
    else:
        raw = await asyncio.to_thread(_saved, Path(source))
    try:
        incident = msgspec.json.decode(raw, type=_Incident)
    except msgspec.MsgspecError as error:
        raise BadInput(
            f"{source} is no incident ({error}); save what /api/v1/incidents/ID answers"
        ) from error
    if not incident.events:
        raise BadInput(f"incident {incident.id} has no events, so nobody knows when it was")
    decided = [event.decided_at for event in incident.events]
    return Recorded(
        id=incident.id,
        run=incident.run,
        site=incident.site,
        first=min(decided) - BEFORE - timedelta(hours=warm_h),
        last=max(decided) + AFTER,
    )


def _saved(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"incident {path} cannot be read: {error.strerror}") from error


async def _asked(api: str, incident: str) -> bytes:
    url = f"{api.rstrip('/')}/api/v1/incidents/{incident}"
    options: dict[str, Any] = {"timeout": ANSWER_S, "trust_env": False}
    try:
        async with httpx.AsyncClient(**options) as client:
            answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise StoreUnavailable(
            f"no alert service answers at {api} ({str(error) or type(error).__name__}); "
            "start it, or correct --api"
        ) from error
    if answer.status_code == MISSING:
        raise BadInput(f"the alert service at {api} knows no incident {incident}; list them there")
    if answer.is_error:
        raise StoreUnavailable(f"{url} answered {answer.status_code}; look at its log")
    return answer.content
