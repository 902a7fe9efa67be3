"""YAML that remembers its lines, for files people write by hand.

Law 1: no tag makes an object. A scalar is text, a whole number, a decimal, true, false or null;
words such as ``no`` and ``12:30`` stay the text they look like.

Law 2: every key is text and stands once in its mapping; every duplicate is named.

Law 3: size, depth and expansion are bounded, so a small file cannot become a large value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from shared.config.complaint import Complaint, one_line, shown

BYTES_MAX: Final = 16 * 1024 * 1024
DEPTH_MAX: Final = 40
NODES_MAX: Final = 2_000_000

Value: TypeAlias = "str | int | float | bool | list[Node] | dict[str, Node] | None"

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL: Final = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z")
_WORDS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line it starts on, counted from 1."""

    value: Value
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)
    """For a mapping: the line each key stands on."""

    def plain(self) -> Any:
        """The same value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_text(
    path: Path, *, bytes_max: int = BYTES_MAX
) -> tuple[str | None, tuple[Complaint, ...]]:
    """A file's text, or the one complaint that says why there is none."""
    name = str(path)

    def refuse(what: str, mend: str) -> tuple[None, tuple[Complaint, ...]]:
        return None, (Complaint(name, None, what, mend),)

    try:
        with path.open("rb") as stream:
            raw = stream.read(bytes_max + 1)
    except FileNotFoundError:
        return refuse("there is no such file", "create it or name another")
    except IsADirectoryError:
        return refuse("is a folder, not a file", "name a file inside it")
    except OSError as error:
        return refuse(f"cannot be read: {error.strerror or error}", "check its permissions")
    if len(raw) > bytes_max:
        return refuse(f"is larger than {bytes_max} bytes", "split it or remove what is not needed")
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, (Complaint(name, line, "is not UTF-8 text", "save it as UTF-8"),)


def load_marked(
    path: Path, *, bytes_max: int = BYTES_MAX
) -> tuple[Node | None, tuple[Complaint, ...]]:
    """The document of a file; None beside complaints when nothing of it can be used."""
    text, complaints = read_text(path, bytes_max=bytes_max)
    return (None, complaints) if text is None else read_marked(text, file=str(path))


def read_marked(text: str, *, file: str) -> tuple[Node | None, tuple[Complaint, ...]]:
    """The one document in ``text``; an empty text is a null at line 1."""
    builder = _Builder(file)
    loader = _LOADER(text)
    try:
        while (event := loader.get_event()) is not None:
            builder.take(event)
    except yaml.YAMLError as error:
        return None, (*builder.complaints, _syntax_complaint(error, text, file))
    except _UnusableError as error:
        return None, (*builder.complaints, error.complaint)
    finally:
        loader.dispose()
    return builder.root or Node(None, 1), tuple(builder.complaints)


class _UnusableError(Exception):
    def __init__(self, complaint: Complaint) -> None:
        self.complaint = complaint
        super().__init__(str(complaint))


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not come yet."""

    node: Node
    anchor: str | None
    key: str | None = None
    """The key whose value comes next."""
    key_line: int = 0
    skip: bool = False
    """The key was refused, so its value is read and dropped."""
    size: int = 1


class _Builder:
    """Parser events to nodes, without recursion, so that depth costs no stack."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._documents = 0
        self.root: Node | None = None
        self.complaints: list[Complaint] = []

    def take(self, event: yaml.Event) -> None:
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._unusable(line, "a second document starts", "keep one document per file")
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                mend = "write the value out"
                raise self._unusable(line, f"alias {shown(event.anchor)} names nothing yet", mend)
            node, size = self._anchors[event.anchor]
            self._place(Node(node.value, line, node.key_lines), size, None)
        elif isinstance(event, yaml.MappingStartEvent):
            self._start(_Open(Node({}, line), event.anchor))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._start(_Open(Node([], line), event.anchor))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            done = self._open.pop()
            self._place(done.node, done.size, done.anchor)

    def _start(self, opened: _Open) -> None:
        if len(self._open) >= DEPTH_MAX:
            raise self._unusable(
                opened.node.line, f"is nested deeper than {DEPTH_MAX} levels", "write it flatter"
            )
        self._refuse_as_key(opened.node.line)
        self._open.append(opened)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.node.value, dict) and top.key is None:
            self._key(top, str(event.value), line)
        else:
            self._place(Node(_value_of(event), line), 1, event.anchor)

    def _key(self, top: _Open, key: str, line: int) -> None:
        top.key, top.key_line = key, line
        first = top.node.key_lines.get(key)
        top.skip = key == "<<" or first is not None
        if key == "<<":
            self._complain(line, "merge key '<<' is not understood", "write the merged keys out")
        elif first is not None:
            what = f"key {shown(key)} stands twice, first at line {first}"
            self._complain(line, what, "keep one of them")

    def _refuse_as_key(self, line: int) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.node.value, dict) and top.key is None:
            raise self._unusable(
                line, "a key is a list, a mapping or an alias", "use a plain word as the key"
            )

    def _place(self, node: Node, size: int, anchor: str | None) -> None:
        """Put a finished node where it belongs: into what is open, or at the root."""
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self.root = node
            return
        self._refuse_as_key(node.line)
        top = self._open[-1]
        top.size += size
        if top.size > NODES_MAX:
            raise self._unusable(
                node.line, f"holds more than {NODES_MAX} values", "use fewer aliases"
            )
        if isinstance(top.node.value, list):
            top.node.value.append(node)
            return
        assert isinstance(top.node.value, dict)
        assert top.key is not None
        if not top.skip:
            top.node.value[top.key] = node
            top.node.key_lines[top.key] = top.key_line
        top.key = None

    def _complain(self, line: int, what: str, mend: str) -> None:
        self.complaints.append(Complaint(self._file, line, what, mend))

    def _unusable(self, line: int, what: str, mend: str) -> _UnusableError:
        return _UnusableError(Complaint(self._file, line, what, mend))


def _value_of(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text = str(event.value)
    if event.style in {"'", '"', "|", ">"}:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.match(text) and len(text) < 20:  # noqa: PLR2004  more digits than any count has
        return int(text)
    # A leading zero is a phone number or a code, not a quantity.
    if _DECIMAL.match(text) and not re.match(r"[-+]?0[0-9]", text):
        return float(text)
    return text


def _syntax_complaint(error: yaml.YAMLError, text: str, file: str) -> Complaint:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = None if mark is None else mark.line + 1
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "cannot start any token" in problem and "\t" in _line_of(text, line):
        return Complaint(file, line, "a tab is used as indentation", "indent with spaces")
    mend = "check the indentation, quotes and colons around this line"
    return Complaint(file, line, f"is not valid YAML: {one_line(problem, most=120)}", mend)


def _line_of(text: str, line: int | None) -> str:
    lines = text.splitlines()
    return lines[line - 1] if line is not None and line <= len(lines) else ""
