"""One connection to an MQTT broker, from CONNECT to its end, on the asyncio loop.

Law: a paho client lives exactly as long as its connection. The session (subscriptions, what is
unacknowledged) is the broker's; a new connection gets a new client, so no acknowledgement, packet
number or half-read packet can leak from one connection into the next.

paho runs without a thread of its own: the loop tells it when its socket can be read or written.
Only the connecting itself, which blocks, happens in a thread.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from services.ingest.adapters.waiting import first_of, in_a_thread
from services.ingest.ports import Message, Receiver
from services.ingest.settings import MqttSettings
from shared.errors import BrokerUnreachable

READS_MAX = 64
"""Packets taken from the socket before others on the loop have their turn."""
UPKEEP_EVERY_S = 1.0
SUBSCRIBE_PATIENCE_S = 30.0


class Connection:
    def __init__(
        self, settings: MqttSettings, receiver: Receiver, *, number: int, window: int
    ) -> None:
        self._settings = settings
        self._receiver = receiver
        self._number = number
        self._window = window
        self._loop = asyncio.get_running_loop()
        self._packets = 0
        self._reading = False
        self._sock: socket.socket | None = None
        self._upkeep: asyncio.TimerHandle | None = None
        self._greeted: asyncio.Future[bool] = self._loop.create_future()
        self.subscribed = asyncio.Event()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Done when the connection has ended; says why. Holds whatever the receiver raised."""
        self._client = self._new_client()

    # --- life

    async def open(self) -> bool:
        """Connect; True when the broker remembers our session.

        Raises BrokerUnreachable when there is no broker, or one that does not want us.
        """
        address, patience_s = self._settings.address, self._settings.connect_timeout_s
        try:
            await asyncio.wait_for(in_a_thread(self._connect), patience_s + 1.0)
            self._attach()
            await first_of(self._greeted, self.lost, timeout_s=patience_s)
        except (OSError, ValueError, TimeoutError) as error:
            words = str(error) or "no answer"
            raise BrokerUnreachable(f"{address} cannot be reached: {words}") from error
        if self._greeted.done():
            return self._greeted.result()
        why = self.lost.result() if self.lost.done() else "no CONNACK"
        raise BrokerUnreachable(f"{address} did not take us: {why}")

    async def subscribe(self) -> None:
        """Ask for every topic; BrokerUnreachable when the broker refuses or does not answer."""
        qos: int = self._settings.qos
        if self._settings.version == 5:  # noqa: PLR2004 - the protocol's version
            options = SubscribeOptions(
                qos=qos, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
            )
            self._client.subscribe([(topic, options) for topic in self._settings.topics])
        else:
            self._client.subscribe([(topic, qos) for topic in self._settings.topics])
        granted = asyncio.create_task(self.subscribed.wait())
        try:
            await first_of(granted, self.lost, timeout_s=SUBSCRIBE_PATIENCE_S)
        finally:
            granted.cancel()
        if not self.subscribed.is_set():
            why = self.lost.result() if self.lost.done() else "no SUBACK"
            raise BrokerUnreachable(f"{self._settings.address} gave no subscription: {why}")

    def acknowledge(self, packet: int, qos: int) -> None:
        if not self.lost.done():
            self._client.ack(packet, qos)

    def resume(self) -> None:
        """Read again, if the receiver has room."""
        if self._sock is not None and not self._reading and self._receiver.has_room():
            self._loop.add_reader(self._sock, self._readable)
            self._reading = True
            self._loop.call_soon(self._readable)  # TLS may hold decrypted bytes already

    def end(self, why: str) -> None:
        """Close at once, telling the broker if the socket takes it."""
        if self._client.is_connected():
            self._client.disconnect()
            self._writable()
        self._finish(why)

    async def close(self) -> None:
        """Send what is still to be sent, acknowledgements first, then DISCONNECT."""
        if self._client.is_connected() and not self.lost.done():
            self._client.disconnect()
            await asyncio.wait({self.lost}, timeout=0.5)
        self._finish("closed")

    # --- paho's side

    def _new_client(self) -> mqtt.Client:
        settings, address = self._settings, self._settings.address
        three = settings.version == 3  # noqa: PLR2004 - the protocol's version
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            clean_session=False if three else None,
            protocol=MQTTProtocolVersion.MQTTv311 if three else MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = settings.connect_timeout_s
        if address.user is not None:
            client.username_pw_set(address.user, address.password)
        if address.tls:
            client.tls_set_context(_trusting(settings.ca_file))
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _connect(self) -> None:
        """In a thread: until CONNECT is sent."""
        address, keepalive_s = self._settings.address, self._settings.keepalive_s
        if self._settings.version == 3:  # noqa: PLR2004 - the protocol's version
            self._client.connect(address.host, address.port, keepalive_s)
        else:
            wishes: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
            wishes.SessionExpiryInterval = self._settings.session_expiry_s
            wishes.ReceiveMaximum = self._window
            self._client.connect(
                address.host, address.port, keepalive_s, clean_start=False, properties=wishes
            )
        sock = self._client.socket()
        if self.lost.done() and sock is not None:  # nobody waits any more; leave no twin behind
            sock.close()

    def _on_connect(
        self, _: mqtt.Client, __: Any, flags: mqtt.ConnectFlags, reason: ReasonCode, ___: Any
    ) -> None:
        self._packets += 1
        if reason.is_failure:
            self._note_end(f"refused: {reason}")
        elif not self._greeted.done():
            self._greeted.set_result(flags.session_present)

    def _on_subscribe(
        self, _: mqtt.Client, __: Any, ___: int, reasons: list[ReasonCode], ____: Any
    ) -> None:
        self._packets += 1
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._note_end(f"subscription refused: {', '.join(refused)}")
        else:
            self.subscribed.set()

    def _on_message(self, _: mqtt.Client, __: Any, message: mqtt.MQTTMessage) -> None:
        self._packets += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "\N{REPLACEMENT CHARACTER}"
        self._receiver.receive(
            Message(
                topic=topic,
                payload=bytes(message.payload),
                qos=message.qos,
                retained=message.retain,
                packet=message.mid,
                connection=self._number,
            )
        )

    def _on_disconnect(
        self, _: mqtt.Client, __: Any, ___: mqtt.DisconnectFlags, reason: ReasonCode, ____: Any
    ) -> None:
        self._note_end(str(reason))

    def _note_end(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)

    # --- the loop's side

    def _attach(self) -> None:
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            raise ConnectionResetError("connection closed at once")
        self._sock = sock
        self._client.on_socket_close = lambda *_: self._detach()
        self._client.on_socket_register_write = self._want_write
        self._client.on_socket_unregister_write = self._want_no_write
        self._upkeep = self._loop.call_later(UPKEEP_EVERY_S, self._keep_up)
        if self._client.want_write():
            self._loop.add_writer(sock, self._writable)
        self._loop.add_reader(sock, self._readable)
        self._reading = True
        self._loop.call_soon(self._readable)

    def _want_write(self, *_: Any) -> None:
        if self._sock is not None:
            self._loop.add_writer(self._sock, self._writable)

    def _want_no_write(self, *_: Any) -> None:
        if self._sock is not None:
            self._loop.remove_writer(self._sock)

    def _detach(self) -> None:
        if self._upkeep is not None:
            self._upkeep.cancel()
        if self._sock is not None:
            self._loop.remove_reader(self._sock)
            self._loop.remove_writer(self._sock)
            self._sock = None
        self._reading = False

    def _stop_reading(self) -> None:
        if self._reading and self._sock is not None:
            self._loop.remove_reader(self._sock)
            self._reading = False

    def _readable(self) -> None:
        try:
            for _ in range(READS_MAX):
                if self._sock is None or not self._reading:
                    return
                if self._greeted.done() and not self._receiver.has_room():
                    self._stop_reading()
                    return
                before = self._packets
                if self._client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    return
                if self._packets == before:
                    return
        except Exception as error:  # noqa: BLE001 - whatever it is, it must reach ``run``
            self._fail(error)

    def _writable(self) -> None:
        self._client.loop_write()

    def _keep_up(self) -> None:
        self._upkeep = self._loop.call_later(UPKEEP_EVERY_S, self._keep_up)
        self._client.loop_misc()

    def _fail(self, error: Exception) -> None:
        if not self.lost.done():
            self.lost.set_exception(error)
        self._finish("failed")

    def _finish(self, why: str) -> None:
        self._detach()
        sock = self._client.socket()
        if sock is not None:
            sock.close()
        self._note_end(why)


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho would leave that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as inherited
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.sslsocket_class = _TidySocket
    return context
