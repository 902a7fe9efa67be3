"""A field without a broker: pushes what a test gives it and writes down what was acknowledged."""

from __future__ import annotations

import asyncio
import itertools

from services.ingest.ports import Message, Receiver


class PaperField:
    """Keeps what is unacknowledged and delivers it again on the next connection, as MQTT does."""

    def __init__(self) -> None:
        self.connection = 1
        self.acknowledged: list[int] = []
        self.dropped: list[str] = []
        self.resumed = 0
        self._packets = itertools.count(1)
        self._session: list[Message] = []
        """Delivered with QoS 1 and not acknowledged, oldest first."""
        self.subscribed = True
        self.away_s = 0.0
        self.trouble = ""

    def push(
        self, pump: Receiver, topic: str, payload: bytes, *, qos: int = 1, retained: bool = False
    ) -> int:
        """Deliver one message; its packet number."""
        assert pump.has_room(), "a field pushes only where there is room"
        message = Message(topic, payload, qos, retained, next(self._packets), self.connection)
        if qos:
            self._session.append(message)
        pump.receive(message)
        return message.packet

    def reconnect(self, pump: Receiver) -> int:
        """A new connection: everything unacknowledged comes again; how many that were."""
        self.connection += 1
        again = [
            Message(m.topic, m.payload, m.qos, m.retained, m.packet, self.connection)
            for m in self._session
        ]
        self._session = list(again)
        for message in again:
            pump.receive(message)
        return len(again)

    async def run(self, receiver: Receiver) -> None:
        await asyncio.Event().wait()

    def acknowledge(self, message: Message) -> None:
        if message.qos == 0 or message.connection != self.connection:
            return
        self.acknowledged.append(message.packet)
        self._session.remove(message)

    def resume(self) -> None:
        self.resumed += 1

    def drop(self, cause: str) -> None:
        self.dropped.append(cause)

    async def close(self) -> None:
        self.subscribed = False
