"""Settings, read once: defaults, then one YAML file, then the environment; the last one wins.

Law 1: everything wrong is said at once, one line a fault, with its line or variable and the mend.

Law 2: a name nobody knows is refused, in the file and in the environment; a typo must not mean
"default".

Law 3: a secret is never repeated in a complaint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from shared.config.complaint import Complaint, did_you_mean, shown
from shared.config.keys import Leaf, field_at, is_secret, leaves, section_at
from shared.config.marked_yaml import Node, load_marked
from shared.config.wording import worded
from shared.errors import BadSettings

M = TypeVar("M", bound=BaseModel)

OF_OTHERS: Final = frozenset({"REQUIRE_REAL", "DATA_DIR", "NETWORKS"})
"""Variables behind the prefix that steer the test suite and are no settings."""
SECRET_SHOWN: Final = "***"  # noqa: S105  what stands in a secret's place


def load_settings(
    model: type[M], *, file: Path | None, env: Mapping[str, str], prefix: str = "TOCSIN"
) -> M:
    """``model`` from its defaults, ``file`` and ``env``.

    An environment variable that is empty counts as unset. One for a list or mapping is JSON; a
    plain list may also be given with commas. Raises BadSettings with every fault there is.
    """
    settings, complaints = read_settings(model, file=file, env=env, prefix=prefix)
    if settings is None:
        name = "settings" if file is None else f"settings {file}"
        raise BadSettings(name, tuple(str(one) for one in complaints))
    return settings


def read_settings(
    model: type[M], *, file: Path | None, env: Mapping[str, str], prefix: str = "TOCSIN"
) -> tuple[M | None, tuple[Complaint, ...]]:
    """The settings, or None beside everything that is wrong; never raises for what it reads."""
    known = leaves(model, prefix=prefix)
    root, complaints = _file_part(file)
    merged: dict[str, Any] = {} if root is None else root.plain()
    from_env, env_complaints = _env_part(known, env, prefix)
    for leaf, value in from_env.items():
        _put(merged, leaf.path, value)
    found = [*complaints, *env_complaints]
    settings = None
    try:
        settings = model.model_validate(merged)
    except ValidationError as error:
        source = _Source(model, file, root, {leaf.path: leaf for leaf in from_env}, known)
        secrets = _secret_values(merged, known)
        found += [_hidden(source.complaint(fault), secrets) for fault in error.errors()]
    ordered = sorted(found, key=lambda one: (one.line is None, one.line or 0))
    return (None if found else settings), tuple(ordered)


def _file_part(file: Path | None) -> tuple[Node | None, tuple[Complaint, ...]]:
    if file is None:
        return None, ()
    root, complaints = load_marked(file)
    if root is None or root.value is None:
        return None, complaints
    if not isinstance(root.value, dict):
        what, mend = "is not a mapping of sections", "start with a section such as bus:"
        return None, (*complaints, Complaint(str(file), root.line, what, mend))
    return root, complaints


def _env_part(
    known: tuple[Leaf, ...], env: Mapping[str, str], prefix: str
) -> tuple[dict[Leaf, Any], list[Complaint]]:
    by_name = {leaf.env: leaf for leaf in known}
    values: dict[Leaf, Any] = {}
    complaints = []
    head = f"{prefix}_"
    for name in sorted(env):
        if not name.startswith(head) or name.removeprefix(head) in OF_OTHERS:
            continue
        leaf = by_name.get(name)
        if leaf is None:
            mend = did_you_mean(name, by_name, otherwise="unset it")
            complaints.append(Complaint(name, None, "is not a setting", mend))
        elif env[name] != "":
            try:
                values[leaf] = _spelled(leaf, env[name])
            except ValueError:
                what = f"{leaf.key}: is not valid JSON"
                complaints.append(Complaint(name, None, what, "quote it as JSON"))
    return values, complaints


def _spelled(leaf: Leaf, text: str) -> Any:
    """The value an environment variable spells; ValueError for JSON that is none."""
    if not leaf.structured:
        if text in leaf.choices:
            return leaf.choices[text]
        return None if leaf.nullable and text == "null" else text
    if leaf.listed and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return json.loads(text)


def _put(merged: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    here = merged
    for step in path[:-1]:
        below = here.get(step)
        if not isinstance(below, dict):
            # What stands there is null or wrong; a section that is wrong keeps its complaint.
            if below is not None:
                return
            below = here[step] = {}
        here = below
    here[path[-1]] = value


class _Source:
    """Where each merged value came from, to say so in a complaint."""

    def __init__(
        self,
        model: type[BaseModel],
        file: Path | None,
        root: Node | None,
        from_env: dict[tuple[str, ...], Leaf],
        known: tuple[Leaf, ...],
    ) -> None:
        self._model = model
        self._file = file
        self._root = root
        self._from_env = from_env
        self._by_path = {leaf.path: leaf for leaf in known}

    def complaint(self, fault: Any) -> Complaint:
        """One pydantic fault, as a line for people."""
        path = tuple(fault["loc"])
        key = ".".join(str(step) for step in path)
        if fault["type"] == "missing":
            leaf = self._by_path.get(path)
            mend = f"set {key}" if leaf is None else f"set {key} in the file, or {leaf.env}"
            return self._at(path[:-1], f"{key}: is not set and has no default", mend)
        if fault["type"] == "extra_forbidden":
            section = section_at(self._model, path[:-1])
            fields = [] if section is None else list(section.model_fields)
            otherwise = f"known are {', '.join(fields)}" if fields else "remove it"
            mend = did_you_mean(str(path[-1]), fields, otherwise=otherwise)
            return self._at(path, f"{key}: is not a setting", mend)
        value = fault.get("input")
        leaf = self._by_path.get(path)
        what, mend = worded(
            fault["type"], str(fault["msg"]), value, () if leaf is None else leaf.choices
        )
        if not (self._secret(path) or isinstance(value, (dict, BaseModel, SecretStr, SecretBytes))):
            what = f"{what}, got {shown(_without_credentials(str(value)))}"
        return self._at(path, f"{key}: {what}" if key else what, mend)

    def _at(self, path: tuple[str | int, ...], what: str, mend: str) -> Complaint:
        for length in range(len(path), 0, -1):
            leaf = self._from_env.get(tuple(str(step) for step in path[:length]))
            if leaf is not None:
                return Complaint(leaf.env, None, what, mend)
        if self._file is None or self._root is None:
            return Complaint("settings", None, what, mend)
        return Complaint(str(self._file), _line(self._root, path), what, mend)

    def _secret(self, path: tuple[str | int, ...]) -> bool:
        return any(
            isinstance(step, str)
            and is_secret(step, getattr(field_at(self._model, path[: at + 1]), "annotation", None))
            for at, step in enumerate(path)
        )


def _line(root: Node, path: tuple[str | int, ...]) -> int | None:
    """The line of the deepest part of ``path`` that stands in the file; None for none of it."""
    here, line = root, None
    for step in path:
        if isinstance(here.value, dict) and step in here.value:
            line = here.key_lines[str(step)]
            here = here.value[str(step)]
        elif isinstance(here.value, list) and isinstance(step, int) and step < len(here.value):
            here = here.value[step]
            line = here.line
        else:
            break
    return line


def _secret_values(merged: Any, known: tuple[Leaf, ...]) -> list[str]:
    """Every secret among the values, longest first; one under 3 characters would blank words."""
    names = {leaf.path[-1] for leaf in known if leaf.secret}

    def walk(value: Any, name: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, below in value.items():
                yield from walk(below, str(key))
        elif isinstance(value, list):
            for below in value:
                yield from walk(below, name)
        elif value is not None and (name in names or is_secret(name)):
            yield str(value)
        elif isinstance(value, str):
            yield from _credentials(value)

    return sorted((one for one in walk(merged, "") if len(one) > 2), key=len, reverse=True)  # noqa: PLR2004


def _hidden(complaint: Complaint, secrets: list[str]) -> Complaint:
    """The complaint without any secret a validator may have repeated."""
    what = complaint.what
    for secret in secrets:
        what = what.replace(secret, SECRET_SHOWN)
    return Complaint(complaint.file, complaint.line, what, complaint.mend, complaint.severity)


def _without_credentials(text: str) -> str:
    for secret in sorted(_credentials(text), key=len, reverse=True):
        text = text.replace(secret, SECRET_SHOWN)
    return text


def _credentials(text: str) -> Iterator[str]:
    """What stands before a URL's host and after its path: there people put secrets."""
    _, mark, rest = text.partition("://")
    if mark:
        rest, _, query = rest.partition("?")
        userinfo, _, _ = rest.rpartition("@")
        yield from (part for part in (userinfo, query) if part)
