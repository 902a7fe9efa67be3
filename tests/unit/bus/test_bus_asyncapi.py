"""The AsyncAPI document says what the code does, and the file says what the document does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from services.alerts.ports import Decision
from services.ingest.core.dialects import json_v1_fields
from shared.bus import codec
from shared.bus.asyncapi import FILE, as_yaml, document, main
from shared.bus.asyncapi_payloads import CONTENT_TYPES, field_sentences, schemas
from shared.bus.codec import Pack, Refused, Statement
from shared.bus.topics import READINGS, TOPICS
from shared.domain.event import EventKind, Evidence, Reason, ReasonCode, RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole():
    return document()


def check(whole, name: str, instance: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": whole["components"]}
    jsonschema.Draft7Validator(schema).validate(instance)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_file_is_what_the_table_generates():
    assert FILE.read_text(encoding="utf-8") == as_yaml(), "run python -m shared.bus.asyncapi"


def test_the_file_reads_back_as_the_document(whole):
    assert yaml.safe_load(as_yaml()) == json.loads(json.dumps(whole))


def test_every_reference_leads_somewhere(whole):
    found = set(references(whole))
    assert len(found) > 20
    for reference in found:
        node = whole
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_topic_of_the_table_is_a_channel_with_a_payload(whole):
    channels = {channel["address"]: channel for channel in whole["channels"].values()}
    for topic in TOPICS:
        channel = channels[topic.name]
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        assert list(channel["messages"]) == [topic.payload]
        assert topic.payload in CONTENT_TYPES
    assert "tocsin/v1/{area}/{asset}/{sensor}" in channels


def test_every_channel_is_used_by_an_operation(whole):
    used = {operation["channel"]["$ref"] for operation in whole["operations"].values()}
    assert used == {f"#/channels/{name}" for name in whole["channels"]}
    assert {operation["action"] for operation in whole["operations"].values()} == {
        "send",
        "receive",
    }


def test_every_schema_is_a_schema(whole):
    for schema in whole["components"]["schemas"].values():
        jsonschema.Draft7Validator.check_schema(schema)


def test_an_event_is_as_described(whole):
    event = RiskEvent(
        id="e1",
        occurrence="e1",
        run="",
        kind=EventKind.RAISED,
        site="t3",
        asset="t3-s4",
        hazard=Hazard.GAS,
        level=Level.ORANGE,
        previous=None,
        decided_at=NOW,
        likelihood=0.9,
        consequence=0.5,
        sentence={"en": "x", "zh": "x"},
        detector="limits/1",
        reasons=(
            Reason(ReasonCode.LIMIT, "s", Quantity.O2, Level.ORANGE, 17.0, 18.0, "GB", "seen"),
        ),
        evidence=(Evidence("s", Quantity.O2, (NOW,), (17.0,)),),
    )
    said = json.loads(codec.encode_event(event))
    check(whole, "RiskEvent", said)

    with pytest.raises(jsonschema.ValidationError, match="purple"):
        check(whole, "RiskEvent", {**said, "level": "purple"})


def test_a_refusal_and_a_statement_are_as_described(whole):
    refused = Refused(
        reason="too-large", detail="d", topic="t", received_at_us=1, payload=b"\0", payload_size=1
    )
    check(whole, "Refused", json.loads(codec.encode_refused(refused)))
    statement = Statement(service="ingest", instance="i", stated_at_us=1, counts={"received": 1})
    check(whole, "Statement", json.loads(codec.encode_statement(statement)))


def test_the_fields_of_a_pack_are_described_in_the_order_they_are_sent(whole):
    described = whole["components"]["schemas"]["Pack"]["items"]
    assert [item["title"] for item in described] == list(Pack.__struct_fields__)
    empty = Pack(1, "t3", "d", 1, "", False, [], b"", b"", b"", b"")
    assert len(msgspec.to_builtins(empty)) == len(described)


def test_a_decision_has_the_fields_the_alert_service_gives_it(whole):
    described = whole["components"]["schemas"]["Decision"]
    _, theirs = msgspec.json.schema_components([Decision], ref_template="{name}")
    assert list(described["properties"]) == list(theirs["Decision"]["properties"])
    assert described["required"] == theirs["Decision"]["required"]


@pytest.mark.parametrize(
    ("name", "kind"), [("FieldReading", json_v1_fields.Reading), ("FieldPack", json_v1_fields.Pack)]
)
def test_the_fields_of_a_device_message_are_those_ingest_reads(whole, name, kind):
    described = whole["components"]["schemas"][name]
    assert set(described["properties"]) == set(kind.__struct_fields__)


@pytest.mark.parametrize(
    "message",
    [
        {"value": 17.0},
        {
            "measured_at": "2026-11-23T08:00:00.000Z",
            "value": 17,
            "quality": "good",
            "seq": 12,
            "unit": "%vol",
            "historical": False,
            "run": "",
        },
        {"value": 1, "measured_at": 1.7e12, "quality": None},
    ],
)
def test_what_a_device_may_send_is_as_described(whole, message):
    msgspec.json.decode(json.dumps(message), type=json_v1_fields.Reading)
    check(whole, "FieldReading", message)
    check(whole, "FieldPack", {"readings": [{"sensor": "s", **message}]})
    with pytest.raises(jsonschema.ValidationError):
        check(whole, "FieldPack", {"readings": [message]})


def test_the_sentence_below_a_field_is_its_description():
    sentences = field_sentences(Statement)
    assert sentences["instance"] == "Process incarnation for ingest, partition for the detector."
    described = schemas()["Statement"]["properties"]["instance"]
    assert described == {"type": "string", "description": sentences["instance"]}


def test_the_document_can_be_had_as_json(capsys):
    main(["--json"])
    said = json.loads(capsys.readouterr().out)

    assert said["asyncapi"] == "3.0.0"
    assert READINGS in {channel["address"] for channel in said["channels"].values()}
