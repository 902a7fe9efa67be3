"""Moves messages from the field to the bus and acknowledges each when the bus has all of it.

Law 1: acknowledgements leave in the order the messages came, each after every record and every
refusal of its message was taken by the bus.

Law 2: the window is the length of one deque. A message enters it in ``receive`` and leaves it in
``_acknowledge_taken`` or ``_hand_back``, nowhere else, so no outcome can leak a place.

Law 3: when the bus refuses a record or does not answer for ``stuck_publish_s``, everything
unacknowledged is handed back by dropping the connection, for a broker never repeats a message on
the connection it was sent on. Messages of QoS 0 cannot come again: they are kept and tried again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial

import numpy as np

from services.ingest.core.backoff import full_jitter_s
from services.ingest.core.brake import Brake
from services.ingest.core.catalogue import Catalogue
from services.ingest.core.freshness import from_datetime
from services.ingest.core.intake import accept
from services.ingest.core.ledger import Ledger
from services.ingest.ports import Field, Message
from services.ingest.settings import IngestSettings
from services.ingest.shell.flight import Flight, Part, flight_of, oversized
from shared.bus.ports import Bus
from shared.clock import Clock
from shared.errors import BadRecord, Transient
from shared.logs import log
from shared.metrics import Metrics

RETRY_FIRST_S = 0.5
RETRY_MAX_S = 30.0


class Pump:
    def __init__(
        self,
        settings: IngestSettings,
        *,
        catalogue: Catalogue,
        field: Field,
        bus: Bus,
        ledger: Ledger,
        clock: Clock,
        metrics: Metrics,
        rng: np.random.Generator,
    ) -> None:
        self._settings = settings
        self._limits = settings.limits
        self._catalogue = catalogue
        self._field = field
        self._bus = bus
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._rng = rng
        self._log = log("ingest")
        self._brake = Brake(
            messages=settings.brake_messages,
            share_max=settings.brake_share_max,
            messages_least=settings.brake_messages_least,
        )
        self._braking = False
        self._flights: deque[Flight] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._recovering: asyncio.Task[None] | None = None
        self._finishing = False
        self._fatal: BaseException | None = None
        self._retries = 0
        self._waiting_since: float | None = None
        """Since when input waits without the bus having taken anything."""

    # --- the field's side

    def has_room(self) -> bool:
        troubled = self._recovering is not None or self._finishing
        return not troubled and len(self._flights) < self._settings.receive_window

    def receive(self, message: Message) -> None:
        """Judge the message and hand its records to the bus, in order, without waiting."""
        received_at_us = from_datetime(self._clock.now())
        accepted = accept(
            message.topic,
            message.payload,
            received_at=received_at_us,
            catalogue=self._catalogue,
            limits=self._limits,
            retained=message.retained,
        )
        self._ledger.arrive(accepted.readings)
        self._metrics.count("ingest_received", accepted.readings)
        if not message.retained:
            self._brake.note(refused=not accepted.packs)
        now = self._clock.monotonic()
        flight = flight_of(
            message,
            accepted,
            received_at_us=received_at_us,
            since=now,
            kept_bytes_max=self._settings.kept_bytes_max,
        )
        if self._waiting_since is None:
            self._waiting_since = now
        self._flights.append(flight)
        self._idle.clear()
        self._launch(flight)

    # --- the bus's side

    def _launch(self, flight: Flight) -> None:
        for part in flight.parts:
            if not part.taken:
                self._publish(flight, part)

    def _publish(self, flight: Flight, part: Part) -> None:
        # Tasks take their first step in the order they were made, so ``publish`` is called in
        # receive order and a site's records keep theirs.
        task = asyncio.create_task(self._bus.publish(part.topic, part.key, part.value))
        flight.tasks.add(task)
        task.add_done_callback(partial(self._answered, flight, part))

    def _answered(self, flight: Flight, part: Part, task: asyncio.Task[int]) -> None:
        flight.tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if flight.abandoned or part.taken:
            return
        if isinstance(error, Transient):
            self._hand_back("bus", str(error) or type(error).__name__)
            return
        if isinstance(error, BadRecord) and part.reason is None:
            self._refuse_instead(flight, part)
            return
        if error is not None:
            self._fatal = error
            return
        part.taken = True
        flight.owed -= 1
        self._settle(part)
        if flight.owed == 0:
            self._acknowledge_taken()

    def _refuse_instead(self, flight: Flight, part: Part) -> None:
        received_at_us = from_datetime(self._clock.now())
        kept_bytes_max = self._settings.kept_bytes_max
        refusal = oversized(
            flight, part, received_at_us=received_at_us, kept_bytes_max=kept_bytes_max
        )
        flight.parts[flight.parts.index(part)] = refusal
        self._publish(flight, refusal)

    def _settle(self, part: Part) -> None:
        self._retries = 0
        self._waiting_since = self._clock.monotonic()
        if part.reason is None:
            self._ledger.store(part.readings)
            self._metrics.count("ingest_stored", part.readings)
        else:
            self._ledger.refuse(part.reason, part.readings)
            self._metrics.count("ingest_refused", part.readings, reason=part.reason.value)

    def _acknowledge_taken(self) -> None:
        was_full = not self.has_room()
        while self._flights and self._flights[0].owed == 0:
            self._field.acknowledge(self._flights.popleft().message)
        if not self._flights:
            self._waiting_since = None
            self._idle.set()
        if was_full and self.has_room():
            self._field.resume()

    # --- when the bus is in trouble

    def _hand_back(self, cause: str, why: str) -> None:
        """Give every unacknowledged message back to the broker, and try again after a while."""
        if self._recovering is not None:
            return
        kept: deque[Flight] = deque()
        for flight in self._flights:
            if flight.message.qos == 0:
                kept.append(flight)
            else:
                self._give_back(flight)
            for task in flight.tasks:
                task.cancel()
        handed_back = len(self._flights) - len(kept)
        self._flights = kept
        if not kept:
            self._idle.set()
        wait_s = full_jitter_s(
            self._retries, first_s=RETRY_FIRST_S, most_s=RETRY_MAX_S, rng=self._rng
        )
        self._retries += 1
        self._log.warning(
            "ingest.handed_back", cause=cause, why=why, messages=handed_back, again_in_s=wait_s
        )
        self._recovering = asyncio.create_task(self._recover(wait_s))
        self._field.drop(cause)

    def _give_back(self, flight: Flight) -> None:
        flight.abandoned = True
        self._ledger.give_back(sum(part.readings for part in flight.parts if not part.taken))

    async def _recover(self, wait_s: float) -> None:
        await self._clock.sleep(wait_s)
        self._recovering = None
        now = self._clock.monotonic()
        for flight in self._flights:
            flight.since = now
            self._launch(flight)
        if self.has_room():
            self._field.resume()

    # --- watching and stopping

    async def watch(self) -> None:
        """Look after the oldest message and the brake, for ever.

        Raises what the bus answered when neither trying again nor a refusal can help.
        """
        every_s = min(0.5, self._settings.stuck_publish_s / 4)
        while True:
            await self._clock.sleep(every_s)
            if self._fatal is not None:
                raise self._fatal
            oldest_s = self.oldest_unacked_s
            self._metrics.gauge("ingest_in_flight", len(self._flights))
            self._metrics.gauge("ingest_oldest_unacked_seconds", oldest_s)
            if oldest_s > self._settings.stuck_publish_s:
                self._hand_back("stuck", f"the bus did not answer for {oldest_s:.1f} s")
            if self._brake.on != self._braking:
                self._braking = self._brake.on
                event = "ingest.poisoned" if self._braking else "ingest.poison_over"
                self._log.error(event, why=self._brake.sentence())

    async def finish(self) -> None:
        """Take nothing more and wait until nothing is in flight, however long it takes."""
        self._finishing = True
        await self._idle.wait()

    async def abandon(self) -> None:
        """Cancel whatever is unfinished; the broker keeps it for the next start.

        Messages of QoS 0 nobody keeps: they stay in flight in the last statement, which says so.
        """
        tasks: list[asyncio.Task[int] | asyncio.Task[None]] = [
            task for flight in self._flights for task in flight.tasks
        ]
        if self._recovering is not None:
            tasks.append(self._recovering)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for flight in self._flights:
            if flight.message.qos and not flight.abandoned:
                self._give_back(flight)

    @property
    def in_flight(self) -> int:
        """Messages received and not yet acknowledged."""
        return len(self._flights)

    @property
    def oldest_unacked_s(self) -> float:
        if not self._flights or self._recovering is not None:
            return 0.0
        return self._clock.monotonic() - self._flights[0].since

    def wrong(self) -> dict[str, str]:
        """What people should know, by part; empty when all is well."""
        wrong = {}
        if self._waiting_since is not None:
            waited_s = self._clock.monotonic() - self._waiting_since
            if waited_s > self._settings.stuck_publish_s:
                wrong["bus"] = f"input waits and the bus has taken nothing for {waited_s:.0f} s"
        if self._brake.on:
            wrong["refusals"] = self._brake.sentence()
        return wrong
