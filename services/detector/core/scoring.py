"""Baseline and limits of every scored reading of a batch, and the sensors they turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.detector.core import baseline
from services.detector.core.assets import Member
from services.detector.core.bank import TRAIL, Bank, Flags, Ints, Rows, Values
from services.detector.core.batches import Batch
from services.detector.core.limits import LimitStep
from services.detector.core.profiles import Profiles
from services.detector.core.roster import Roster
from services.detector.core.rounds import Rounds, rounds

USUAL_WITHIN: Final = 3.0
"""Scales around the level that count as usual."""
_STEPPED: Final = (
    "seen", "level", "spread", "hot", "cool", "held", "surprised",
    "mask", "since", "last_two", "bucket", "lowest",
)  # fmt: skip
_IDLE: Final = ("newest", "prints", "printed", "trail_at", "trail_value", "trailed")


@dataclass(frozen=True, slots=True)
class Scored:
    """The scored readings of a batch, in record order."""

    position: Rows
    """Place of each in the batch."""
    rows: Rows
    at: Ints
    values: Values
    live: Flags | None
    scores: Values
    plan: Rounds
    turns: dict[int, Member]
    """Sensors that changed their grade, by index among the scored."""

    def of_row(self, row: int) -> Rows:
        """Indices of one sensor's readings, in order."""
        heads = self.rows[self.plan.order[self.plan.starts]]
        group = int(np.searchsorted(heads, row))
        if group >= heads.size or heads[group] != row:
            return np.empty(0, np.intp)
        first = int(self.plan.starts[group])
        return self.plan.order[first : first + int(self.plan.lengths[group])]


def score(batch: Batch, position: Rows, roster: Roster, profiles: Profiles) -> Scored:
    """Score the readings at these places of the batch; the roster's bank learns, in place."""
    rows, at, values = batch.rows[position], batch.at[position], batch.values[position]
    live = None if batch.live is None else batch.live[position]
    plan = rounds(rows)
    work = _taken(roster.bank, plan.rows)
    turns: dict[int, Member] = {}
    laid = _in_rounds(
        work,
        plan,
        roster=roster,
        profiles=profiles,
        at=at,
        values=values,
        live=live,
        turns=turns,
    )
    _put_back(roster.bank, plan.rows, work)
    scores = np.empty(rows.size)
    scores[plan.layout] = laid
    return Scored(
        position=position,
        rows=rows,
        at=at,
        values=values,
        live=live,
        scores=scores,
        plan=plan,
        turns=turns,
    )


def _in_rounds(
    work: Bank,
    plan: Rounds,
    *,
    roster: Roster,
    profiles: Profiles,
    at: Ints,
    values: Values,
    live: Flags | None,
    turns: dict[int, Member],
) -> Values:
    """Scores in the order of the layout; notes every turn on the way."""
    traits = roster.traits
    profile, speaks = traits.profile[plan.rows], traits.speaks[plan.rows]
    floor, share = traits.floor[plan.rows], traits.share[plan.rows]
    limits = LimitStep(profiles, profile)
    at, values = at[plan.layout], values[plan.layout]
    live = None if live is None else live[plan.layout]
    scores = np.empty(values.size)
    for first, last in plan:
        count = last - first
        alive = None if live is None else live[first:last]
        before = work.surprised[:count].copy()
        scores[first:last], scale = baseline.step(
            work,
            values[first:last],
            floor=floor[:count],
            floor_share=share[:count],
            speaks=speaks[:count],
            live=alive,
        )
        turned = limits.step(work, values[first:last], at[first:last], alive)
        turned |= before != work.surprised[:count]
        for place in np.flatnonzero(turned).tolist():
            mask, spot = int(work.mask[place]), first + place
            turns[int(plan.layout[spot])] = Member(
                row=int(plan.rows[place]),
                grade=int(profiles.grade[profile[place], mask]),
                mask=mask,
                surprised=bool(work.surprised[place]),
                at_us=int(at[spot]),
                value=float(values[spot]),
                score=float(np.nan_to_num(scores[spot])),
                expected=_usual(work, place, float(scale[place]), float(scores[spot])),
            )
    return scores


def _usual(work: Bank, place: int, scale: float, score: float) -> tuple[float, float] | None:
    if np.isnan(score):
        return None
    level, margin = float(work.level[place]), USUAL_WITHIN * scale
    return (level - margin, level + margin)


def _taken(bank: Bank, rows: Rows) -> Bank:
    """A working copy of the columns that scoring changes."""
    idle = {name: getattr(bank, name)[:0] for name in _IDLE}
    return Bank(**idle, **{name: getattr(bank, name)[rows] for name in _STEPPED})


def _put_back(bank: Bank, rows: Rows, work: Bank) -> None:
    for name in _STEPPED:
        getattr(bank, name)[rows] = getattr(work, name)


@dataclass(frozen=True, slots=True)
class Trail:
    """Newest readings of a row as they were at a position of the batch being judged."""

    bank: Bank
    scored: Scored

    def __call__(self, row: int, position: int) -> tuple[list[int], list[float]]:
        indices = self.scored.of_row(row)
        indices = indices[self.scored.position[indices] <= position][-TRAIL:]
        written = int(self.bank.trailed[row])
        kept = min(written, TRAIL - int(indices.size))
        slots = np.arange(written - kept, written) % TRAIL
        times = [*self.bank.trail_at[row, slots].tolist(), *self.scored.at[indices].tolist()]
        fresh = self.scored.values[indices].astype(np.float32)
        return times, [*self.bank.trail_value[row, slots].tolist(), *fresh.tolist()]
