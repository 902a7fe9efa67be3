"""What ingest needs of the world: a field of devices to hear, shelves to keep readings on.

Of the field: messages in, acknowledgements out, one connection at a time.

Law 1: a message belongs to the connection it came on. Acknowledging it on a later one would
confirm whatever got the same packet number there, so a late acknowledgement is dropped.

Law 2: messages are pushed one by one and only while the receiver has room; what does not fit
waits in the socket and in the broker, never in a queue of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.ingest.core.shelving import Sheet


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a device, as it came off the wire."""

    topic: str
    payload: bytes
    qos: int
    retained: bool
    packet: int
    """The packet number to acknowledge; 0 for QoS 0."""
    connection: int
    """Which connection it came on, counted from 1."""


class Receiver(Protocol):
    def has_room(self) -> bool:
        """Whether ``receive`` may be called."""

    def receive(self, message: Message) -> None:
        """Take responsibility for one message; returns at once and never raises."""


class Field(Protocol):
    """A persistent session at an MQTT broker."""

    async def run(self, receiver: Receiver) -> None:
        """Stay connected and push messages until ``close``; reconnects for ever."""

    def acknowledge(self, message: Message) -> None:
        """The bus has it. Nothing is sent for QoS 0 or for an earlier connection's message."""

    def resume(self) -> None:
        """The receiver has room again."""

    def drop(self, cause: str) -> None:
        """Leave the connection on purpose and stay away until ``resume``.

        What is unacknowledged comes again on the next connection.
        """

    async def close(self) -> None:
        """Say goodbye; ``run`` returns."""

    @property
    def subscribed(self) -> bool:
        """Whether messages may come right now."""

    @property
    def away_s(self) -> float:
        """For how long there has been no broker; 0 while there is one."""

    @property
    def trouble(self) -> str:
        """Why there is no broker, for people; empty while there is one."""


class Shelves(Protocol):
    """The archive's folder; every method blocks and may raise OSError."""

    def prepare(self) -> None:
        """Clear away what an earlier process had not finished."""

    def put(self, sheet: Sheet) -> None:
        """Whole and durable when it returns; putting the same readings twice is putting once."""

    def mark(self, partition: int, *, position: int, until_us: int) -> None:
        """Everything of a partition before ``position`` is kept."""

    def keep_up(self, now_us: int) -> None:
        """Merge small files, and remove what is too old."""
