"""What may be set, as rows for tools and as a page for people; both come from the models."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from shared.config.keys import REQUIRED, Leaf, leaves, type_name


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    env: str
    type: str
    default: str
    doc: str


def describe(model: type[BaseModel], *, prefix: str = "TOCSIN") -> tuple[Row, ...]:
    """Every setting of ``model``, in the order it is written; secrets' defaults are not shown."""
    return tuple(
        Row(
            key=leaf.key,
            env=leaf.env,
            type=type_name(leaf.field.annotation) + _bounds(leaf),
            default=_default(leaf),
            doc=" ".join((leaf.field.description or "").split()),
        )
        for leaf in leaves(model, prefix=prefix)
    )


def configuration_page(model: type[BaseModel], *, prefix: str = "TOCSIN") -> str:
    """The configuration reference as Markdown, one table a section."""
    parts = [
        "# Configuration",
        "",
        "<!-- Written by `python -m services.settings_page` from the settings models. -->",
        "",
        "Tocsin reads one `tocsin.yaml`: the one in the working directory, or `--config FILE`.",
        "Every key is also an environment variable, which wins over the file; an empty one counts",
        "as unset. In a variable a list is written with commas or as JSON, a mapping as JSON.",
        "Relative paths start at the working directory. A name that is not in these tables is",
        "refused, and `tocsin check` says everything that is wrong with a file at once.",
        "",
    ]
    for section, rows in _sections(describe(model, prefix=prefix)):
        parts += [f"## {section}", "", "| key | variable | type | default | meaning |"]
        parts += ["|---|---|---|---|---|"]
        parts += [
            f"| `{row.key}` | `{row.env}` | {_cell(row.type)} | {_cell(row.default)} "
            f"| {_cell(row.doc)} |"
            for row in rows
        ]
        parts.append("")
    return "\n".join(parts)


def _sections(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    sections: dict[str, list[Row]] = {}
    for row in rows:
        sections.setdefault(row.key.split(".")[0], []).append(row)
    return list(sections.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _bounds(leaf: Leaf) -> str:
    words = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        f"{sign} {getattr(rule, name)}"
        for rule in leaf.field.metadata
        for name, sign in words.items()
        if getattr(rule, name, None) is not None
    ]
    return f" ({', '.join(found)})" if found else ""


def _default(leaf: Leaf) -> str:
    if leaf.default is REQUIRED:
        return "required"
    if isinstance(leaf.default, (SecretStr, SecretBytes)) or (leaf.secret and leaf.default):
        return "set, not shown"
    if leaf.default is None or leaf.default == "":
        return "none"
    return f"`{json.dumps(leaf.default, default=_plain, ensure_ascii=False).strip(chr(34))}`"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return str(value)
