"""Draws the life of an incident by asking the machine itself.

``python -m tests.support.escalation_diagram`` writes it into the document. Every listed move is
made on incidents in that phase, and where it leads is written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.alerts.core.escalation import MOVES, advance
from services.alerts.core.happenings import (
    Acknowledged,
    DeliveryFailed,
    Resolved,
    TimePassed,
    arrived,
)
from services.alerts.core.opening import receive
from services.alerts.core.policy import DEFAULT
from shared.domain.incident import Incident, Phase, Resolution
from shared.domain.level import Level
from tests.support.make_events import MORNING, changed, cleared, raised, unverifiable

FILE = Path(__file__).resolve().parents[2] / "docs" / "escalation.md"
BEGIN, END = "```mermaid\n", "```\n"
WEEK = MORNING + timedelta(days=7)

EVENT = raised(level=Level.ORANGE)
HAPPENINGS: dict[str, Any] = {
    "time passes": TimePassed(),
    "raised": arrived(EVENT),
    "risen": arrived(changed(EVENT, Level.RED)),
    "fallen": arrived(changed(EVENT, Level.YELLOW)),
    "cleared": arrived(cleared(EVENT)),
    "data lost": arrived(unverifiable(EVENT)),
    "acknowledged": Acknowledged("Li Na"),
    "resolved": Resolved("Li Na", Resolution.FIXED),
    "a step unreachable": DeliveryFailed(1, 0, "Li Na", "refused", step_lost=True),
}


def examples() -> dict[Phase, Incident]:
    """One incident in each phase."""
    outcome = receive(None, EVENT, now=MORNING, policy=DEFAULT)
    assert outcome is not None
    calling = outcome[0]

    def then(happening: str, at: Any = MORNING) -> Incident:
        return advance(calling, HAPPENINGS[happening], now=at, policy=DEFAULT)[0]

    return {
        Phase.CALLING: calling,
        Phase.UNANSWERED: then("time passes", WEEK),
        Phase.ACKNOWLEDGED: then("acknowledged"),
        Phase.RETURNED: then("cleared"),
        Phase.RESOLVED: then("resolved"),
    }


def arrows() -> Iterator[tuple[Phase, str, Phase]]:
    """Every move that leads from one phase to another, and what makes it."""
    for phase, incident in examples().items():
        for name, happening in HAPPENINGS.items():
            if (phase, type(happening)) not in MOVES:
                continue
            for now in (MORNING, WEEK):
                after, _ = advance(incident, happening, now=now, policy=DEFAULT)
                if after.phase is not phase:
                    yield phase, name, after.phase


def mermaid() -> str:
    """The picture as Mermaid."""
    lines = ["stateDiagram-v2", "    [*] --> calling: raised"]
    joined: dict[tuple[Phase, Phase], list[str]] = {}
    for before, name, after in arrows():
        names = joined.setdefault((before, after), [])
        if name not in names:
            names.append(name)
    lines += [
        f"    {before}--> {after}: {', '.join(names)}".replace("-->", " -->", 1)
        for (before, after), names in joined.items()
    ]
    return "\n".join([*lines, "    resolved --> [*]", ""])


def redrawn(document: str) -> str:
    """The document with its picture drawn anew."""
    before, rest = document.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return before + BEGIN + mermaid() + END + after


if __name__ == "__main__":
    FILE.write_text(redrawn(FILE.read_text()))
