"""Which incident an event belongs to, and when it needs a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.alerts.core.escalation import advance
from services.alerts.core.happenings import Notify, Resolved
from services.alerts.core.opening import receive
from services.alerts.core.policy import DEFAULT
from shared.domain.incident import Incident, Phase, Resolution
from shared.domain.level import Level
from tests.support.make_events import MORNING, changed, cleared, raised, unverifiable


def opened(level: Level = Level.RED):
    outcome = receive(None, raised(level=level), now=MORNING, policy=DEFAULT)
    assert outcome is not None
    return outcome


def resolved_incident() -> Incident:
    incident, _ = opened(Level.ORANGE)
    closed, _ = advance(
        incident, Resolved("li", Resolution.FALSE_ALARM), now=MORNING, policy=DEFAULT
    )
    return closed


@pytest.mark.parametrize(
    "event", [changed(raised(), Level.RED), raised(at=MORNING + timedelta(hours=1))],
    ids=["a rise", "a new raise"],
)  # fmt: skip
def test_news_of_a_raise_after_the_end_opens_a_new_incident_linked_to_the_old(event):
    closed = resolved_incident()
    outcome = receive(closed, event, now=MORNING, policy=DEFAULT)
    assert outcome is not None
    fresh, effects = outcome

    assert fresh.id != closed.id
    assert fresh.previous == closed.id
    assert [one.step for one in effects if isinstance(one, Notify)] == [0]


@pytest.mark.parametrize(
    "event", [changed(raised(), Level.YELLOW), cleared(raised()), unverifiable(raised())],
    ids=["a fall", "a clear", "lost data"],
)  # fmt: skip
def test_what_is_no_raise_leaves_a_closed_incident_closed(event):
    closed = resolved_incident()
    outcome = receive(closed, event, now=MORNING, policy=DEFAULT)
    assert outcome is not None
    after, effects = outcome
    assert (after.id, after.phase, effects) == (closed.id, Phase.RESOLVED, ())


def test_a_clear_of_something_nobody_knows_opens_nothing():
    assert receive(None, cleared(raised()), now=MORNING, policy=DEFAULT) is None


@pytest.mark.parametrize("event", [changed(raised(), Level.BLUE), unverifiable(raised())])
def test_a_hazard_we_hear_of_late_is_still_a_hazard(event):
    outcome = receive(None, event, now=MORNING, policy=DEFAULT)
    assert outcome is not None
    assert outcome[0].phase is Phase.CALLING


def test_the_same_event_of_two_runs_is_two_incidents():
    real, _ = opened()
    drill = receive(
        None, replace(raised(level=Level.RED), run="drill"), now=MORNING, policy=DEFAULT
    )
    assert drill is not None
    assert drill[0].id != real.id
