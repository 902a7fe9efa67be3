"""Schemas of what lies in a record, made from the types that encode it.

Law: what a type can say is taken from the type, the sentences below its fields included. Only
payloads whose types live inside a service are written out here, and a test compares each of
those with the service's own type.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any, Final, get_type_hints

import msgspec

from shared.bus.codec import PACK_VERSION, Pack, Refused, Statement
from shared.domain.event import Evidence, Reason, RiskEvent
from shared.domain.reading import Quality

Schema = dict[str, Any]

JSON: Final = "application/json"
MSGPACK: Final = "application/msgpack"
BYTES: Final = "application/octet-stream"

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "Pack": MSGPACK,
    "Refused": JSON,
    "RiskEvent": JSON,
    "Statement": JSON,
    "CheckpointShard": BYTES,
    "Decision": JSON,
    "FieldReading": JSON,
    "FieldPack": JSON,
}

_REF: Final = "#/components/schemas/{name}"
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_TEXT: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_TEXTS: Final[Schema] = {"type": "array", "items": {"type": "string"}}


def schemas() -> dict[str, Schema]:
    """Every payload of the table and of the field, by name, with what they refer to."""
    described: tuple[type, ...] = (RiskEvent, Reason, Evidence, Refused, Statement)
    _, found = msgspec.json.schema_components(described, ref_template=_REF)
    for kind in described:
        _explain(kind, found[kind.__name__])
    return {
        **found,
        "Pack": _pack(),
        "CheckpointShard": _checkpoint_shard(),
        "Decision": _decision(),
        "FieldReading": _field_reading(),
        "FieldPack": _field_pack(),
    }


def field_sentences(kind: type) -> dict[str, str]:
    """The sentence written below each field of a class, in one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(sentence))),
            ):
                found[name] = " ".join(sentence.split())
    return found


def _explain(kind: type, schema: Schema) -> None:
    hints = get_type_hints(kind)
    for name, sentence in field_sentences(kind).items():
        schema["properties"][name] = {**schema["properties"][name], "description": sentence}
    for name, hint in hints.items():
        if hint is datetime:
            schema["properties"][name]["format"] = "date-time"
        elif hint == tuple[datetime, ...]:
            schema["properties"][name]["items"]["format"] = "date-time"
    if not is_dataclass(kind):
        # A struct of the codec is read leniently: later versions may add fields.
        schema["additionalProperties"] = True


_PACK_TYPES: Final[Mapping[Any, Schema]] = {
    int: {"type": "integer"},
    str: _TEXT,
    bool: {"type": "boolean"},
    list[str]: _TEXTS,
    bytes: {"type": "string", "format": "binary"},
}


def _pack() -> Schema:
    sentences = field_sentences(Pack)
    items = []
    for name, hint in get_type_hints(Pack).items():
        item = {"title": name, **_PACK_TYPES[hint]}
        if name in sentences:
            item["description"] = sentences[name]
        if name == "version":
            item["const"] = PACK_VERSION
        items.append(item)
    return {
        "title": "Pack",
        "description": f"{inspect.getdoc(Pack)} A MessagePack array of these, in this order.",
        "type": "array",
        "items": items,
        "minItems": len(items),
    }


def _checkpoint_shard() -> Schema:
    return {
        "title": "CheckpointShard",
        "description": "Bytes only the detector reads: a piece of a compressed checkpoint, or "
        "the manifest that makes the pieces of one generation whole.",
        "type": "string",
        "format": "binary",
    }


def _decision() -> Schema:
    return _object(
        "Decision",
        "What was decided about an incident, and on what grounds.",
        {
            "incident": _TEXT,
            "run": _TEXT,
            "at": _TIME,
            "happening": _TEXT,
            "by": _TEXT,
            "event": {**_TEXT_OR_NULL, "description": "Id of the risk event that caused it."},
            "phase_before": _TEXT_OR_NULL,
            "phase": _TEXT,
            "level": {"$ref": _REF.format(name="Level")},
            "version": {"type": "integer"},
            "effects": _TEXTS,
            "owed": {**_TEXTS, "description": "Keys of the messages it owes."},
            "policy": {**_TEXT, "description": "Version of the policy it was made under."},
        },
    )


_MOMENT: Final[Schema] = {
    "description": "RFC 3339 with a zone, or Unix time: seconds below 1e11, else milliseconds. "
    "Without it the moment of receipt is used.",
    "anyOf": [_TIME, {"type": "number"}, {"type": "null"}],
}
_COMMON: Final[Mapping[str, Schema]] = {
    "measured_at": _MOMENT,
    "quality": {"enum": [*(quality.value for quality in Quality), None]},
    "unit": {**_TEXT_OR_NULL, "description": "Without it, the unit the registry gives."},
    "historical": {
        "type": ["boolean", "null"],
        "description": "Stored and scored, but too late to wake anybody.",
    },
    "run": {
        **_TEXT_OR_NULL,
        "maxLength": 80,
        "description": "Name of a drill or replay; empty or absent for the real city.",
    },
}


def _field_reading() -> Schema:
    own: dict[str, Schema] = {
        "value": {"type": "number"},
        "sensor": {**_TEXT, "description": "In a pack, whose value it is; else the topic's."},
        "seq": {"type": ["integer", "null"], "minimum": 0},
    }
    return _object(
        "FieldReading",
        "One reading as a device sends it.",
        {**own, **_COMMON},
        required=("value",),
    )


def _field_pack() -> Schema:
    readings: Schema = {
        "type": "array",
        "items": {
            "allOf": [{"$ref": _REF.format(name="FieldReading")}, {"required": ["sensor"]}],
        },
    }
    return _object(
        "FieldPack",
        "Several readings a gateway sends at once; what stands beside them counts for each that "
        "does not say otherwise.",
        {"readings": readings, **_COMMON},
        required=("readings",),
    )


def _object(
    title: str,
    description: str,
    properties: Mapping[str, Schema],
    *,
    required: tuple[str, ...] | None = None,
) -> Schema:
    return {
        "title": title,
        "description": description,
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
    }
