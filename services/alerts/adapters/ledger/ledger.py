"""The ledger behind ``ports.Ledger``: every question asked of the database, one method each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from services.alerts.adapters.ledger import tables as t
from services.alerts.adapters.ledger.database import migrate, open_engine, reading, writing
from services.alerts.adapters.ledger.pages import page
from services.alerts.adapters.ledger.rows import (
    entry_in,
    event_in,
    incident_in,
    notification_in,
    written,
)
from services.alerts.adapters.ledger.work import CHANGES, SqlWork, open_work
from services.alerts.ports import Change, Detail, Page, Query, Standing
from shared.domain.incident import Notification, Phase, Receipt
from shared.domain.level import Level

CLAIM_MAX = 200


class SqlLedger:
    """Implements ``ports.Ledger``; ``area_of`` gives the area an asset's incidents are found in."""

    def __init__(self, url: str, *, area_of: Callable[[str], str]) -> None:
        self._engine = open_engine(url)
        self._area_of = area_of

    @property
    def shared(self) -> bool:
        """Other processes may be at work on the same database."""
        return self._engine.dialect.name == "postgresql"

    async def migrate(self) -> None:
        await migrate(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()

    def write(self) -> AbstractAsyncContextManager[SqlWork]:
        return open_work(self._engine, self._area_of)

    async def page(self, query: Query) -> Page:
        async with reading(self._engine) as connection:
            return await page(connection, query)

    async def detail(self, incident: str) -> Detail | None:
        async with reading(self._engine) as connection:
            found = select(t.incidents.c.card, t.incidents.c.body).where(
                t.incidents.c.id == incident
            )
            row = (await connection.execute(found)).first()
            if row is None:
                return None
            lists = []
            for table in (t.events, t.timeline, t.outbox):
                bodies = (
                    select(table.c.body)
                    .where(table.c.incident == incident)
                    .order_by(table.c.number)
                )
                lists.append((await connection.execute(bodies)).scalars().all())
        events, entries, notifications = lists
        return Detail(
            card=row.card,
            incident=incident_in(row.body),
            events=[event_in(body) for body in events],
            timeline=[entry_in(body) for body in entries],
            notifications=[notification_in(body) for body in notifications],
        )

    async def changes(self, after: int, *, most: int) -> Sequence[Change]:
        c = t.changes.c
        found = (
            select(c.sequence, c.incident, c.at, c.card)
            .where(c.sequence > after)
            .order_by(c.sequence)
            .limit(most)
        )
        async with reading(self._engine) as connection:
            rows = (await connection.execute(found)).all()
        return [Change(row.sequence, row.incident, row.at, row.card) for row in rows]

    async def span(self) -> tuple[int, int]:
        newest = select(t.counters.c.value).where(t.counters.c.name == CHANGES)
        async with reading(self._engine) as connection:
            last = (await connection.execute(newest)).scalar_one()
            first = (await connection.execute(select(func.min(t.changes.c.sequence)))).scalar()
        return (first if first is not None else last + 1), last

    async def due(self, now: datetime, *, most: int) -> Sequence[str]:
        i = t.incidents.c
        found = select(i.id).where(i.next_deadline <= now).order_by(i.next_deadline).limit(most)
        async with reading(self._engine) as connection:
            return (await connection.execute(found)).scalars().all()

    async def claim(
        self, *, now: datetime, lease: timedelta, lane_max: int, busy: Mapping[str, int]
    ) -> Sequence[Notification]:
        o = t.outbox.c
        place = func.row_number().over(partition_by=o.lane, order_by=(o.due_at, o.number))
        full = [lane for lane, count in busy.items() if count >= lane_max]
        ranked = (
            select(o.number, o.lane, place.label("place"))
            .where(o.state == Receipt.OWED.value, o.due_at <= now, o.lane.not_in(full))
            .subquery()
        )
        first = (
            select(ranked.c.number, ranked.c.lane, ranked.c.place)
            .where(ranked.c.place <= lane_max)
            .order_by(ranked.c.place, ranked.c.number)
            .limit(CLAIM_MAX)
        )
        async with reading(self._engine) as connection:
            if (await connection.execute(first)).first() is None:
                return []  # the usual case takes no writer's lock
        claimed: list[Notification] = []
        async with writing(self._engine) as connection:
            # Two processes must not take the same message, so they take turns here.
            counter = select(t.counters.c.value).where(t.counters.c.name == CHANGES)
            await connection.execute(counter.with_for_update())
            for row in (await connection.execute(first)).all():
                if row.place > lane_max - busy.get(row.lane, 0):
                    continue
                owed = select(o.body).where(o.number == row.number)
                body = notification_in((await connection.execute(owed)).scalar_one())
                taken = replace(body, attempts=body.attempts + 1)
                await connection.execute(
                    update(t.outbox)
                    .where(o.number == row.number)
                    .values(attempts=taken.attempts, due_at=now + lease, body=written(taken))
                )
                claimed.append(taken)
        return claimed

    async def release(self) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(
                update(t.outbox)
                .where(t.outbox.c.state == Receipt.OWED.value, t.outbox.c.attempts > 0)
                .values(due_at=t.EPOCH)
            )

    async def unrelayed(self, *, most: int) -> Sequence[tuple[int, str, bytes]]:
        d = t.decisions.c
        found = (
            select(d.number, d.incident, d.body)
            .where(d.relayed.is_(False))
            .order_by(d.number)
            .limit(most)
        )
        async with reading(self._engine) as connection:
            rows = (await connection.execute(found)).all()
        return [(row.number, row.incident, row.body.encode()) for row in rows]

    async def relayed(self, numbers: Collection[int]) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(
                update(t.decisions)
                .where(t.decisions.c.number.in_(sorted(numbers)))
                .values(relayed=True)
            )

    async def standing(self) -> Standing:
        i = t.incidents.c
        open_now = i.phase != Phase.RESOLVED.value
        by_level = select(i.level, func.count()).where(open_now).group_by(i.level)
        owed = select(func.count()).where(t.outbox.c.state == Receipt.OWED.value)
        calling = i.phase.in_([Phase.CALLING.value, Phase.UNANSWERED.value])
        adrift = select(func.count()).where(calling, i.next_deadline.is_(None))
        async with reading(self._engine) as connection:
            levels = (await connection.execute(by_level)).all()
            oldest = (await connection.execute(select(func.min(i.next_deadline)))).scalar()
            return Standing(
                open_by_level={Level(level): count for level, count in levels},
                owed=(await connection.execute(owed)).scalar_one(),
                without_deadline=(await connection.execute(adrift)).scalar_one(),
                oldest_deadline=oldest,
            )

    async def refused(self) -> tuple[Mapping[int, int], Mapping[str, int]]:
        async with reading(self._engine) as connection:
            positions = (await connection.execute(select(t.refused_positions))).all()
            counts = (await connection.execute(select(t.refused_counts))).all()
        return (
            {row.partition: row.next_offset for row in positions},
            {row.reason: row.readings for row in counts},
        )

    async def count_refused(
        self, partition: int, *, first: int, following: int, by: Mapping[str, int]
    ) -> bool:
        p, c = t.refused_positions, t.refused_counts
        async with writing(self._engine) as connection:
            counter = select(t.counters.c.value).where(t.counters.c.name == CHANGES)
            await connection.execute(counter.with_for_update())
            here = select(p.c.next_offset).where(p.c.partition == partition)
            position = (await connection.execute(here)).scalar()
            if position is not None and position > first:
                return False
            await connection.execute(delete(p).where(p.c.partition == partition))
            await connection.execute(insert(p).values(partition=partition, next_offset=following))
            for reason, readings in by.items():
                moved = await connection.execute(
                    update(c).where(c.c.reason == reason).values(readings=c.c.readings + readings)
                )
                if moved.rowcount == 0:
                    await connection.execute(insert(c).values(reason=reason, readings=readings))
        return True

    async def prune(self, *, changes_kept: int) -> None:
        _, last = await self.span()
        async with writing(self._engine) as connection:
            await connection.execute(
                delete(t.changes).where(t.changes.c.sequence <= last - changes_kept)
            )
