"""The list of incidents, page by page: open before resolved, worst first, newest first."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Select, case, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alerts.adapters.ledger import tables as t
from services.alerts.adapters.ledger.work import CHANGES
from services.alerts.ports import Page, Query
from shared.domain.incident import Phase
from shared.domain.level import Level
from shared.errors import BadInput

_i: Final = t.incidents.c
_IS_OPEN: Final = case((_i.phase == Phase.RESOLVED.value, 0), else_=1)
_RANK: Final = case({level.value: level.rank for level in Level}, value=_i.level)


async def page(connection: AsyncConnection, query: Query) -> Page:
    """One page; BadInput for a cursor that is not ours."""
    newest = select(t.counters.c.value).where(t.counters.c.name == CHANGES)
    sequence = (await connection.execute(newest)).scalar_one()
    rows = (await connection.execute(_select(query))).all()
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    cursor = _cursor(rows[-1]) if more else None
    # Cards are fetched apart: sorting thousands of them to show a hundred is what takes time.
    wanted = select(_i.id, _i.card).where(_i.id.in_([row.id for row in rows]))
    cards = {row.id: row.card for row in (await connection.execute(wanted)).all()}
    return Page([cards[row.id] for row in rows], cursor, sequence)


def _select(query: Query) -> Select[Any]:
    chosen = select(_IS_OPEN.label("is_open"), _RANK.label("rank"), _i.opened_at, _i.id).where(
        _i.sequence > 0
    )
    if query.state == "open":
        chosen = chosen.where(_i.phase != Phase.RESOLVED.value)
    elif query.state == "resolved":
        chosen = chosen.where(_i.phase == Phase.RESOLVED.value)
    if query.levels:
        chosen = chosen.where(_i.level.in_([level.value for level in query.levels]))
    if query.hazards:
        chosen = chosen.where(_i.hazard.in_([hazard.value for hazard in query.hazards]))
    if query.areas is not None:
        chosen = chosen.where(_i.area.in_(sorted(query.areas)))
    if query.run is not None:
        chosen = chosen.where(_i.run == query.run)
    if query.cursor is not None:
        is_open, rank, opened_at, last = _place(query.cursor)
        here = tuple_(_IS_OPEN, _RANK, _i.opened_at, _i.id)
        opened = literal(opened_at, BigInteger())
        chosen = chosen.where(here < tuple_(literal(is_open), literal(rank), opened, literal(last)))
    order = (_IS_OPEN.desc(), _RANK.desc(), _i.opened_at.desc(), _i.id.desc())
    return chosen.order_by(*order).limit(query.limit + 1)


def _cursor(row: Any) -> str:
    opened_at = (row.opened_at - t.EPOCH) // timedelta(microseconds=1)
    place = json.dumps([row.is_open, row.rank, opened_at, row.id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[int, int, int, str]:
    try:
        is_open, rank, opened_at, last = json.loads(
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        )
        return int(is_open), int(rank), int(opened_at), str(last)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadInput("cursor is not one this list gave out; start without it") from error
