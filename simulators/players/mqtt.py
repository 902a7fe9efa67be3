"""Plays frames to an MQTT broker with QoS 1, and ends only when each one has its PUBACK.

paho's own thread speaks to the broker, reconnects and sends again what was not acknowledged; at
most ``in_flight_max`` frames are unacknowledged, so a slow broker slows the play and never fills
the memory. A broker that takes nothing for ``patience_s`` ends the play with BrokerUnreachable.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from shared.clock import Clock
from shared.errors import BadInput, BrokerUnreachable
from simulators.frames import Frame
from simulators.players.pacing import Played, Progress, paced

IN_FLIGHT_MAX: Final = 64
CONNECT_S: Final = 5.0
PATIENCE_S: Final = 60.0
KEEPALIVE_S: Final = 30
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's address, taken apart; ``shown`` carries no password."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    @property
    def shown(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """``mqtt[s]://[user[:password]@]host[:port]``; BadInput names what is wrong with another."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise BadInput(f"broker URL has no valid port ({error})") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadInput(
            f"broker URL {url.rpartition('@')[2]!r} is not of the form mqtt://host:1883 or "
            "mqtts://host:8883"
        )
    return Address(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "mqtts",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


async def play(
    frames: Iterable[Frame],
    *,
    url: str,
    speed: float,
    clock: Clock,
    run: str = "",
    progress: Callable[[Progress], None] = lambda _: None,
    in_flight_max: int = IN_FLIGHT_MAX,
    patience_s: float = PATIENCE_S,
) -> Played:
    """Publish every frame when it is due.

    Raises BadInput for a URL or speed that makes no sense and BrokerUnreachable when the broker
    does not answer at first, refuses the connection, or takes nothing for ``patience_s``.
    """
    address = address_of(url)
    began = clock.monotonic()
    sent = readings = 0
    async with _connected(address, run, in_flight_max, patience_s) as link:
        async for frame in paced(frames, speed=speed, clock=clock, progress=progress):
            await link.publish(frame)
            sent += 1
            readings += frame.readings
        await link.settled()
    return Played(sent, readings, clock.monotonic() - began)


@asynccontextmanager
async def _connected(
    address: Address, run: str, in_flight_max: int, patience_s: float
) -> AsyncIterator[_Link]:
    link = _Link(address, run, in_flight_max, patience_s)
    try:
        await link.connect()
        yield link
    finally:
        await link.close()


class _Link:
    """One paho client and the window of frames it has not had acknowledged."""

    def __init__(self, address: Address, run: str, in_flight_max: int, patience_s: float) -> None:
        self._address = address
        self._in_flight_max = in_flight_max
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._in_flight = 0
        self._acknowledged = asyncio.Event()
        self._answer: asyncio.Future[ReasonCode] = self._loop.create_future()
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"tocsin-player-{run[:32]}-{uuid4().hex[:8]}",
            protocol=paho.MQTTv311,
        )
        client.max_inflight_messages_set(in_flight_max)
        client.reconnect_delay_set(min_delay=1, max_delay=4)
        if address.user is not None:
            client.username_pw_set(address.user, address.password)
        if address.tls:
            client.tls_set()
        client.connect_timeout = CONNECT_S
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        self._client = client

    async def connect(self) -> None:
        shown = self._address.shown
        mend = "start a broker there, or name another with --mqtt mqtt://HOST:PORT"
        try:
            await asyncio.to_thread(
                self._client.connect, self._address.host, self._address.port, KEEPALIVE_S
            )
        except (OSError, ValueError) as error:
            raise BrokerUnreachable(
                f"no MQTT broker answers at {shown} ({error}); {mend}"
            ) from error
        self._client.loop_start()
        try:
            answer = await asyncio.wait_for(self._answer, CONNECT_S)
        except TimeoutError as error:
            raise BrokerUnreachable(
                f"{shown} accepts connections but does not speak MQTT; {mend}"
            ) from error
        if answer.is_failure:
            raise BrokerUnreachable(
                f"the broker at {shown} refused us ({answer}); put user and password into the URL"
            )

    async def publish(self, frame: Frame) -> None:
        """Send one frame, waiting first while the window is full."""
        while self._in_flight >= self._in_flight_max:
            await self._one_acknowledged()
        self._in_flight += 1
        self._client.publish(frame.topic, frame.payload, qos=1)

    async def settled(self) -> None:
        """Wait until nothing is unacknowledged."""
        while self._in_flight:
            await self._one_acknowledged()

    async def close(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def _one_acknowledged(self) -> None:
        self._acknowledged.clear()
        try:
            await asyncio.wait_for(self._acknowledged.wait(), self._patience_s)
        except TimeoutError as error:
            raise BrokerUnreachable(
                f"the broker at {self._address.shown} has acknowledged nothing for "
                f"{self._patience_s:.0f} s, {self._in_flight} message(s) wait; see its log"
            ) from error

    # paho calls these on its own thread; they only hand over to the loop.

    def _on_connect(self, client: paho.Client, data: Any, flags: Any, code: ReasonCode,
                    properties: Any) -> None:  # fmt: skip
        self._call(self._connected, code)

    def _on_publish(self, client: paho.Client, data: Any, mid: int, code: ReasonCode,
                    properties: Any) -> None:  # fmt: skip
        self._call(self._one_less)

    def _call(self, what: Callable[..., None], *given: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *given)

    def _connected(self, code: ReasonCode) -> None:
        if not self._answer.done():
            self._answer.set_result(code)

    def _one_less(self) -> None:
        self._in_flight -= 1
        self._acknowledged.set()
