"""State as bytes: whole or refused by name, and honest about a registry that changed."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from services.detector.core.state import SCHEMA, dump, load
from shared.domain.quantity import Quantity
from shared.errors import BadCheckpoint
from tests.support.detector_city import city, packed, told, watch


@pytest.fixture
def busy():
    mind = watch()
    mind.observe(
        [packed("t3", ("t3-s4-o2", 0, 17.0), ("t3-s4-ch4", 0, 1.2), ("t3-s1-o2", 0, 20.9))]
    )
    mind.observe([packed("t3", ("t3-s4-o2", 0, 17.0), run="drill")])
    return mind


def test_what_was_dumped_is_what_is_loaded(busy):
    body = dump(busy, 42)
    restored = load(body, city(), runs_max=16)
    assert restored.position == 42
    assert (restored.gone, restored.ended) == ((), ())
    assert dump(restored.watch, 42) == body


def test_more_sensors_than_a_first_bank_holds_survive():
    mind = watch()
    site = max(mind.roster.places, key=lambda name: len(mind.roster.places[name]))
    sensors = list(mind.roster.places[site])
    assert len(sensors) > 128
    mind.observe([packed(site, *((sensor, 0, 0.5) for sensor in sensors))])
    body = dump(mind, 1)
    assert dump(load(body, city(), runs_max=16).watch, 1) == body


def test_another_schema_is_refused_by_name(busy):
    state = msgspec.msgpack.decode(dump(busy, 1))
    state["schema"] = SCHEMA + 1
    with pytest.raises(BadCheckpoint, match=f"schema {SCHEMA + 1}, this detector reads {SCHEMA}"):
        load(msgspec.msgpack.encode(state), city(), runs_max=16)


@pytest.mark.parametrize("spoil", [lambda body: body[:-20], lambda body: b"\x00" + body])
def test_damaged_bytes_are_refused(busy, spoil):
    with pytest.raises(BadCheckpoint):
        load(spoil(dump(busy, 1)), city(), runs_max=16)


def test_a_column_of_the_wrong_length_is_refused_by_name(busy):
    state = msgspec.msgpack.decode(dump(busy, 1))
    state["columns"]["level"] = state["columns"]["level"][:-8]
    with pytest.raises(BadCheckpoint, match="column level has"):
        load(msgspec.msgpack.encode(state), city(), runs_max=16)


def without(*sensors):
    registry = city()
    left = {name: one for name, one in registry.sensors.items() if name not in sensors}
    return replace(registry, sensors=left)


def test_a_sensor_that_left_the_registry_takes_its_alarm_with_it(busy):
    restored = load(dump(busy, 1), without("t3-s4-o2"), runs_max=16)
    assert restored.gone == ("t3-s4-o2", "t3-s4-o2")
    (left,) = restored.watch.cases.cases()
    assert (left.run, left.asset, len(left.members)) == ("", "t3-s4", 1)
    assert [case.run for case in restored.ended] == ["drill"]
    seen = restored.watch.observe([packed("t3", ("t3-s4-o2", 9, 15.0), ("t3-s1-ch4", 9, 0.0))])
    assert not seen.events
    assert restored.watch.counts["unknown-sensor"] == 1


def test_a_sensor_that_measures_something_else_now_starts_from_nothing(busy):
    registry = city()
    other = replace(registry.sensors["t3-s1-o2"], quantity=Quantity.CO, unit="ppm")
    changed = replace(registry, sensors={**registry.sensors, "t3-s1-o2": other})
    restored = load(dump(busy, 1), changed, runs_max=16)
    assert restored.gone == ("t3-s1-o2",)
    seen = restored.watch.observe([packed("t3", ("t3-s1-o2", 0, 60.0))])
    assert told(seen.events) == [("raised", "t3-s1", "orange")]
