"""The field over MQTT: one persistent session, remade for as long as it takes.

Law 1: whoever comes back waits a random while first, at most ``backoff_max_s``; and while the
receiver has no room we do not come back at all.

Law 2: subscriptions are asked for whenever the broker does not remember the session, and once
after every start of the process, since the topics may have been changed in between.
"""

from __future__ import annotations

import asyncio

import numpy as np

from services.ingest.adapters.connection import Connection
from services.ingest.core.backoff import full_jitter_s
from services.ingest.ports import Message, Receiver
from services.ingest.settings import MqttSettings
from shared.clock import Clock
from shared.errors import BrokerUnreachable
from shared.logs import log
from shared.metrics import Metrics

STEADY_S = 10.0
"""A connection that lasted so long was a good one: the next wait is short again."""


class MqttField:
    def __init__(
        self,
        settings: MqttSettings,
        *,
        window: int,
        clock: Clock,
        metrics: Metrics,
        rng: np.random.Generator,
    ) -> None:
        self._settings = settings
        self._window = window
        self._clock = clock
        self._metrics = metrics
        self._rng = rng
        self._log = log("ingest")
        self._number = 0
        self._connection: Connection | None = None
        self._known = False
        """This process has subscribed once, so a remembered session is as we want it."""
        self._closing = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()
        self._cause = "lost"
        self._away_since: float | None = clock.monotonic()
        self._trouble = "not connected yet"

    async def run(self, receiver: Receiver) -> None:
        """Stay connected until ``close``; raises only what the receiver raised."""
        attempt = 0
        while not self._closing.is_set():
            if not receiver.has_room():
                self._roomy.clear()
            await self._first_of(asyncio.create_task(_wait(self._roomy)))
            if self._closing.is_set():
                return
            began = self._clock.monotonic()
            await self._one_connection(receiver)
            if self._closing.is_set():
                return
            attempt = 0 if self._clock.monotonic() - began >= STEADY_S else attempt + 1
            self._metrics.count("ingest_reconnects", cause=self._cause)
            wait_s = full_jitter_s(
                max(0, attempt - 1),
                first_s=self._settings.backoff_first_s,
                most_s=self._settings.backoff_max_s,
                rng=self._rng,
            )
            self._log.warning(
                "ingest.disconnected", cause=self._cause, why=self._trouble, again_in_s=wait_s
            )
            await self._first_of(asyncio.create_task(_sleep(self._clock, wait_s)))

    async def _one_connection(self, receiver: Receiver) -> None:
        self._number += 1
        self._cause = "lost"
        connection = Connection(self._settings, receiver, number=self._number, window=self._window)
        self._connection = connection
        try:
            remembered = await connection.open()
            if remembered and self._known:
                connection.subscribed.set()
            else:
                await connection.subscribe()
                self._known = True
            self._arrived(remembered=remembered)
            self._trouble = await connection.lost
        except BrokerUnreachable as error:
            self._cause = "unreachable"
            self._trouble = str(error)
        finally:
            self._left()
            await connection.close()

    def _arrived(self, *, remembered: bool) -> None:
        self._away_since = None
        self._trouble = ""
        self._metrics.gauge("ingest_connected", 1)
        self._log.info(
            "ingest.connected", broker=str(self._settings.address), remembered=remembered
        )

    def _left(self) -> None:
        if self._away_since is None:
            self._away_since = self._clock.monotonic()
        self._metrics.gauge("ingest_connected", 0)

    def acknowledge(self, message: Message) -> None:
        """Confirm it on its own connection; nothing for QoS 0 or for an earlier connection."""
        if message.qos and message.connection == self._number and self._connection is not None:
            self._connection.acknowledge(message.packet, message.qos)

    def resume(self) -> None:
        """The receiver has room again."""
        self._roomy.set()
        if self._connection is not None:
            self._connection.resume()

    def drop(self, cause: str) -> None:
        """Leave the connection on purpose, and stay away until ``resume``."""
        self._roomy.clear()
        if self._connection is not None:
            self._connection.end(cause)
            self._cause = cause

    async def close(self) -> None:
        """Send the last acknowledgements, say goodbye; ``run`` returns."""
        self._closing.set()
        if self._connection is not None:
            await self._connection.close()

    @property
    def subscribed(self) -> bool:
        """Whether messages may come right now."""
        return self._away_since is None

    @property
    def away_s(self) -> float:
        """For how long there has been no broker; 0 while there is one."""
        return 0.0 if self._away_since is None else self._clock.monotonic() - self._away_since

    @property
    def trouble(self) -> str:
        """Why there is no broker; empty while there is one."""
        return self._trouble

    async def _first_of(self, other: asyncio.Task[None]) -> None:
        """Wait for ``other`` or for ``close``, whichever is first."""
        closing = asyncio.create_task(_wait(self._closing))
        try:
            await asyncio.wait({other, closing}, return_when="FIRST_COMPLETED")
        finally:
            other.cancel()
            closing.cancel()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)
