"""What is put on the bus comes off it again, and what is not ours is refused as such."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import codec
from shared.bus.codec import PACK_VERSION, UNNUMBERED, Columns, Pack, Refused, Statement
from shared.domain.event import EventKind, Evidence, Reason, ReasonCode, RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity
from shared.errors import BadRecord

INT64 = st.integers(-(2**63), 2**63 - 1)
ROW = st.tuples(st.text(max_size=12), INT64, st.floats(), st.integers(0, 2), INT64)
MOMENT = st.integers(-(2**31), 2**32).map(lambda s: datetime.fromtimestamp(s, UTC))
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
REASON = st.builds(
    Reason,
    code=st.sampled_from(ReasonCode),
    sensor=st.text(),
    quantity=st.sampled_from(Quantity),
    level=st.sampled_from(Level),
    value=NUMBER,
    limit=NUMBER | st.none(),
    source=st.text(),
    confidence=st.sampled_from(["seen", "second-hand", "memory", "proposal"]),
)
EVIDENCE = st.builds(
    Evidence,
    sensor=st.text(),
    quantity=st.sampled_from(Quantity),
    measured_at=st.lists(MOMENT, max_size=3).map(tuple),
    values=st.lists(NUMBER, max_size=3).map(tuple),
    expected_low=NUMBER | st.none(),
)
EVENT = st.builds(
    RiskEvent,
    id=st.text(),
    occurrence=st.text(),
    run=st.text(),
    kind=st.sampled_from(EventKind),
    site=st.text(),
    asset=st.text(),
    hazard=st.sampled_from(Hazard),
    level=st.sampled_from(Level),
    previous=st.sampled_from(Level) | st.none(),
    decided_at=MOMENT,
    likelihood=NUMBER,
    consequence=NUMBER,
    sentence=st.dictionaries(st.sampled_from(["en", "zh"]), st.text()),
    detector=st.text(),
    reasons=st.lists(REASON, max_size=2).map(tuple),
    evidence=st.lists(EVIDENCE, max_size=2).map(tuple),
)


def columns_of(rows) -> Columns:
    sensors, measured, values, quality, seq = zip(*rows, strict=True) if rows else [()] * 5
    return Columns(
        sensors=list(sensors),
        measured_at_us=np.array(measured, np.int64),
        values=np.array(values, np.float64),
        quality=np.array(quality, np.uint8),
        seq=np.array(seq, np.int64),
    )


def packed(rows, **changes) -> bytes:
    said = {"site": "t3", "device": "tocsin/v1/a/b/c", "received_at_us": 1, "run": ""}
    said |= {"historical": False}
    return codec.pack(**(said | changes), columns=columns_of(rows))


SAID = st.fixed_dictionaries(
    {
        "site": st.text(),
        "device": st.text(),
        "run": st.text(),
        "received_at_us": INT64,
        "historical": st.booleans(),
    }
)


@given(st.lists(ROW, max_size=20), SAID)
def test_a_pack_comes_back_as_it_went(rows, said):
    back = codec.unpack(packed(rows, **said))

    assert {name: getattr(back, name) for name in said} == said
    found, sent = codec.columns(back), columns_of(rows)
    assert found.sensors == sent.sensors
    for name in ("measured_at_us", "values", "quality", "seq"):
        np.testing.assert_array_equal(getattr(found, name), getattr(sent, name))


def test_columns_are_views_nobody_can_write_to():
    found = codec.columns(codec.unpack(packed([("a", 5, math.nan, 0, UNNUMBERED)])))

    assert np.isnan(found.values[0])
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 1.0


def test_the_bytes_of_a_column_are_little_endian_whatever_the_machine():
    back = codec.unpack(packed([("a", 1, 1.0, 2, 258)]))

    assert back.measured_at_us == b"\x01" + bytes(7)
    assert back.seq == b"\x02\x01" + bytes(6)
    assert back.values == bytes(6) + b"\xf0\x3f"
    assert back.quality == b"\x02"


@given(st.binary(max_size=64))
def test_any_bytes_are_a_pack_or_a_bad_record(rubbish):
    with contextlib.suppress(BadRecord):
        assert isinstance(codec.unpack(rubbish), Pack)


@given(st.integers(0, 200))
def test_a_pack_cut_short_is_a_bad_record(cut):
    whole = packed([("sensor-a", 5, 1.0, 0, 1), ("sensor-b", 6, 2.0, 0, 2)])
    if cut < len(whole):
        with pytest.raises(BadRecord):
            codec.unpack(whole[:cut])


@pytest.mark.parametrize("column", ["measured_at_us", "values", "quality", "seq"])
def test_columns_of_different_lengths_are_refused(column):
    good = codec.unpack(packed([("a", 1, 1.0, 0, 1), ("b", 2, 2.0, 0, 2)]))
    short = msgspec.structs.replace(good, **{column: getattr(good, column)[:-1]})

    with pytest.raises(BadRecord, match="different lengths"):
        codec.unpack(msgspec.msgpack.encode(short))


def test_a_pack_of_another_version_says_to_upgrade():
    good = codec.unpack(packed([]))
    newer = msgspec.structs.replace(good, version=PACK_VERSION + 1)

    with pytest.raises(BadRecord, match="upgrade the reader"):
        codec.unpack(msgspec.msgpack.encode(newer))


@given(EVENT)
def test_an_event_comes_back_as_it_went(event):
    assert codec.decode_event(codec.encode_event(event)) == event


@given(EVENT)
def test_the_same_event_has_the_same_bytes(event):
    again = codec.decode_event(codec.encode_event(event))
    assert codec.encode_event(again) == codec.encode_event(event)


@given(
    st.builds(
        Refused,
        reason=st.text(),
        detail=st.text(),
        topic=st.text(),
        received_at_us=INT64,
        payload=st.binary(),
        payload_size=st.integers(0, 2**40),
        readings=st.integers(0, 10_000),
        run=st.text(),
    )
)
def test_a_refusal_keeps_the_original_bytes(refused):
    assert codec.decode_refused(codec.encode_refused(refused)) == refused


@given(
    st.builds(
        Statement,
        service=st.text(),
        instance=st.text(),
        stated_at_us=INT64,
        counts=st.dictionaries(st.text(), st.integers(0, 2**60)),
    )
)
def test_a_statement_comes_back_as_it_went(statement):
    assert codec.decode_statement(codec.encode_statement(statement)) == statement


@pytest.mark.parametrize(
    "decode", [codec.decode_event, codec.decode_refused, codec.decode_statement]
)
@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'{"id": 1}', b"\xff\xfe"])
def test_rubbish_is_a_bad_record_and_nothing_worse(decode, rubbish):
    with pytest.raises(BadRecord):
        decode(rubbish)
