"""How records look on the bus.

Readings are many and machines read them: MessagePack, with times and values as packed
little-endian columns that numpy takes without a copy. Events, refusals, decisions and ledger
statements are few and people read them too: JSON.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.domain.event import RiskEvent
from shared.errors import BadRecord

PACK_VERSION: Final = 1
UNNUMBERED: Final = -1
"""In ``seq``: the device gave this reading no number."""


class Pack(msgspec.Struct, frozen=True, array_like=True):
    """One device message, or the part of it that belongs to one site."""

    version: int
    site: str
    device: str
    """The MQTT topic it came on."""
    received_at_us: int
    """Microseconds since the Unix epoch, UTC, as are all times here."""
    run: str
    """Empty for the real city; the name of the drill or replay otherwise."""
    historical: bool
    """Stored and scored, but too late to wake anybody."""
    sensors: list[str]
    measured_at_us: bytes
    """Little-endian int64, one per sensor."""
    values: bytes
    """Little-endian float64 in canonical units, one per sensor."""
    quality: bytes
    """uint8, ``Quality.code``, one per sensor."""
    seq: bytes
    """Little-endian int64, ``UNNUMBERED`` where there is none."""


class Columns(msgspec.Struct, frozen=True):
    """A pack's readings as arrays of equal length."""

    sensors: list[str]
    measured_at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    seq: NDArray[np.int64]


class Refused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, or one reading of a pack, that was set aside."""

    reason: str
    """A member of ingest's closed list of refusals."""
    detail: str
    """The thing, its state and the mend, in one line."""
    topic: str
    received_at_us: int
    payload: bytes
    """The original bytes, cut at ``kept_bytes_max``; base64 in the JSON."""
    payload_size: int
    readings: int = 1
    """How many readings it stands for in the ledger; 1 when that cannot be told."""
    run: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Running totals of one writer, newest wins."""

    service: str
    instance: str
    """Process incarnation for ingest, partition for the detector."""
    stated_at_us: int
    counts: dict[str, int]
    """Total by name: ``received``, ``stored``, ``refused.<reason>``, ``scored``, ``late``, ..."""


_pack_encoder = msgspec.msgpack.Encoder()
_pack_decoder = msgspec.msgpack.Decoder(Pack)
_json = msgspec.json.Encoder(order="deterministic")
_event_decoder = msgspec.json.Decoder(RiskEvent)
_refused_decoder = msgspec.json.Decoder(Refused)
_statement_decoder = msgspec.json.Decoder(Statement)


def pack(
    *,
    site: str,
    device: str,
    received_at_us: int,
    run: str,
    historical: bool,
    columns: Columns,
) -> bytes:
    """The bytes of one ``Pack``; every column of ``columns`` has one entry per sensor."""
    return _pack_encoder.encode(
        Pack(
            version=PACK_VERSION,
            site=site,
            device=device,
            received_at_us=received_at_us,
            run=run,
            historical=historical,
            sensors=columns.sensors,
            measured_at_us=columns.measured_at_us.astype("<i8", copy=False).tobytes(),
            values=columns.values.astype("<f8", copy=False).tobytes(),
            quality=columns.quality.astype("u1", copy=False).tobytes(),
            seq=columns.seq.astype("<i8", copy=False).tobytes(),
        )
    )


def unpack(value: bytes) -> Pack:
    """The pack in a record's value; BadRecord if it is none or its columns differ in length."""
    try:
        decoded = _pack_decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise BadRecord(f"readings record is no pack: {error}") from error
    if decoded.version != PACK_VERSION:
        raise BadRecord(f"pack version {decoded.version} is not {PACK_VERSION}; upgrade the reader")
    count = len(decoded.sensors)
    widths = (len(decoded.measured_at_us), len(decoded.values), len(decoded.seq))
    if widths != (8 * count, 8 * count, 8 * count) or len(decoded.quality) != count:
        raise BadRecord(f"pack of {decoded.device} has columns of different lengths")
    return decoded


def columns(decoded: Pack) -> Columns:
    """The pack's readings as read-only arrays over its own bytes."""
    return Columns(
        sensors=decoded.sensors,
        measured_at_us=np.frombuffer(decoded.measured_at_us, "<i8"),
        values=np.frombuffer(decoded.values, "<f8"),
        quality=np.frombuffer(decoded.quality, "u1"),
        seq=np.frombuffer(decoded.seq, "<i8"),
    )


def encode_event(event: RiskEvent) -> bytes:
    return _json.encode(event)


def decode_event(value: bytes) -> RiskEvent:
    """The event in a record's value; BadRecord if it is none."""
    try:
        return _event_decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise BadRecord(f"events record is no risk event: {error}") from error


def encode_refused(refused: Refused) -> bytes:
    return _json.encode(refused)


def decode_refused(value: bytes) -> Refused:
    """The refusal in a record's value; BadRecord if it is none."""
    try:
        return _refused_decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise BadRecord(f"refused record is no refusal: {error}") from error


def encode_statement(statement: Statement) -> bytes:
    return _json.encode(statement)


def decode_statement(value: bytes) -> Statement:
    """The statement in a record's value; BadRecord if it is none."""
    try:
        return _statement_decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise BadRecord(f"ledger record is no statement: {error}") from error
