"""A pump between a paper field and a bus in memory, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import numpy as np

from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.ledger import Ledger
from services.ingest.settings import IngestSettings
from services.ingest.shell.pump import Pump
from shared.bus import codec, topics
from shared.clock import ManualClock
from shared.metrics import Metrics
from tests.support.ingest_city import NOON, own_topic, small_city
from tests.support.ingest_field import PaperField
from tests.support.memory_bus import MemoryBus

O2 = own_topic("t3-s1-o2")
LEVEL = own_topic("vc-07-level")
CATALOGUE = catalogue_of(small_city())


class Bench:
    """A pump between paper and memory, on a clock that the test moves."""

    def __init__(self, **settings: Any) -> None:
        self.settings = IngestSettings(**settings)
        self.clock = ManualClock(NOON)
        self.field = PaperField()
        self.bus = MemoryBus()
        self.ledger = Ledger()
        self.pump = Pump(
            self.settings,
            catalogue=CATALOGUE,
            field=self.field,
            bus=self.bus,
            ledger=self.ledger,
            clock=self.clock,
            metrics=Metrics(),
            rng=np.random.default_rng(1),
        )

    def push(self, value: object, topic: str = O2, **how: Any) -> int:
        return self.field.push(self.pump, topic, json.dumps({"value": value}).encode(), **how)

    async def settle(self, seconds: float = 0.0) -> None:
        await self.clock.advance(timedelta(seconds=seconds))

    def values(self) -> list[float]:
        packs = [codec.unpack(record.value) for record in self.bus.of(topics.READINGS)]
        return [value for pack in packs for value in codec.columns(pack).values.tolist()]


@asynccontextmanager
async def bench(**settings: Any) -> AsyncIterator[Bench]:
    made = Bench(**settings)
    watching = asyncio.create_task(made.pump.watch())
    try:
        yield made
        assert made.ledger.balanced(), made.ledger.totals()
    finally:
        watching.cancel()
        made.bus.unstick()
        await made.pump.abandon()
