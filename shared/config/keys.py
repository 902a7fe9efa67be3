"""The leaf keys of a settings model: their paths, their environment names, what they take.

A key is the path of field names from the root; its environment variable is the path in upper
case behind the prefix, so ``alerts.http.port`` is ``TOCSIN_ALERTS_HTTP_PORT``. Names are matched
against the model's own paths, never split at underscores.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

_SECRET_WORDS: Final = frozenset({"token", "secret", "password", "passphrase", "credentials"})


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A field that holds a value of its own, not a section."""

    path: tuple[str, ...]
    env: str
    field: FieldInfo
    default: Any
    """``REQUIRED`` where there is none."""

    @property
    def key(self) -> str:
        return ".".join(self.path)

    @property
    def secret(self) -> bool:
        """Whether the value must never be shown: by its type, or by a word of its name."""
        return is_secret(self.path[-1], self.field.annotation)

    @property
    def structured(self) -> bool:
        """Whether an environment variable must spell the value as JSON."""
        return any(get_origin(kind) or kind in (list, tuple, dict, set, frozenset)
                   or _is_model(kind) for kind in _members(self.field.annotation)
                   if get_origin(kind) is not typing.Literal)  # fmt: skip

    @property
    def listed(self) -> bool:
        """Whether the value is a plain list, which may also be spelled with commas."""
        kinds = [kind for kind in _members(self.field.annotation) if kind is not type(None)]
        return bool(kinds) and all(
            get_origin(kind) in (list, tuple, set, frozenset)
            and not any(_is_model(part) or get_origin(part) for part in get_args(kind))
            for kind in kinds
        )

    @property
    def choices(self) -> dict[str, Any]:
        """The allowed values by how they are spelled, where the type lists them."""
        return {
            str(value): value
            for kind in _members(self.field.annotation)
            if get_origin(kind) is typing.Literal
            for value in get_args(kind)
        }

    @property
    def nullable(self) -> bool:
        return type(None) in _members(self.field.annotation)


REQUIRED: Final = object()


def is_secret(name: str, annotation: Any = None) -> bool:
    """Whether a field of this name or type holds what nobody else may see."""
    by_type = any(kind in (SecretStr, SecretBytes) for kind in _members(annotation))
    return by_type or bool(_SECRET_WORDS & set(name.lower().split("_")))


def field_at(model: type[BaseModel], path: tuple[str | int, ...]) -> FieldInfo | None:
    """The field at the end of ``path``; None where the path leaves the models."""
    names = [step for step in path if isinstance(step, str)]
    section = section_at(model, path[:-1])
    return None if section is None or not names else section.model_fields.get(names[-1])


def leaves(model: type[BaseModel], *, prefix: str = "TOCSIN") -> tuple[Leaf, ...]:
    """Every leaf of ``model`` in the order its fields are written."""
    return tuple(_leaves(model, (), prefix, None))


def section_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model that stands at ``path``, through lists and mappings too; None if none does."""
    here: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int):
            continue
        field = None if here is None else here.model_fields.get(step)
        if field is None:
            continue
        here = next((kind for kind in _deep(field.annotation) if _is_model(kind)), None)
    return here


def type_name(annotation: Any) -> str:
    """A type as it may stand in a table for people."""
    if get_origin(annotation) is typing.Literal:
        return " | ".join(str(value) for value in get_args(annotation))
    if annotation is type(None):
        return "null"
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return " | ".join(type_name(kind) for kind in get_args(annotation))
    if get_origin(annotation) is typing.Annotated:
        return type_name(get_args(annotation)[0])
    origin = get_origin(annotation)
    if origin is not None:
        parts = [type_name(kind) for kind in get_args(annotation) if kind is not Ellipsis]
        mapping = issubclass(origin, Mapping)
        return f"mapping of {' to '.join(parts)}" if mapping else f"list of {', '.join(parts)}"
    words = {"str": "text", "SecretStr": "text", "int": "whole number", "float": "number",
             "bool": "true | false", "Path": "path"}  # fmt: skip
    name = getattr(annotation, "__name__", str(annotation))
    return words.get(name, name)


def _leaves(
    model: type[BaseModel], above: tuple[str, ...], prefix: str, example: BaseModel | None
) -> Iterator[Leaf]:
    for name, field in model.model_fields.items():
        path = (*above, name)
        default = _default(field, example, name)
        section = next((kind for kind in _members(field.annotation) if _is_model(kind)), None)
        if section is not None:
            below = default if isinstance(default, BaseModel) else None
            yield from _leaves(section, path, prefix, below)
        else:
            env = "_".join([prefix, *path]).upper()
            yield Leaf(path=path, env=env, field=field, default=default)


def _default(field: FieldInfo, example: BaseModel | None, name: str) -> Any:
    # A section's default may be an instance that differs from its class's own defaults.
    if example is not None:
        return getattr(example, name)
    if field.is_required():
        return REQUIRED
    return field.get_default(call_default_factory=True, validated_data={})


def _members(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union, or the one type."""
    if get_origin(annotation) is typing.Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(kind for part in get_args(annotation) for kind in _members(part))
    return (annotation,)


def _deep(annotation: Any) -> Iterator[Any]:
    for kind in _members(annotation):
        yield kind
        for part in get_args(kind):
            yield from _deep(part)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
