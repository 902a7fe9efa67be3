"""One transaction of the ledger.

The counter row of the feed is read first and locked, so writers queue up behind it and the order
of sequences is the order of commits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.alerts.adapters.ledger import tables as t
from services.alerts.adapters.ledger.database import writing
from services.alerts.adapters.ledger.rows import incident_in, notification_in, written
from services.alerts.core.cards import Card
from services.alerts.ports import Decision, lane
from shared.domain.event import RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.incident import Incident, Notification, Phase, Receipt, TimelineEntry

CHANGES = "changes"


@asynccontextmanager
async def open_work(engine: AsyncEngine, area_of: Callable[[str], str]) -> AsyncIterator[SqlWork]:
    """A transaction that commits when its block ends well, with the feed's counter in it."""
    async with writing(engine) as connection:
        counter = select(t.counters.c.value).where(t.counters.c.name == CHANGES)
        first = (await connection.execute(counter.with_for_update())).scalar_one()
        work = SqlWork(connection, first, area_of)
        yield work
        if work.sequence != first:
            await connection.execute(
                update(t.counters).where(t.counters.c.name == CHANGES).values(value=work.sequence)
            )


class SqlWork:
    """Implements ``ports.Work``."""

    def __init__(
        self, connection: AsyncConnection, sequence: int, area_of: Callable[[str], str]
    ) -> None:
        self._connection = connection
        self._area_of = area_of
        self.sequence = sequence

    async def knows(self, run: str, event: str) -> bool:
        found = select(t.events.c.number).where(t.events.c.run == run, t.events.c.id == event)
        return (await self._connection.execute(found)).first() is not None

    async def latest(self, run: str, asset: str, hazard: Hazard) -> Incident | None:
        i = t.incidents.c
        is_open = case((i.phase == Phase.RESOLVED.value, 0), else_=1)
        found = (
            select(i.body)
            .where(i.run == run, i.asset == asset, i.hazard == hazard.value)
            .order_by(is_open.desc(), i.opened_at.desc(), i.sequence.desc())
            .limit(1)
        )
        body = (await self._connection.execute(found)).scalar()
        return incident_in(body) if body is not None else None

    async def incident(self, incident: str) -> Incident | None:
        found = select(t.incidents.c.body).where(t.incidents.c.id == incident)
        body = (await self._connection.execute(found)).scalar()
        return incident_in(body) if body is not None else None

    async def told(self, incident: str) -> Sequence[Notification]:
        found = (
            select(t.outbox.c.body)
            .where(t.outbox.c.incident == incident)
            .order_by(t.outbox.c.number)
        )
        return [notification_in(body) for body in (await self._connection.execute(found)).scalars()]

    async def record(
        self, event: RiskEvent, *, incident: str | None, received_at: datetime, fault: str = ""
    ) -> None:
        await self._connection.execute(
            insert(t.events).values(
                run=event.run,
                id=event.id,
                incident=incident,
                received_at=received_at,
                fault=fault,
                body=written(event),
            )
        )

    async def save(self, incident: Incident) -> None:
        searched: dict[str, Any] = {
            "level": incident.level.value,
            "phase": incident.phase.value,
            "next_deadline": incident.next_deadline,
            "body": written(incident),
        }
        changed = await self._connection.execute(
            update(t.incidents).where(t.incidents.c.id == incident.id).values(**searched)
        )
        if changed.rowcount == 0:
            await self._connection.execute(
                insert(t.incidents).values(
                    id=incident.id,
                    run=incident.run,
                    asset=incident.asset,
                    hazard=incident.hazard.value,
                    area=self._area_of(incident.asset),
                    opened_at=incident.opened_at,
                    sequence=0,
                    card="",
                    **searched,
                )
            )

    async def owe(self, notifications: Sequence[Notification]) -> None:
        if not notifications:
            return
        rows = [
            {
                "key": one.key,
                "incident": one.incident,
                "lane": lane(one),
                "state": one.state.value,
                "asks": one.why.asks,
                "due_at": one.owed_at,
                "deadline": one.deadline,
                "attempts": one.attempts,
                "body": written(one),
            }
            for one in notifications
        ]
        dialect = self._connection.dialect.name
        upsert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        await self._connection.execute(
            upsert(t.outbox).on_conflict_do_nothing(index_elements=["key"]), rows
        )

    async def withdraw(self, incident: str, *, now: datetime) -> None:
        for one in await self.told(incident):
            if one.state is Receipt.OWED and one.why.asks:
                await self.settle(replace(one, state=Receipt.WITHDRAWN, settled_at=now))

    async def settle(self, notification: Notification) -> None:
        await self._connection.execute(
            update(t.outbox)
            .where(t.outbox.c.key == notification.key)
            .values(
                state=notification.state.value,
                due_at=notification.settled_at or notification.owed_at,
                attempts=notification.attempts,
                body=written(notification),
            )
        )

    async def tell(self, incident: str, entries: Sequence[TimelineEntry]) -> None:
        if entries:
            await self._connection.execute(
                insert(t.timeline),
                [{"incident": incident, "at": one.at, "body": written(one)} for one in entries],
            )

    async def decide(self, decision: Decision) -> None:
        await self._connection.execute(
            insert(t.decisions).values(
                incident=decision.incident, at=decision.at, body=written(decision)
            )
        )

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence

    async def show(self, card: Card, *, now: datetime) -> None:
        body = written(card)
        await self._connection.execute(
            insert(t.changes).values(sequence=card.sequence, incident=card.id, at=now, card=body)
        )
        await self._connection.execute(
            update(t.incidents)
            .where(t.incidents.c.id == card.id)
            .values(sequence=card.sequence, card=body)
        )
