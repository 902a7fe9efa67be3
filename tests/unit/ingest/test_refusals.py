"""Every way a message or a reading can be wrong has its own reason, and one line that says so."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.intake import Accepted, accept
from services.ingest.core.limits import Limits
from services.ingest.core.refusal import Reason
from tests.support.ingest_city import NOON, NOON_US, own_topic, small_city

CATALOGUE = catalogue_of(small_city(20))
LIMITS = Limits()
O2 = own_topic("t3-s1-o2")
PACK = "tocsin/v1/dongmen/gateway-4/_"


def outcome(topic: str, payload: bytes, *, retained: bool = False) -> Accepted:
    return accept(
        topic,
        payload,
        received_at=NOON_US,
        catalogue=CATALOGUE,
        limits=LIMITS,
        retained=retained,
    )


def sent(**fields: object) -> bytes:
    return json.dumps({"value": 20.9, **fields}).encode()


def at(**apart: float) -> str:
    return (NOON + timedelta(**apart)).isoformat()


REFUSED = [
    (Reason.UNKNOWN_TOPIC, "tocsin/v1/dongmen", sent()),
    (Reason.UNKNOWN_TOPIC, "tocsin/v2/dongmen/t3-s1/t3-s1-o2", sent()),
    (Reason.UNKNOWN_TOPIC, "", sent()),
    (Reason.UNKNOWN_SENSOR, "tocsin/v1/dongmen/t3-s1/nobody", sent()),
    (Reason.MISPLACED, "tocsin/v1/dongmen/vc-07/t3-s1-o2", sent()),
    (Reason.MISPLACED, "tocsin/v1/heping/t3-s1/t3-s1-o2", sent()),
    (Reason.EMPTY, O2, b""),
    (Reason.EMPTY, PACK, b'{"readings": []}'),
    (Reason.TOO_LARGE, O2, b" " * (1 << 20)),
    (Reason.UNREADABLE, O2, b"\x00\x01\xfe\xff"),
    (Reason.UNREADABLE, O2, b"   "),
    (Reason.UNREADABLE, O2, b'{"value": 20.9'),
    (Reason.UNREADABLE, O2, b'{"value": 20.9, "note": "\xff"}'),
    (Reason.UNREADABLE, O2, b'{"value":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    (Reason.UNREADABLE, O2, '{"value": 20.9}'.encode("utf-16")),
    (Reason.UNREADABLE, PACK, b"<xml/>"),
    (Reason.WRONG_SHAPE, O2, b"20.9"),
    (Reason.WRONG_SHAPE, O2, b"[20.9]"),
    (Reason.WRONG_SHAPE, O2, b'"20.9"'),
    (Reason.WRONG_SHAPE, O2, b"{}"),
    (Reason.WRONG_SHAPE, O2, sent(seq=-1)),
    (Reason.WRONG_SHAPE, O2, sent(seq=2**63)),
    (Reason.WRONG_SHAPE, O2, sent(seq="3")),
    (Reason.WRONG_SHAPE, O2, sent(historical="yes")),
    (Reason.WRONG_SHAPE, O2, sent(run="a\nb")),
    (Reason.WRONG_SHAPE, O2, sent(run="r" * 81)),
    (Reason.WRONG_SHAPE, PACK, b'{"value": 20.9}'),
    (Reason.WRONG_SHAPE, PACK, b'{"readings": {"a": 1}}'),
    (Reason.WRONG_SHAPE, PACK, b'{"readings": [{"value": 1}]}'),
    (Reason.WRONG_SHAPE, PACK, b'{"readings": [7]}'),
    (Reason.NOT_A_NUMBER, O2, b'{"value": NaN}'),
    (Reason.NOT_A_NUMBER, O2, b'{"value": -Infinity}'),
    (Reason.NOT_A_NUMBER, O2, b'{"value": 1e999}'),
    (Reason.NOT_A_NUMBER, O2, b'{"value": ' + b"9" * 5_000 + b"}"),
    (Reason.WRONG_TYPE, O2, sent(value=True)),
    (Reason.WRONG_TYPE, O2, sent(value="20.9")),
    (Reason.WRONG_TYPE, O2, sent(value=None)),
    (Reason.WRONG_TYPE, O2, sent(value=[20.9])),
    (Reason.OUT_OF_RANGE, O2, sent(value=30.001)),
    (Reason.OUT_OF_RANGE, O2, sent(value=-0.001)),
    (Reason.BAD_UNIT, O2, sent(unit="furlong")),
    (Reason.BAD_UNIT, O2, sent(unit=3)),
    (Reason.BAD_QUALITY, O2, sent(quality="superb")),
    (Reason.BAD_QUALITY, O2, sent(quality=0)),
    (Reason.BAD_TIME, O2, sent(measured_at="yesterday")),
    (Reason.BAD_TIME, O2, sent(measured_at="2026-11-23T12:00:00")),
    (Reason.BAD_TIME, O2, sent(measured_at=True)),
    (Reason.BAD_TIME, O2, b'{"value": 20.9, "measured_at": NaN}'),
    (Reason.CLOCK_UNSET, O2, sent(measured_at="1970-01-01T00:00:05Z")),
    (Reason.CLOCK_UNSET, O2, sent(measured_at=5)),
    (Reason.CLOCK_UNSET, O2, sent(measured_at=-1e300)),
    (Reason.CLOCK_UNSET, O2, sent(measured_at=5, historical=True)),
    (Reason.CLOCK_UNSET, O2, sent(measured_at=5, run="drill")),
    (Reason.TOO_OLD, O2, sent(measured_at=at(days=-32))),
    (Reason.FROM_THE_FUTURE, O2, sent(measured_at=at(seconds=301))),
    (Reason.FROM_THE_FUTURE, O2, sent(measured_at=at(seconds=301), historical=True)),
    (Reason.FROM_THE_FUTURE, O2, sent(measured_at="2100-01-01T00:00:00Z")),
    (Reason.FROM_THE_FUTURE, O2, sent(measured_at="2100-01-01T00:00:00Z", run="drill")),
    (Reason.FROM_THE_FUTURE, O2, sent(measured_at=1e300)),
]


@pytest.mark.parametrize(("reason", "topic", "payload"), REFUSED)
def test_each_fault_has_its_own_reason_and_one_readable_line(reason, topic, payload):
    accepted = outcome(topic, payload)

    assert not accepted.packs
    (refusal,) = accepted.refusals
    assert refusal.reason is reason
    assert refusal.readings == 1
    assert refusal.detail == refusal.detail.strip()
    assert refusal.detail.isprintable()
    assert 10 < len(refusal.detail) < 300
    assert refusal.payload in payload


def test_the_table_above_names_every_reason_but_two_that_need_more_than_a_payload():
    assert set(Reason) - {reason for reason, _, _ in REFUSED} == {Reason.RETAINED, Reason.TOO_MANY}


def test_a_retained_message_is_no_reading_happening_now():
    accepted = outcome(O2, sent(), retained=True)

    assert [refusal.reason for refusal in accepted.refusals] == [Reason.RETAINED]


def test_a_pack_of_too_many_is_refused_whole_and_stands_for_all_its_readings():
    readings = [{"sensor": "t3-s1-o2", "value": 20}] * 11
    accepted = accept(
        PACK,
        json.dumps({"readings": readings, "run": "drill"}).encode(),
        received_at=NOON_US,
        catalogue=CATALOGUE,
        limits=Limits(pack_readings_max=10),
    )

    (refusal,) = accepted.refusals
    assert (refusal.reason, refusal.readings, refusal.run) == (Reason.TOO_MANY, 11, "drill")
    assert accepted.readings == 11


def test_a_default_that_spoils_a_pack_stands_for_all_its_readings():
    accepted = outcome(PACK, b'{"measured_at": "noon", "readings": [{"sensor": "a"}, 2, 3]}')

    (refusal,) = accepted.refusals
    assert (refusal.reason, refusal.readings) == (Reason.BAD_TIME, 3)


def test_a_bad_reading_is_refused_alone_with_its_own_bytes_and_the_rest_is_stored():
    bad = b'{"sensor": "n0002", "value": NaN}'
    worse = b'{"sensor":"n0003","value":-Infinity,"seq":1}'
    payload = (
        b'{"run": "", "readings": [{"sensor": "n0001", "value": 1}, %s , %s,'
        b' {"sensor": "n0004", "value": 4}, {"sensor": "ghost", "value": 1}]}' % (bad, worse)
    )
    accepted = outcome(PACK, payload)

    (pack,) = accepted.packs
    assert pack.sensors == ["n0001", "n0004"]
    assert [(r.reason, r.payload) for r in accepted.refusals] == [
        (Reason.NOT_A_NUMBER, bad),
        (Reason.NOT_A_NUMBER, worse),
        (Reason.UNKNOWN_SENSOR, b'{"sensor": "ghost", "value": 1}'),
    ]
    assert accepted.readings == 5


def test_misplaced_names_the_right_topic():
    (refusal,) = outcome("tocsin/v1/heping/t3-s1/t3-s1-o2", sent()).refusals

    assert O2 in refusal.detail


def test_an_open_string_of_escaped_quotes_costs_no_more_than_its_length():
    payload = b'{"value": "' + b'\\"' * 120_000
    assert len(payload) < LIMITS.payload_bytes_max

    (refusal,) = outcome(O2, payload).refusals

    assert refusal.reason is Reason.UNREADABLE


def test_what_a_gateway_packs_is_split_by_site_run_and_history_in_order():
    readings = [
        {"sensor": "t3-s1-o2", "value": 20.1, "seq": 7},
        {"sensor": "vc-07-o2", "value": 20.2, "quality": "uncertain"},
        {"sensor": "t3-s1-temp", "value": 68, "unit": "degF"},
        {"sensor": "t3-s1-ch4", "value": 20, "quality": "bad"},
        {"sensor": "t3-s1-o2", "value": 19.0, "run": "drill"},
        {"sensor": "t3-s1-o2", "value": 18.0, "historical": True, "measured_at": at(days=-90)},
    ]
    payload = {"readings": readings, "measured_at": at(seconds=-5)}
    accepted = outcome(PACK, json.dumps(payload).encode())

    assert not accepted.refusals
    assert [(p.site, p.run, p.historical, p.sensors) for p in accepted.packs] == [
        ("t3", "", False, ["t3-s1-o2", "t3-s1-temp", "t3-s1-ch4"]),
        ("vc-07", "", False, ["vc-07-o2"]),
        ("t3", "drill", False, ["t3-s1-o2"]),
        ("t3", "", True, ["t3-s1-o2"]),
    ]
    tunnel, chamber = accepted.packs[:2]
    np.testing.assert_allclose(tunnel.values, [20.1, 20.0, 1.0])  # 20 %LEL CH4 is 1 %vol
    assert tunnel.quality.tolist() == [0, 0, 2]
    assert chamber.quality.tolist() == [1]
    assert tunnel.seq.tolist() == [7, -1, -1]
    assert set(tunnel.measured_at_us.tolist()) == {NOON_US - 5_000_000}


@pytest.mark.parametrize(
    ("measured_at", "expected_us"),
    [
        (None, NOON_US),
        (at(), NOON_US),
        ("2026-11-23T20:00:00.123456+08:00", NOON_US + 123_456),
        (NOON_US / 1e6, NOON_US),
        (NOON_US / 1e3, NOON_US),
        (NOON_US / 1e6 + 0.25, NOON_US + 250_000),
        (at(seconds=300), NOON_US + 300_000_000),
        (at(days=-31), NOON_US - 31 * 86_400_000_000),
    ],
)
def test_a_time_may_be_text_seconds_milliseconds_or_missing(measured_at, expected_us):
    (pack,) = outcome(O2, sent(measured_at=measured_at)).packs

    assert pack.measured_at_us.tolist() == [expected_us]


@pytest.mark.parametrize("moment", ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z"])
def test_a_run_may_play_at_any_time_of_the_century(moment):
    (pack,) = outcome(O2, sent(measured_at=moment, run="drill")).packs

    assert pack.run == "drill"
