"""The bus and the field as an AsyncAPI 3.0 document, made from the table of topics.

``python -m shared.bus.asyncapi`` writes ``docs/asyncapi.yaml``; with ``--json`` it prints JSON.
A test fails while the file says anything else than the table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from shared.bus.asyncapi_payloads import CONTENT_TYPES, JSON, Schema, schemas
from shared.bus.topics import RECORD_BYTES_MAX, TOPICS, Topic

FILE: Final = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
HEAD: Final = "# Written by `python -m shared.bus.asyncapi`; edit shared/bus/topics.py instead.\n"
SERVICES: Final = ("ingest", "detector", "alerts")
API_VERSION: Final = "1.0.0"
KAFKA_BINDING: Final = "0.5.0"
MQTT_BINDING: Final = "0.2.0"


def document() -> Schema:
    """The whole document, as plain dictionaries and lists in reading order."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin",
            "version": API_VERSION,
            "description": "What devices send to Tocsin over MQTT, and what its services say to "
            "each other on Kafka. The embedded bus has the same topics and payloads.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON,
        "servers": {
            "field": {"host": "localhost:1883", "protocol": "mqtt"},
            "bus": {"host": "localhost:9092", "protocol": "kafka"},
        },
        "channels": {**_field_channels(), **{_id(topic): _channel(topic) for topic in TOPICS}},
        "operations": _operations(),
        "components": {
            "messages": {name: _message(name) for name in CONTENT_TYPES},
            "schemas": schemas(),
        },
    }


def as_yaml() -> str:
    """The text of ``docs/asyncapi.yaml``."""
    return HEAD + yaml.dump(
        document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100
    )


class _Plain(yaml.SafeDumper):
    """Writes a thing twice rather than pointing at where it stood first."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _id(topic: Topic) -> str:
    first, *rest = topic.name.removeprefix("tocsin.").split(".")
    return first + "".join(word.capitalize() for word in rest)


def _ref(*path: str) -> Schema:
    return {"$ref": "/".join(["#", *path])}


def _channel(topic: Topic) -> Schema:
    readers = ", ".join(topic.readers)
    return {
        "address": topic.name,
        "title": _id(topic),
        "summary": topic.summary,
        "description": f"Key: {topic.key}. Written by {topic.writer}, read by {readers}.",
        "servers": [_ref("servers", "bus")],
        "messages": {topic.payload: _ref("components", "messages", topic.payload)},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": _kept(topic),
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _kept(topic: Topic) -> Schema:
    if topic.compacted:
        return {"cleanup.policy": ["compact"]}
    for_ever = -1
    kept_ms = for_ever if topic.retention_ms is None else topic.retention_ms
    return {"cleanup.policy": ["delete"], "retention.ms": kept_ms}


def _message(name: str) -> Schema:
    message: Schema = {
        "name": name,
        "contentType": CONTENT_TYPES[name],
        "payload": _ref("components", "schemas", name),
    }
    topic = next((topic for topic in TOPICS if topic.payload == name), None)
    if topic is not None:
        message["summary"] = topic.summary
        message["description"] = f"At most {RECORD_BYTES_MAX} bytes."
        if topic.compacted:
            message["description"] += " A record without a value deletes its key."
        key = {"type": "string", "description": topic.key}
        message["bindings"] = {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}}
    return message


def _field_channels() -> Schema:
    place = {
        "area": {"description": "Id of the area the asset lies in."},
        "asset": {"description": "Id of the asset the sensor hangs on."},
    }
    return {
        "fieldReading": {
            "address": "tocsin/v1/{area}/{asset}/{sensor}",
            "title": "fieldReading",
            "summary": "One reading of one sensor.",
            "servers": [_ref("servers", "field")],
            "parameters": {**place, "sensor": {"description": "Id of the sensor."}},
            "messages": {"FieldReading": _ref("components", "messages", "FieldReading")},
        },
        "fieldPack": {
            "address": "tocsin/v1/{area}/{asset}/_",
            "title": "fieldPack",
            "summary": "Several readings of one gateway; area and asset are the gateway's own.",
            "servers": [_ref("servers", "field")],
            "parameters": place,
            "messages": {"FieldPack": _ref("components", "messages", "FieldPack")},
        },
    }


def _operations() -> Schema:
    made: Schema = {}
    for channel in _field_channels():
        made[f"ingestReceives{_upper(channel)}"] = _operation("receive", channel) | {
            "summary": "Acknowledged at QoS 1 only once the bus has taken or refused it.",
            "bindings": {"mqtt": {"qos": 1, "bindingVersion": MQTT_BINDING}},
        }
    for topic in TOPICS:
        writers = [name.strip() for name in topic.writer.split(",")]
        for service in (one for one in writers if one in SERVICES):
            made[f"{service}Sends{_upper(_id(topic))}"] = _operation("send", _id(topic))
        for service in (one for one in topic.readers if one in SERVICES):
            made[f"{service}Receives{_upper(_id(topic))}"] = _operation("receive", _id(topic))
    return made


def _operation(action: str, channel: str) -> Schema:
    return {"action": action, "channel": _ref("channels", channel)}


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]


def main(arguments: Sequence[str]) -> None:
    if "--json" in arguments:
        sys.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
        return
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(as_yaml(), encoding="utf-8")
    sys.stdout.write(f"{FILE} written\n")


if __name__ == "__main__":
    main(sys.argv[1:])
