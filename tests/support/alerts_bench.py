"""An alert service's inner parts around a real ledger, our own clock and phones that remember."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from services.alerts.adapters.ledger.ledger import SqlLedger
from services.alerts.core.duty import DutyBook
from services.alerts.core.happenings import Acknowledged, Resolved
from services.alerts.core.plan import Rules
from services.alerts.core.policy import DEFAULT
from services.alerts.ports import Query
from services.alerts.shell.acts import Acts
from services.alerts.shell.bell import Bells
from services.alerts.shell.desk import Desk
from services.alerts.shell.engine import Engine
from services.alerts.shell.hub import Hub
from services.alerts.shell.outbox import Outbox, Terms
from services.alerts.shell.pulse import Pulse
from services.alerts.shell.ticker import Ticker
from shared.bus.codec import encode_event
from shared.bus.ports import Partition, Record
from shared.bus.topics import EVENTS
from shared.clock import ManualClock
from shared.domain.event import RiskEvent
from shared.domain.incident import Notification, Resolution
from shared.domain.registry import Registry
from shared.metrics import Metrics
from tests.support.make_events import MORNING
from tests.support.small_city import small_city

TERMS = Terms(
    poll_s=1.0,
    lane_max=2,
    attempts_max=4,
    lease=timedelta(seconds=30),
    backoff_first_s=1.0,
    backoff_most_s=60.0,
)


@dataclass
class Phones:
    """A channel that remembers; ``answers`` scripts what happens to the next messages."""

    sent: list[tuple[datetime, Notification]] = field(default_factory=list)
    answers: list[Exception] = field(default_factory=list)
    refuse: dict[str, Exception] = field(default_factory=dict)
    """By person: how a message to them ends."""

    async def send(self, notification: Notification, *, now: datetime) -> None:
        if notification.person in self.refuse:
            raise self.refuse[notification.person]
        if self.answers:
            raise self.answers.pop(0)
        self.sent.append((now, notification))

    async def close(self) -> None:
        """Nothing to close."""


class Bench:
    """Verbs of the control room over the service's own parts."""

    def __init__(
        self, ledger: SqlLedger, *, city: Registry | None = None, channels: Any = None
    ) -> None:
        self.city = city or small_city()
        self.ledger = ledger
        self.clock = ManualClock(MORNING)
        self.phones = Phones()
        self.metrics = Metrics()
        self.bells = Bells()
        rules = Rules(
            registry=self.city,
            duties=DutyBook(self.city),
            exercise_channels=frozenset({"console"}),
            give_up=timedelta(minutes=15),
        )
        self.desk = Desk(DEFAULT, rules)
        common: dict[str, Any] = {
            "ledger": ledger, "desk": self.desk, "clock": self.clock,
            "metrics": self.metrics, "bells": self.bells, "pulse": self.pulse(),
        }  # fmt: skip
        self.engine = Engine(**common, bus=None, batch_max=100)  # type: ignore[arg-type]
        self.ticker = Ticker(**common, tick_s=1.0, changes_kept=1000)
        self.channels: Mapping[str, Any] = channels or {"console": self.phones}
        self.outbox = Outbox(
            **common, channels=self.channels, terms=TERMS, rng=np.random.default_rng(7)
        )
        self.acts = Acts(ledger, self.desk, self.clock, self.bells)
        self._offset = 0

    def pulse(self) -> Pulse:
        return Pulse(self.clock, stuck_s=15)

    def hub(self, **more: Any) -> Hub:
        terms = {"queue_max": 16, "poll_s": 0.5, "pulse_s": 2.0, "keepalive_s": 15.0}
        return Hub(
            ledger=self.ledger, clock=self.clock, metrics=self.metrics, bells=self.bells,
            pulse=self.pulse(), figures=dict, **(terms | more),
        )  # fmt: skip

    def records(self, *events: RiskEvent) -> Sequence[Record]:
        records = []
        for event in events:
            value = encode_event(event)
            records.append(Record(Partition(EVENTS, 0), self._offset, event.site, value))
            self._offset += 1
        return records

    async def hear(self, *events: RiskEvent) -> None:
        await self.engine.take(self.records(*events))

    async def pass_time(self, by: timedelta, *, looking_every: timedelta) -> None:
        """Let time pass, looking at deadlines and paying debts now and then."""
        until = self.clock.now() + by
        while self.clock.now() < until:
            await self.clock.advance(min(looking_every, until - self.clock.now()))
            await self.ticker.tick()
            await self.outbox.pay_once()

    async def cards(self, state: str = "all") -> list[dict[str, Any]]:
        page = await self.ledger.page(Query(state=state))
        return [json.loads(card) for card in page.cards]

    async def ack(self, incident: str, by: str, version: int | None = None) -> None:
        await self.acts.act(incident, Acknowledged(by, version=version))

    async def resolve(self, incident: str, by: str) -> None:
        await self.acts.act(incident, Resolved(by, Resolution.FIXED))

    def diary(self) -> str:
        """Who was told what, when: one line a message."""
        return "\n".join(
            f"{at - MORNING!s:>7} {one.person:<5} {one.why} {one.level.value}"
            for at, one in self.phones.sent
        )


@asynccontextmanager
async def open_ledger(url: str) -> AsyncIterator[SqlLedger]:
    ledger = SqlLedger(url, area_of=_area_of(small_city()))
    try:
        await ledger.migrate()
        yield ledger
    finally:
        await ledger.close()


def _area_of(city: Registry) -> Callable[[str], str]:
    return lambda asset: city.assets[asset].area if asset in city.assets else ""
