"""The detector, wired: readings in, risk events out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from services.detector.adapters.checkpoints import BusCheckpoints
from services.detector.settings import DetectorSettings
from services.detector.shell.loop import Loop
from shared.bus.ports import Bus
from shared.clock import Clock
from shared.domain.registry import Registry
from shared.metrics import Metrics
from shared.probes import Probes


class Detector:
    def __init__(
        self,
        settings: DetectorSettings,
        *,
        registry: Registry,
        bus: Bus,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._bus = bus
        self._clock = clock
        self._metrics = metrics
        self._loop: Loop | None = None

    def probes(self) -> Probes:
        """What the detector says of itself; may be asked at any time."""
        return Probes(
            healthy=self._wrong, ready=self._not_ready, ledger=self._ledger, metrics=self._metrics
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Score until ``stop``; then write everything down and leave the group."""
        self._loop = Loop(
            self._settings,
            registry=self._registry,
            bus=self._bus,
            checkpoints=BusCheckpoints(self._bus),
            clock=self._clock,
            metrics=self._metrics,
            stop=stop,
        )
        await self._loop.run()

    def _wrong(self) -> Mapping[str, str]:
        """Parts that have work and do none."""
        loop, patience_s = self._loop, self._settings.stuck_after_s
        if loop is None:
            return {}
        now = self._clock.monotonic()
        wrong: dict[str, str] = {}
        if loop.trouble is not None:
            wrong["bus"] = loop.trouble
        if loop.subscribed and now - loop.turned_at > patience_s:
            wrong["loop"] = f"has not turned for {now - loop.turned_at:.0f} s"
        for desk in loop.desks.values():
            idle_s = now - desk.moved_at
            if desk.waiting and idle_s > patience_s:
                wrong[f"partition {desk.index}"] = (
                    f"{desk.waiting} records wait and none was taken for {idle_s:.0f} s"
                )
        return wrong

    def _not_ready(self) -> Mapping[str, str]:
        loop = self._loop
        if loop is None or not loop.subscribed:
            return {"bus": "not subscribed to the readings yet"}
        if loop.restoring:
            return {"partitions": f"restoring {', '.join(map(str, loop.restoring))}"}
        return {}

    def _ledger(self) -> Mapping[str, Any]:
        """Totals by outcome, also of what no checkpoint holds yet."""
        partitions: dict[str, dict[str, int]] = {}
        total: dict[str, int] = {}
        for desk in self._loop.desks.values() if self._loop else ():
            partitions[str(desk.index)] = dict(desk.watch.counts)
            for name, count in desk.watch.counts.items():
                total[name] = total.get(name, 0) + count
        return {"service": "detector", "counts": total, "partitions": partitions}
