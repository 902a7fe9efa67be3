"""What the doctor says of one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    """What was looked at, such as ``bus`` or ``database``."""
    verdict: Verdict
    what: str
    mend: str = ""
    """What to do; empty when nothing is wrong."""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)

    def __str__(self) -> str:
        mend = f"; {self.mend}" if self.mend else ""
        return f"{self.verdict:<4}  {self.name}: {self.what}{mend}"


def worst(findings: Sequence[Finding]) -> Verdict:
    """The gravest verdict, ok for none."""
    order: tuple[Verdict, ...] = ("ok", "warn", "fail")
    return max((one.verdict for one in findings), key=order.index, default="ok")
