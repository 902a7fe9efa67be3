"""The tables of ``docs/scenarios.md``: every kind of happening and of fault with its fields.

``python -m simulators.scenario_page`` writes them below the mark in the page, from the models; a
test fails while the page says anything else. What stands above the mark is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from simulators.happenings.common import Truth
from simulators.scenario import list_scenarios
from simulators.scenario_kinds import FAMILIES, FAULTS, kind_of
from simulators.scenario_model import Entry, Scenario
from simulators.scenario_words import COMMON, first_words, words_of

PAGE: Final = Path(__file__).parents[1] / "docs" / "scenarios.md"
MARK: Final = "<!-- Below: written by `python -m simulators.scenario_page` from the models. -->\n"
_EVERYWHERE: Final = {*COMMON, "kind"}
_MODELS: Final = {
    "Words": "text, or `en:` and `zh:`",
    "NetworkCity": "`network:` with `sensors:`, `flows:`, `interval_s:`",
    "GeneratedCity": "`generated:` with `seed:`",
    "Happening": "the kinds below",
    "Fault": "the kinds below",
    "Entry": "the lines below",
}


def tables() -> str:
    """Everything below the mark."""
    return "\n".join(_lines()) + "\n"


def page(text: str) -> str:
    """The page with its tables as they must be now; ``text`` is what it says so far."""
    above, mark, _ = text.partition(MARK)
    assert mark, "the page has lost its mark"
    return f"{above}{MARK}\n{tables()}"


def _lines() -> Iterator[str]:
    yield "## The library"
    yield ""
    yield "| id | name | story |"
    yield "|---|---|---|"
    for one in list_scenarios():
        yield f"| {one.id or ''} | {one.name} | {one.summary} |"
    yield ""
    yield "## Fields of a file"
    yield ""
    yield from _table(Scenario, leave_out=set())
    yield ""
    yield "### `truth` of a happening or fault"
    yield ""
    yield from _table(Truth, leave_out=set())
    yield ""
    yield "### A line of the list `truth:`"
    yield ""
    yield from _table(Entry, leave_out=set())
    yield ""
    yield "## Kinds of happenings"
    yield ""
    yield "All take `asset`, `from_s`, `until_s` and `truth`."
    for family, models in FAMILIES.items():
        for model in models:
            yield from _kind(model, f"{family}: ")
    yield ""
    yield "## Kinds of faults"
    yield ""
    yield "All take `sensor`, or `asset` or `site` with or without `quantity`; `from_s`, `until_s`"
    yield "(left out: to the end) and `truth`. Several on one sensor are laid over each other."
    for fault in FAULTS.values():
        yield from _kind(fault, "")


def _kind(model: type[BaseModel], before: str) -> Iterator[str]:
    yield ""
    yield f"### {before}`{kind_of(model)}`"
    yield ""
    yield _markdown(first_words(model))
    rows = list(_table(model, leave_out=_EVERYWHERE))
    if len(rows) > 2:
        yield ""
        yield from rows


def _table(model: type[BaseModel], *, leave_out: set[str]) -> Iterator[str]:
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    words = {**COMMON, **words_of(model)}
    yield "| field | value | default | meaning |"
    yield "|---|---|---|---|"
    for name, field in schema["properties"].items():
        if name in leave_out:
            continue
        default = "needed" if name in required else _default(field.get("default"))
        meaning = _markdown(words.get(name, "")).replace("|", "\\|")
        said = _type(field, schema.get("$defs", {}))
        yield f"| `{name}` | {said} | {default} | {meaning} |"


def _default(value: Any) -> str:
    if value is None or value == []:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _type(field: dict[str, Any], defs: dict[str, Any]) -> str:
    if "anyOf" in field:
        kinds = [_type(one, defs) for one in field["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in field:
        name = str(field["$ref"].rpartition("/")[2])
        return _type(defs[name], defs) if "enum" in defs[name] else _MODELS.get(name, name.lower())
    if "enum" in field:
        return ", ".join(str(one) for one in field["enum"])
    if "const" in field:
        return str(field["const"])
    kind = str(field.get("type", "value"))
    if kind == "array":
        items = field.get("items")
        return f"list of {_type(items, defs)}" if items else "pair of numbers"
    word = {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(kind, kind)
    return f"{word}{_bounds(field)}"


def _bounds(field: dict[str, Any]) -> str:
    signs = {"exclusiveMinimum": ">", "minimum": ">=", "maximum": "<=", "exclusiveMaximum": "<"}
    said = [f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field]
    return f" {', '.join(said)}" if said else ""


def _markdown(text: str) -> str:
    return text.replace("``", "`")


def main() -> None:
    """Write the page, from the root of a checkout."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")


if __name__ == "__main__":
    main()
