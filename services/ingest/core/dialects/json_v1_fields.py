"""The fields of JSON version 1, and the second look at a message that has one of them wrong.

A message is decoded in one step into typed structs. Only what that step cannot take is looked
at again here, field by field, to say which field of which reading is wrong; both ways use the
same field types, so they cannot disagree about what is right.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Raw

from services.ingest.core.refusal import Reason, Refuse, shown

Moment = Annotated[datetime, Meta(tz=True)] | float | None
Word = Literal["good", "uncertain", "bad"] | None
Run = Annotated[str, Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*\Z")] | None
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)] | None


class Reading(msgspec.Struct, gc=False):
    value: float
    sensor: str = ""
    measured_at: Moment = None
    quality: Word = None
    seq: Number = None
    unit: str | None = None
    historical: bool | None = None
    run: Run = None


class Defaults(msgspec.Struct):
    """What a pack says once for all its readings."""

    measured_at: Moment = None
    quality: Word = None
    unit: str | None = None
    historical: bool | None = None
    run: Run = None


class Pack(Defaults, kw_only=True):
    readings: list[Reading]


class Slices(msgspec.Struct):
    readings: list[Raw]


class _Field(NamedTuple):
    decoder: msgspec.json.Decoder[Any]
    reason: Reason
    mend: str


def _field(kind: Any, reason: Reason, mend: str) -> _Field:
    return _Field(msgspec.json.Decoder(kind), reason, mend)


reading_decoder = msgspec.json.Decoder(Reading)
pack_decoder = msgspec.json.Decoder(Pack)
_slices_decoder = msgspec.json.Decoder(Slices)
_object_decoder = msgspec.json.Decoder(dict[str, Raw])

_FIELDS: Final[dict[str, _Field]] = {
    "value": _field(float, Reason.NOT_A_NUMBER, "send a finite number"),
    "sensor": _field(str, Reason.WRONG_SHAPE, "send the sensor's id as a string"),
    "measured_at": _field(Moment, Reason.BAD_TIME, "send RFC 3339 with a zone, or a Unix time"),
    "quality": _field(Word, Reason.BAD_QUALITY, "send good, uncertain or bad"),
    "seq": _field(Number, Reason.WRONG_SHAPE, "send a whole number from 0 on"),
    "unit": _field(str | None, Reason.BAD_UNIT, "send the unit as a string"),
    "historical": _field(bool | None, Reason.WRONG_SHAPE, "send true or false"),
    "run": _field(Run, Reason.WRONG_SHAPE, "send a name of at most 80 characters"),
}
_OTHER_TYPES: Final = frozenset('"tfn[{')
"""How a JSON value begins that is no number."""
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# Python and JavaScript write these though JSON has no such numbers. Each becomes an empty
# string of the same length, so that places in the text still match the original bytes. The
# closing quote is optional so that an open string is passed over once, not once a character.
_NO_NUMBER = re.compile(rb'(?s)"[^"\\]*(?:\\.[^"\\]*)*"?|-?(?:NaN|Infinity)')


def make_readable(payload: bytes) -> bytes:
    """The payload with its NaN and Infinity literals made readable, length and places kept."""

    def as_text(found: re.Match[bytes]) -> bytes:
        token = found.group()
        return token if token[:1] == b'"' else b'""'.ljust(len(token))

    return _NO_NUMBER.sub(as_text, payload)


def demand_utf8(payload: bytes) -> None:
    """Refuse bytes that are no text."""
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        words = f"payload is not UTF-8 from byte {error.start} on; send JSON"
        raise Refuse(Reason.UNREADABLE, words) from None


def object_of(text: bytes) -> dict[str, Raw]:
    """The fields of a JSON object, each still raw; Refuse if it is none."""
    try:
        return _object_decoder.decode(text)
    except msgspec.ValidationError:
        words = f"got {_kind(text)}, not an object; send {{'value': number}}"
        raise Refuse(Reason.WRONG_SHAPE, words) from None
    except msgspec.MsgspecError as error:
        raise Refuse(Reason.UNREADABLE, f"payload is no JSON: {shown(str(error))}") from None
    except RecursionError:
        words = "payload is nested too deep to read; send flat readings"
        raise Refuse(Reason.UNREADABLE, words) from None


def _kind(text: bytes) -> str:
    kinds = {b"[": "an array", b'"': "a string", b"t": "a boolean", b"f": "a boolean"}
    return kinds.get(text.lstrip()[:1], "a bare value")


def _typed(name: str, raw: Raw) -> Any:
    kind = _FIELDS[name]
    try:
        return kind.decoder.decode(raw)
    except UNDECODABLE:
        text = bytes(raw).decode(errors="replace")
        words = "no number" if text == '""' else shown(text)
        # An empty string stands where NaN or Infinity was, see make_readable.
        is_number = text == '""' or text[:1] not in _OTHER_TYPES
        reason = kind.reason if name != "value" or is_number else Reason.WRONG_TYPE
        raise Refuse(reason, f"{name} is {words}; {kind.mend}") from None


def blamed(fields: dict[str, Raw]) -> Reading:
    """The reading, or a Refuse that names the first field that is wrong."""
    if "value" not in fields:
        raise Refuse(Reason.WRONG_SHAPE, "reading has no value; send {'value': number}")
    return Reading(**{name: _typed(name, fields[name]) for name in _FIELDS if name in fields})


def reading_or_blame(raw: Raw) -> Reading | Refuse:
    """One reading of a pack that could not be decoded as a whole."""
    try:
        return reading_decoder.decode(raw)
    except UNDECODABLE:
        pass
    try:
        return blamed(object_of(bytes(raw)))
    except Refuse as why:
        return why


def loose_pack(text: bytes) -> tuple[Defaults, list[Raw]]:
    """A pack's defaults and its readings, each still raw; Refuse for what spoils them all."""
    fields = object_of(text)
    if "readings" not in fields:
        raise Refuse(Reason.WRONG_SHAPE, "pack has no readings; send {'readings': [...]}")
    try:
        raws = _slices_decoder.decode(text).readings
    except msgspec.MsgspecError:
        raise Refuse(Reason.WRONG_SHAPE, "readings of the pack is no array") from None
    given = {name: raw for name, raw in fields.items() if name in Defaults.__struct_fields__}
    try:
        return Defaults(**{name: _typed(name, raw) for name, raw in given.items()}), raws
    except Refuse as why:
        why.readings = max(1, len(raws))
        raise


def pieces_of(payload: bytes, mended: bytes) -> list[bytes]:
    """Each reading's own bytes, cut out of the original payload."""
    pieces = []
    cursor = max(0, mended.find(b'"readings"'))
    for raw in _slices_decoder.decode(mended).readings:
        text = bytes(raw)
        cursor = mended.find(text, cursor)
        pieces.append(payload[cursor : cursor + len(text)])
        cursor += len(text)
    return pieces
