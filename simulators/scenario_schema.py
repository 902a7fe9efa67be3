"""The JSON Schema of scenario files, for editors: ``docs/scenario.schema.json``.

``python -m simulators.scenario_schema`` writes it from the models; a test fails while the file
says anything else. Wherever a value may stand, so may a choice that is left to the seed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from simulators.scenario_kinds import FAULTS, HAPPENINGS
from simulators.scenario_model import Entry, Scenario
from simulators.scenario_words import COMMON, first_words, words_of

Schema: TypeAlias = dict[str, Any]

FILE: Final = Path(__file__).parents[1] / "docs" / "scenario.schema.json"
_CHOICE: Final[Schema] = {"$ref": "#/$defs/Choice"}
_NAME: Final[Schema] = {"type": "string"}
_NAMES: Final[Schema] = {"anyOf": [_NAME, {"type": "array", "items": _NAME}]}
_CHOICES: Final[Schema] = {
    "description": "A value left to the scenario's seed.",
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "any": {"description": "A kind of asset or site, or a quantity.", **_NAME},
                "site": _NAMES, "has": _NAMES, "but": _NAMES, "as": _NAME,
            },
            "required": ["any"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"one_of": {"type": "array", "minItems": 1}, "as": _NAME},
            "required": ["one_of"],
            "additionalProperties": False,
        },
        *(
            {
                "type": "object",
                "properties": {key: value},
                "required": [key],
                "additionalProperties": False,
            }
            for key, value in (
                (
                    "between",
                    {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
                ),
                ("same", _NAME),
                ("site_of", _NAME),
            )
        ),
    ],
}  # fmt: skip


def document() -> Schema:
    """The whole schema, as plain dictionaries and lists."""
    top = _described(Scenario)
    defs: Schema = top.pop("$defs")
    for kinds in (HAPPENINGS, FAULTS):
        for model in kinds.values():
            own = _described(model)
            defs |= own.pop("$defs", {})
            defs[model.__name__] = own
    for name in ("Happening", "Fault"):
        defs.pop(name, None)
    defs["Entry"] = _described(Entry)
    defs["Entry"].pop("$defs", None)
    for name in ("Truth", "Entry", *(m.__name__ for m in (*HAPPENINGS.values(), *FAULTS.values()))):
        defs[name]["properties"] = _open(defs[name]["properties"])
    defs["Choice"] = _CHOICES
    properties = top["properties"]
    properties["happenings"] = _one_of(HAPPENINGS, properties["happenings"])
    properties["faults"] = _one_of(FAULTS, properties["faults"])
    for key in ("summary", "expects"):
        properties[key] = {"anyOf": [_NAME, *_alternatives(properties[key])]}
    properties |= _open({key: properties[key] for key in ("sites", "start")})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": "Tocsin scenario",
        "$defs": dict(sorted(defs.items())),
    }


def as_json() -> str:
    """The text of ``docs/scenario.schema.json``."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _described(model: type[BaseModel]) -> Schema:
    """A model's schema with the words of its fields."""
    schema = model.model_json_schema()
    words = {**COMMON, **words_of(model)}
    for name, field in schema.get("properties", {}).items():
        field.pop("title", None)
        if name in words:
            field["description"] = words[name]
    if "kind" in model.model_fields:
        schema["description"] = first_words(model)
    return schema


def _one_of(kinds: Mapping[str, type[BaseModel]], field: Schema) -> Schema:
    refs = {kind: f"#/$defs/{model.__name__}" for kind, model in kinds.items()}
    return {
        **{key: value for key, value in field.items() if key == "description"},
        "type": "array",
        "items": {
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": "kind", "mapping": refs},
        },
    }


def _open(properties: Schema) -> Schema:
    """The same fields, each of which may also be a choice; but what kind it is stays said."""
    return {
        name: field if name == "kind" else _or_choice(field) for name, field in properties.items()
    }


def _or_choice(field: Schema) -> Schema:
    about: Schema = {key: field[key] for key in ("description", "default") if key in field}
    opened = [
        {**one, "items": {"anyOf": [one["items"], _CHOICE]}} if "items" in one else one
        for one in _alternatives({k: v for k, v in field.items() if k not in about})
    ]
    return {**about, "anyOf": [*opened, _CHOICE]}


def _alternatives(field: Schema) -> list[Schema]:
    found: list[Schema] = (
        field["anyOf"] if set(field) - {"default", "description"} == {"anyOf"} else [field]
    )
    return found


def main() -> None:
    """Write the file, from the root of a checkout."""
    FILE.write_text(as_json(), encoding="utf-8")
    sys.stdout.write(f"wrote {FILE.name}\n")


if __name__ == "__main__":
    main()
