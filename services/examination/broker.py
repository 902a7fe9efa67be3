"""The MQTT broker: does it answer, and does it let us in. One CONNECT by hand, then DISCONNECT.

Packets are those of MQTT 3.1.1, sections 3.1 and 3.2; every broker that speaks 5 speaks it too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from typing import Final

from services.examination.finding import Finding
from services.ingest.settings import Address, MqttSettings, address_of

ANSWER_S: Final = 5.0
CLIENT_ID: Final = "tocsin-doctor"
KEEPALIVE_S: Final = 10
_DISCONNECT: Final = b"\xe0\x00"
_CONNACK: Final = 0x20
_REFUSALS: Final = {
    1: ("does not speak MQTT 3.1.1", "use a broker that does"),
    2: ("refuses the client id", "allow client ids of 13 characters"),
    3: ("says it is unavailable", "look at the broker's log"),
    4: ("refuses the user name or password", "correct them in ingest.mqtt.url"),
    5: ("does not authorise us", "give this user access, or put one into ingest.mqtt.url"),
}


async def examine_broker(settings: MqttSettings, *, embedded: bool) -> Finding:
    """One finding; ``embedded`` says that ``tocsin up`` would bring a broker of its own."""
    address = address_of(settings.url)
    try:
        async with asyncio.timeout(ANSWER_S):
            code = await _connect_code(address, settings)
    except ssl.SSLError as error:
        mend = "check the certificate, or set ingest.mqtt.ca_file"
        return Finding("broker", "fail", f"TLS to {address} fails: {error.reason}", mend)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        why = _why(error)
        near = address.host in {"127.0.0.1", "localhost", "::1"}
        if embedded and near and isinstance(error, ConnectionRefusedError):
            mend = "nothing to do for `tocsin up`, which starts its own"
            return Finding("broker", "warn", f"nothing at {address} ({why})", mend)
        mend = "start the broker, or correct ingest.mqtt.url"
        return Finding("broker", "fail", f"{address} does not answer as MQTT ({why})", mend)
    if code == 0:
        return Finding("broker", "ok", f"{address} lets us in")
    refusal, mend = _REFUSALS.get(code, (f"refuses us with code {code}", "look at its log"))
    return Finding("broker", "fail", f"{address} {refusal}", mend)


async def _connect_code(address: Address, settings: MqttSettings) -> int:
    """The return code of CONNACK; IncompleteReadError for an answer that is none."""
    context = ssl.create_default_context(cafile=settings.ca_file) if address.tls else None
    reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
    try:
        writer.write(connect_packet(address.user, address.password))
        await writer.drain()
        answer = await reader.readexactly(4)
        if answer[0] != _CONNACK:
            raise asyncio.IncompleteReadError(answer, None)
        if answer[3] == 0:
            writer.write(_DISCONNECT)
            await writer.drain()
        return answer[3]
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def connect_packet(user: str | None, password: str | None) -> bytes:
    """CONNECT with a clean session, so that nothing of the visit stays at the broker."""
    flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    fields = [CLIENT_ID, *(one for one in (user, password) if one is not None)]
    body = _text("MQTT") + bytes((4, flags)) + KEEPALIVE_S.to_bytes(2)
    body += b"".join(_text(one) for one in fields)
    return b"\x10" + _length(len(body)) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2) + raw


def _length(length: int) -> bytes:
    """MQTT's variable length: seven bits a byte, lowest first."""
    out = bytearray()
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_S:g} s"
    if isinstance(error, asyncio.IncompleteReadError):
        return "it speaks something else"
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) and number > 0 else str(error)
