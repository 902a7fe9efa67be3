"""One fault in a file somebody wrote: where it is, what is wrong, and the mend.

Whoever reads such files collects complaints and raises them together, so that nobody mends a
file one run at a time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SUGGEST_AMONG_MAX: Final = 5_000
"""Comparing a word with more candidates than this takes longer than it helps."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    """Works, and is probably not what was meant."""


@dataclass(frozen=True, slots=True)
class Complaint:
    file: str
    """The file as it was named to us, or the environment variable."""
    line: int | None
    """Counted from 1; None where a line says nothing, as for a variable or a missing file."""
    what: str
    mend: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        mark = "" if self.severity is Severity.ERROR else "warning: "
        return one_line(f"{where}: {mark}{self.what}; {self.mend}")

    def as_dict(self) -> dict[str, str | int | None]:
        """For JSON."""
        return {
            "file": self.file,
            "line": self.line,
            "severity": self.severity.value,
            "what": self.what,
            "mend": self.mend,
        }


def one_line(text: str, *, most: int = 400) -> str:
    """``text`` without line breaks or other control characters, cut at ``most`` characters."""
    flat = "".join(char if char.isprintable() else " " for char in text)
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def shown(value: object, *, most: int = 60) -> str:
    """A value as it may stand inside a complaint: quoted, in one line, short."""
    text = one_line(str(value), most=most)
    return f"'{text}'"


def suggestion(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate somebody who wrote ``word`` most likely meant, if one is close."""
    known = list(candidates)
    if len(known) > SUGGEST_AMONG_MAX:
        head = word[:2].lower()
        known = [name for name in known if name[:2].lower() == head][:SUGGEST_AMONG_MAX]
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, candidates: Iterable[str], *, otherwise: str) -> str:
    """The mend for an unknown word: the nearest known one, or ``otherwise``."""
    near = suggestion(word, candidates)
    return f"did you mean {shown(near)}?" if near is not None else otherwise
