"""One mapping of a registry file, read field by field; every fault is noted, none is raised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from shared.config.complaint import did_you_mean, shown
from shared.config.marked_yaml import Node
from shared.registry.draft import Notes, Spot, id_fault

E = TypeVar("E", bound=StrEnum)


class Fields:
    """The fields of one ``thing``; a read that fails notes why and makes ``sound`` False."""

    def __init__(self, node: Node, *, file: str, thing: str, notes: Notes) -> None:
        assert isinstance(node.value, dict)
        self._nodes = node.value
        self._key_lines = node.key_lines
        self._file = file
        self._notes = notes
        self._read: set[str] = set()
        self.thing = thing
        self.spot = Spot(file, node.line)
        self.sound = True

    def complain(self, what: str, mend: str, *, key: str | None = None) -> None:
        self.sound = False
        spot = self.spot if key is None else self.spot_of(key)
        self._notes.error(spot, f"{self.thing}: {what}", mend)

    def _take(self, key: str) -> Node | None:
        self._read.add(key)
        node = self._nodes.get(key)
        return None if node is None or node.value is None else node

    def spot_of(self, key: str) -> Spot:
        """Where a field stands, or the whole thing where it does not."""
        return Spot(self._file, self._key_lines.get(key, self.spot.line))

    def text(self, key: str, default: str | None = None) -> str:
        """A non-empty text; without ``default`` it must be there."""
        node = self._take(key)
        if node is None:
            if default is None:
                self.complain(f"{key} is missing", f"add {key}: ...")
            return default or ""
        value = node.value
        # A name such as 110 is a number to YAML and a name to whoever wrote it.
        if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
            self.complain(f"{key} is not text", f"write {key} as plain text", key=key)
            return default or ""
        return str(value)

    def id(self, key: str = "id") -> str:
        """An id that MQTT topics allow; empty where there is none at all."""
        value = self.text(key)
        if value and (fault := id_fault(value)):
            self.complain(
                f"{key} {shown(value)} {fault}", "use letters, digits and dashes", key=key
            )
        return value

    def choice(self, key: str, members: type[E]) -> E | None:
        value = self.text(key)
        if not value:
            return None
        known = [member.value for member in members]
        if value not in known:
            mend = did_you_mean(value, known, otherwise=f"use one of {', '.join(known)}")
            self.complain(f"{key} {shown(value)} is not known", mend, key=key)
            return None
        return members(value)

    def number(self, key: str, default: float | None = None) -> float | None:
        """A finite number, or ``default`` where there is none."""
        node = self._take(key)
        if node is None:
            return default
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.complain(
                f"{key} is not a number: {shown(node.plain())}", "write it in digits", key=key
            )
            return default
        if not math.isfinite(value):
            self.complain(f"{key} is not finite", "write it in digits", key=key)
            return default
        return float(value)

    def needed_number(self, key: str) -> float:
        """A finite number that must be there; nan, noted, where it is not."""
        before = self.sound
        value = self.number(key)
        if value is None:
            if self._nodes.get(key) is None or (before and self.sound):
                self.complain(f"{key} is missing", f"add {key}: ...")
            return math.nan
        return value

    def whole(self, key: str, default: int | None = None) -> int | None:
        value = self.number(key)
        if value is None:
            return default
        if value != int(value):
            self.complain(f"{key} is not a whole number: {value}", "drop the decimals", key=key)
            return default
        return int(value)

    def texts(self, key: str, *, one_is_list: bool = False) -> list[str]:
        """A list of texts; empty where there is none."""
        node = self._take(key)
        if node is None:
            return []
        if one_is_list and isinstance(node.value, str):
            return [node.value]
        if not isinstance(node.value, list):
            self.complain(f"{key} is not a list", f"write {key}: [one, two]", key=key)
            return []
        found = []
        for item in node.value:
            if isinstance(item.value, bool) or not isinstance(item.value, (str, int)):
                self.complain(f"{key} holds something that is no text", "use plain words", key=key)
            else:
                found.append(str(item.value))
        return found

    def rows(self, key: str, thing: str) -> Iterator[Fields]:
        """Each mapping of a list, as fields of its own; what is no mapping is noted."""
        node = self._take(key)
        if node is None:
            return
        if not isinstance(node.value, list):
            self.complain(f"{key} is not a list", f"write {key} as a list of '- ' items", key=key)
            return
        for item in node.value:
            if isinstance(item.value, dict):
                name = item.value.get("id")
                label = thing if name is None else f"{thing} {shown(name.plain())}"
                yield Fields(item, file=self._file, thing=label, notes=self._notes)
            else:
                self.sound = False
                self._notes.error(
                    Spot(self._file, item.line),
                    f"{key} holds something that is no {thing}",
                    "write {key: value, ...}",
                )

    def no_more(self) -> None:
        """Note every field that nobody read."""
        for key in self._nodes:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                mend = did_you_mean(key, self._read, otherwise=f"known are {known}")
                self.complain(f"{shown(key)} is not a field of it", mend, key=key)
