"""The published picture is what the machine does."""

from __future__ import annotations

from services.alerts.core.policy import DEFAULT
from shared.domain.incident import Phase
from shared.domain.level import Level
from tests.support.escalation_diagram import FILE, arrows, mermaid, redrawn


def test_the_published_picture_is_drawn_from_the_machine():
    document = FILE.read_text()
    assert redrawn(document) == document, "python -m tests.support.escalation_diagram"


def test_nothing_leads_out_of_resolved_and_everything_leads_to_it():
    moves = set(arrows())
    assert not [move for move in moves if move[0] is Phase.RESOLVED]
    into = {before for before, _, after in moves if after is Phase.RESOLVED}
    assert into == set(Phase) - {Phase.RESOLVED}
    assert all(name == "resolved" for _, name, after in moves if after is Phase.RESOLVED)
    assert "acknowledged --> calling: raised, risen" in mermaid()


def test_the_published_ladders_are_the_built_in_ones():
    rows = {
        line.split("|")[1].strip(): line
        for line in FILE.read_text().splitlines()
        if line.startswith(tuple(f"| {level.value} |" for level in Level))
    }
    for level in Level:
        for step in DEFAULT.ladder(level).steps:
            assert f"{step.patience.total_seconds() / 60:g} min" in rows[level.value]
            for kind in step.areas:
                assert kind.value in rows[level.value]
