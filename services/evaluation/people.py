"""Whom the alert engine would call, and when, if the events of a run were real.

The escalation core, the duty book and the policy are those of production; only the store is a
dictionary and the clock is the run itself. Between two events every deadline fires at its own
moment. Events are judged as real ones, because an exercise calls nobody and the price of an alarm
is what it would cost in earnest; nothing is ever sent from here.

People are modelled in one sentence: whoever is called first about an incident answers
``answer_after_s`` later, or nobody ever does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.alerts.core.escalation import advance
from services.alerts.core.happenings import Acknowledged, Happening, TimePassed
from services.alerts.core.ladder import Outcome
from services.alerts.core.opening import receive
from services.alerts.core.plan import Rules, plan
from services.alerts.core.policy import Policy
from services.evaluation.hearing import Heard
from services.evaluation.model import Call
from shared.domain.hazard import Hazard
from shared.domain.incident import Incident, Notification, Phase, Receipt
from shared.errors import IllegalMove

ANSWER_AFTER_S: Final = 120.0
NIGHT_FROM: Final = 22
NIGHT_UNTIL: Final = 7
SLEEP_MIN_PER_PAGE: Final = 30
"""Minutes of sleep that one page between 22:00 and 07:00 costs its receiver."""


def at_night(moment: datetime, timezone: ZoneInfo) -> bool:
    """Between 22:00 and 07:00 by the city's clocks."""
    hour = moment.astimezone(timezone).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


@dataclass(frozen=True, slots=True)
class Town:
    """What the engine knows besides the events."""

    policy: Policy
    rules: Rules
    timezone: ZoneInfo
    answer_after: timedelta | None
    """None: nobody ever answers."""


@dataclass(slots=True)
class Books:
    """The store: incidents, what was owed for them, and when somebody is about to answer."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    newest: dict[tuple[str, Hazard], str] = field(default_factory=dict)
    told: dict[str, list[Notification]] = field(default_factory=dict)
    answers: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """By incident: when, and who."""

    @property
    def owed(self) -> list[Notification]:
        """Every message of the run in order of time."""
        every = [one for told in self.told.values() for one in told]
        return sorted(every, key=lambda one: (one.owed_at, one.key))

    def next_due(self) -> tuple[datetime, str] | None:
        """The earliest deadline or answer, and whose."""
        due = [(at, incident) for incident, (at, _) in self.answers.items()]
        due += [
            (incident.next_deadline, incident.id)
            for incident in self.incidents.values()
            if incident.next_deadline is not None
        ]
        return min(due, default=None)


def called(
    heard: Sequence[Heard], town: Town, *, start: datetime, end: datetime
) -> tuple[tuple[Call, ...], int]:
    """Every page of a run in order of time, and how many messages asked for nothing."""
    books = live_through(heard, town, end=end)
    pages = tuple(
        Call(
            at_s=(owed.owed_at - start).total_seconds(),
            person=owed.person,
            level=owed.level.value,
            asset=books.incidents[owed.incident].asset,
            hazard=books.incidents[owed.incident].hazard.value,
            why=owed.why.value,
            night=at_night(owed.owed_at, town.timezone),
        )
        for owed in books.owed
        if owed.why.asks
    )
    return pages, len(books.owed) - len(pages)


def live_through(heard: Iterable[Heard], town: Town, *, end: datetime) -> Books:
    """All incidents of a run until ``end``, each deadline and answer in its own moment."""
    books = Books()
    now = datetime.min.replace(tzinfo=end.tzinfo)
    for one in heard:
        moment = max(now, _moment(one.known_us, end))
        _pass_time(books, town, until=moment)
        now = moment
        event = replace(one.event, run="")
        key = (event.asset, event.hazard)
        latest = books.incidents.get(books.newest.get(key, ""))
        outcome = receive(latest, event, now=now, policy=town.policy)
        if outcome is not None:
            books.newest[key] = outcome[0].id
            _settle(books, town, outcome, now=now)
    _pass_time(books, town, until=max(now, end))
    return books


def _pass_time(books: Books, town: Town, *, until: datetime) -> None:
    while (due := books.next_due()) is not None and due[0] <= until:
        now, incident = due[0], books.incidents[due[1]]
        happening: Happening = TimePassed()
        answer = books.answers.get(incident.id)
        if answer is not None and answer[0] <= now:
            del books.answers[incident.id]
            happening = Acknowledged(by=answer[1])
        try:
            outcome = advance(incident, happening, now=now, policy=town.policy)
        except IllegalMove:
            continue  # closed before the answer came
        _settle(books, town, outcome, now=now)


def _settle(books: Books, town: Town, outcome: Outcome, *, now: datetime) -> None:
    """Save what became of an incident, with the messages it owes; each arrives at once."""
    incident, effects = outcome
    told = books.told.setdefault(incident.id, [])
    planned = plan(incident, effects, told=told, now=now, rules=town.rules)
    books.incidents[incident.id] = incident
    told += [replace(owed, state=Receipt.SENT, settled_at=now) for owed in planned.owed]
    asked = next((owed for owed in planned.owed if owed.why.asks), None)
    if incident.phase in {Phase.RETURNED, Phase.RESOLVED}:
        books.answers.pop(incident.id, None)
    elif asked is not None and town.answer_after is not None:
        books.answers.setdefault(incident.id, (now + town.answer_after, asked.person))


def _moment(at_us: int, like: datetime) -> datetime:
    return datetime.fromtimestamp(0, like.tzinfo) + timedelta(microseconds=at_us)
