"""The mind of one partition: records in, risk events out, and everything in between is state.

Batches are cut wherever the bus cuts them, and the answer is the same for any cut: numbers are
scored in rounds that never meet one sensor twice, what follows from them is judged in the order
of the bus, and evidence is taken as it was at the deciding reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.detector.core.admission import OUTCOMES, admit, append_newest
from services.detector.core.assets import Cases
from services.detector.core.bank import NEVER, Values
from services.detector.core.batches import Batch, Delivery, gather
from services.detector.core.place import places_by_site
from services.detector.core.profiles import standard_profiles
from services.detector.core.report import Reporter
from services.detector.core.roster import Roster
from services.detector.core.scoring import Scored, Trail, score
from shared.domain.event import RiskEvent
from shared.domain.registry import Registry

COUNTED = ("read", *OUTCOMES)


@dataclass(frozen=True, slots=True)
class Observed:
    events: tuple[RiskEvent, ...]
    received_at_us: tuple[int, ...]
    """Of the record that decided each event."""
    readings: int
    scores: Values
    """One for each reading in record order; ``nan`` where there is no opinion or none scored."""


@dataclass(slots=True)
class Watch:
    roster: Roster
    cases: Cases
    reporter: Reporter
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    """Readings by outcome since this partition's first record; ``read`` is their sum."""

    def observe(self, deliveries: Sequence[Delivery]) -> Observed:
        """Take in some records, in the order of the bus."""
        parts = [self._portion(portion) for portion in self._portions(deliveries)]
        return Observed(
            events=tuple(event for part in parts for event in part.events),
            received_at_us=tuple(at for part in parts for at in part.received_at_us),
            readings=sum(part.readings for part in parts),
            scores=np.concatenate([part.scores for part in parts]) if parts else np.empty(0),
        )

    def _portions(self, deliveries: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
        """The records, cut where a run begins: another may have to go first."""
        begun = 0
        for index, delivery in enumerate(deliveries):
            if delivery.run in self.roster.heard:
                continue
            if index > begun:
                yield deliveries[begun:index]
                begun = index
            if (overdue := self.roster.overdue(delivery.run)) is not None:
                self.roster.evict(overdue)
                self.cases.forget(overdue)
            self.roster.hear(delivery.run, delivery.received_at_us)
        if begun < len(deliveries):
            yield deliveries[begun:]

    def _portion(self, deliveries: Sequence[Delivery]) -> Observed:
        batch = gather(deliveries, self.roster)
        admitted = admit(self.roster.bank, batch)
        for outcome, count in admitted.counts.items():
            self.counts[outcome] += count
        self.counts["read"] += batch.rows.size
        position = np.flatnonzero(admitted.scored)
        scored = score(batch, position, self.roster, self.reporter.profiles)
        said = list(self._judge(batch, scored))
        self._remember(scored)
        scores = np.full(batch.rows.size, np.nan)
        scores[scored.position] = scored.scores
        return Observed(
            events=tuple(event for event, _ in said),
            received_at_us=tuple(received_at_us for _, received_at_us in said),
            readings=batch.rows.size,
            scores=scores,
        )

    def _judge(self, batch: Batch, scored: Scored) -> Iterator[tuple[RiskEvent, int]]:
        """What follows for assets, record by record, in the order of the bus."""
        roster, cases = self.roster, self.cases
        trail = Trail(roster.bank, scored)
        newest = _newest_by_record(batch, scored)
        noted, bounds = self._noted_by_record(batch, scored)
        for number, delivery in enumerate(batch.deliveries):
            indices = noted[bounds[number] : bounds[number + 1]]
            key = (delivery.run, delivery.site)
            if not indices and key not in cases.open:
                if newest[number] > cases.time_us.get(key, NEVER):
                    cases.time_us[key] = newest[number]
                continue
            for index in indices:
                if (member := scored.turns.get(index)) is not None:
                    for finding in cases.change(roster, member, int(scored.position[index])):
                        event = self.reporter.report(finding, roster, trail)
                        yield event, delivery.received_at_us
            for finding in cases.pass_time(
                roster,
                *key,
                until_us=newest[number],
                heard={int(scored.rows[index]) for index in indices},
                position=int(batch.edges[number + 1]) - 1,
            ):
                yield self.reporter.report(finding, roster, trail), delivery.received_at_us

    def _noted_by_record(self, batch: Batch, scored: Scored) -> tuple[list[int], list[int]]:
        """Live readings of sensors in alarm, and where each record's begin among them."""
        interest = np.zeros(self.roster.bank.rows, np.bool_)
        interest[self.cases.alarmed()] = True
        interest[[member.row for member in scored.turns.values()]] = True
        watched = interest[scored.rows]
        if scored.live is not None:
            watched &= scored.live
        noted = np.flatnonzero(watched)
        bounds = np.searchsorted(scored.position[noted], batch.edges)
        return noted.tolist(), bounds.tolist()

    def _remember(self, scored: Scored) -> None:
        """Keep the batch's newest readings as the evidence of what is still to come."""
        bank, plan = self.roster.bank, scored.plan
        values = scored.values.astype(np.float32)
        before = bank.trailed.copy()
        append_newest(bank.trail_at, before, scored.rows, scored.at, plan)
        append_newest(bank.trail_value, bank.trailed, scored.rows, values, plan)


def _newest_by_record(batch: Batch, scored: Scored) -> list[int]:
    """Newest ``measured_at`` of the scored live readings of each record; NEVER where none is."""
    newest = np.full(len(batch.deliveries), NEVER, np.int64)
    record = np.searchsorted(batch.edges, scored.position, side="right") - 1
    at = scored.at if scored.live is None else np.where(scored.live, scored.at, NEVER)
    if record.size:
        starts = np.flatnonzero(np.append(True, record[1:] != record[:-1]))
        newest[record[starts]] = np.maximum.reduceat(at, starts)
    answer: list[int] = newest.tolist()
    return answer


def new_watch(registry: Registry, *, runs_max: int = 16) -> Watch:
    """A mind that knows the city and has heard nothing yet."""
    profiles = standard_profiles()
    return Watch(
        roster=Roster(places=places_by_site(registry, profiles), runs_max=runs_max),
        cases=Cases(sites=dict(registry.sites)),
        reporter=Reporter(registry=registry, profiles=profiles),
    )
