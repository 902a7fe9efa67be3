"""Laws of intake that hold for any bytes whatever."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.backoff import full_jitter_s
from services.ingest.core.brake import Brake
from services.ingest.core.catalogue import catalogue_of
from services.ingest.core.intake import Accepted, accept
from services.ingest.core.ledger import Ledger
from services.ingest.core.limits import Limits
from services.ingest.core.refusal import Reason
from shared.domain.quantity import to_canonical, units_of
from tests.support.ingest_city import NOON_US, own_topic, small_city

CITY = small_city(10)
CATALOGUE = catalogue_of(CITY)
PACK = "tocsin/v1/dongmen/gateway-4/_"
TOPICS = st.one_of(
    st.sampled_from([own_topic("t3-s1-o2"), own_topic("vc-07-level"), PACK]),
    st.text(max_size=40),
    st.lists(st.text(max_size=6), min_size=3, max_size=6).map("/".join),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
FIELDS = {
    "value": st.one_of(st.floats(0, 30), st.floats(0, 30), st.floats(), ANYTHING),
    "sensor": st.one_of(st.sampled_from(sorted(CITY.sensors)), st.text(max_size=5), ANYTHING),
    "measured_at": st.one_of(
        st.just(NOON_US / 1e6), st.floats(), st.datetimes().map(str), ANYTHING
    ),
    "quality": st.one_of(st.sampled_from(["good", "uncertain", "bad", "odd"]), ANYTHING),
    "seq": st.one_of(st.integers(0, 9), ANYTHING),
    "unit": st.one_of(st.sampled_from(["%vol", "%LEL", "K", "m", "cm"]), ANYTHING),
    "historical": st.one_of(st.booleans(), ANYTHING),
    "run": st.one_of(st.sampled_from(["", "drill"]), ANYTHING),
}
GOOD = st.builds(
    lambda number, value: {"sensor": f"n{number:04}", "value": value},
    st.integers(0, 9),
    st.floats(0, 30),
)
READING = st.one_of(GOOD, GOOD, st.fixed_dictionaries({}, optional=FIELDS), ANYTHING)
DEFAULTS = st.fixed_dictionaries(
    {}, optional={name: FIELDS[name] for name in ("measured_at", "run", "historical", "unit")}
)


def outcome(topic: str, payload: bytes) -> Accepted:
    accepted = accept(topic, payload, received_at=NOON_US, catalogue=CATALOGUE, limits=Limits())
    assert accepted.packs or accepted.refusals, "a message without an outcome"
    for refusal in accepted.refusals:
        assert refusal.detail.isprintable()
        refusal.detail.encode()
        refusal.run.encode()
    for pack in accepted.packs:
        assert np.isfinite(pack.values).all()
        assert {len(pack.values), len(pack.seq), len(pack.quality), len(pack.measured_at_us)} == {
            len(pack.sensors)
        }
    return accepted


@given(TOPICS, st.binary(max_size=200))
def test_any_bytes_on_any_topic_have_an_outcome_and_raise_nothing(topic, payload):
    assert outcome(topic, payload).readings >= 1


@given(TOPICS, ANYTHING | READING)
def test_any_json_on_any_topic_has_an_outcome_and_raises_nothing(topic, document):
    assert outcome(topic, json.dumps(document).encode()).readings >= 1


@given(DEFAULTS, st.lists(READING, min_size=1, max_size=12))
def test_every_reading_of_a_pack_has_exactly_one_outcome(defaults, readings):
    payload = json.dumps({**defaults, "readings": readings}).encode()
    accepted = outcome(PACK, payload)

    assert accepted.readings == len(readings)
    for refusal in accepted.refusals:
        assert refusal.payload
        assert refusal.payload in payload


@given(st.lists(GOOD, min_size=1, max_size=6), st.integers(0, 6), READING)
def test_what_stands_beside_a_reading_never_changes_what_becomes_of_it(readings, place, stranger):
    alone = outcome(PACK, json.dumps({"readings": readings}).encode())
    crowd = [*readings[:place], stranger, *readings[place:]]
    accepted = outcome(PACK, json.dumps({"readings": crowd}).encode())

    stored_alone = [(s, v) for p in alone.packs for s, v in zip(p.sensors, p.values, strict=True)]
    stored = [(s, v) for p in accepted.packs for s, v in zip(p.sensors, p.values, strict=True)]
    assert len(stored_alone) == len(readings)
    for reading in stored_alone:
        stored.remove(reading)
    assert len(stored) <= 1


@given(GOOD, st.sampled_from(["good", "bad"]), st.integers(0, 99))
def test_a_reading_means_the_same_alone_and_in_a_pack(reading, quality, seq):
    reading = {**reading, "quality": quality, "seq": seq}
    (alone,) = outcome(CITY.topic_of(reading["sensor"]), json.dumps(reading).encode()).packs
    (packed,) = outcome(PACK, json.dumps({"readings": [reading]}).encode()).packs

    assert (alone.site, alone.sensors) == (packed.site, packed.sensors)
    for name in ("values", "measured_at_us", "quality", "seq"):
        assert getattr(alone, name).tolist() == getattr(packed, name).tolist()


@pytest.mark.parametrize("sensor", ["t3-s1-ch4", "t3-s1-temp", "vc-07-level"])
def test_a_value_is_stored_in_the_canonical_unit_whatever_the_device_speaks(sensor):
    quantity = CITY.sensors[sensor].quantity
    for unit in units_of(quantity):
        payload = json.dumps({"value": 1.5, "unit": unit}).encode()
        accepted = outcome(own_topic(sensor), payload)
        expected = to_canonical(quantity, unit, 1.5)
        stored = [value for pack in accepted.packs for value in pack.values.tolist()]
        known = CATALOGUE.by_sensor[sensor]
        assert stored == ([expected] if known.low <= expected <= known.high else [])


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from(["store", "refuse", "back", ""]))))
def test_the_ledger_balances_after_any_mix(happenings):
    ledger = Ledger()
    for readings, kind in happenings:
        ledger.arrive(readings)
        if kind == "store":
            ledger.store(readings)
        elif kind == "refuse":
            ledger.refuse(Reason.EMPTY, readings)
        elif kind == "back":
            ledger.give_back(readings)
        assert ledger.balanced()

    open_still = sum(readings for readings, kind in happenings if not kind)
    assert ledger.totals()["in_flight"] == open_still
    assert ledger.totals()["received"] + ledger.totals()["returned"] == sum(
        readings for readings, _ in happenings
    )


def test_the_ledger_notices_an_outcome_without_an_arrival():
    ledger = Ledger()
    ledger.arrive(2)
    ledger.store(3)

    assert not ledger.balanced()


@given(st.lists(st.booleans(), max_size=60))
def test_the_brake_counts_exactly_the_last_messages(refusals):
    brake = Brake(messages=20, share_max=0.5, messages_least=5)
    for refused in refusals:
        brake.note(refused=refused)

    last = refusals[-20:]
    assert brake.on == (len(last) >= 5 and sum(last) * 2 > len(last))


@pytest.mark.parametrize("seed", range(3), ids="seed={}".format)
def test_waits_grow_are_spread_and_never_exceed_the_ceiling(seed):
    rng = np.random.default_rng(seed)
    waits = [
        [full_jitter_s(attempt, first_s=0.5, most_s=30.0, rng=rng) for _ in range(200)]
        for attempt in (0, 3, 9, 5_000)
    ]
    ceilings = [0.5, 4.0, 30.0, 30.0]

    for drawn, ceiling in zip(waits, ceilings, strict=True):
        assert 0 <= min(drawn) < ceiling * 0.1
        assert ceiling * 0.9 < max(drawn) <= ceiling
