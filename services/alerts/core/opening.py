"""Which incident an event belongs to, and when it needs a new one.

One incident is open for each (run, asset, hazard). A person may close it while the data still show
the hazard; what was closed stays closed, and only news of a raise opens another, linked to it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from services.alerts.core.escalation import advance, spark_of
from services.alerts.core.happenings import arrived
from services.alerts.core.ladder import Outcome, climb
from services.alerts.core.policy import Policy
from shared.domain.event import EventKind, RiskEvent
from shared.domain.incident import Incident, Phase, Why


def receive(
    latest: Incident | None, event: RiskEvent, *, now: datetime, policy: Policy
) -> Outcome | None:
    """The incident ``event`` opens or moves, with what must be done; None if it concerns none.

    ``latest`` is the newest incident of the event's run, asset and hazard.
    """
    if latest is None:
        # Unsure is sure enough: a hazard we hear of late is still a hazard.
        if event.kind is EventKind.CLEARED:
            return None
        return _opened(event, None, now=now, policy=policy)
    if latest.open or not _rises(event):
        return advance(latest, arrived(event), now=now, policy=policy)
    return _opened(event, latest.id, now=now, policy=policy)


def _rises(event: RiskEvent) -> bool:
    if event.kind is EventKind.CHANGED:
        return event.previous is None or event.level > event.previous
    return event.kind is EventKind.RAISED


def _opened(event: RiskEvent, previous: str | None, *, now: datetime, policy: Policy) -> Outcome:
    incident = Incident(
        id=incident_id(event),
        run=event.run,
        site=event.site,
        asset=event.asset,
        hazard=event.hazard,
        phase=Phase.CALLING,
        level=event.level,
        worst_level=event.level,
        present=True,
        verified=event.kind is not EventKind.UNVERIFIABLE,
        opened_at=now,
        changed_at=now,
        decided_at=event.decided_at,
        sentence=event.sentence,
        version=1,
        round=1,
        round_level=event.level,
        round_version=1,
        round_why=Why.OPENED,
        called=0,
        next_deadline=now,
        spark=spark_of(event),
        previous=previous,
    )
    return climb(incident, now, policy)


def incident_id(event: RiskEvent) -> str:
    """Made from the event that opens it, so that every reader of the same events agrees on it."""
    return hashlib.sha256(f"{event.run}\n{event.id}".encode()).hexdigest()[:20]
