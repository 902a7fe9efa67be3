"""Risk events as the detector writes them, for whoever tests what becomes of them.

``raised(...)``, then ``changed(previous_event, level)``, ``cleared(previous_event)`` or
``unverifiable(previous_event)``: ids come from content, so the same call gives the same event.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.domain.event import EventKind, Evidence, Reason, ReasonCode, RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.quantity import Quantity

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def raised(
    asset: str = "vc-07",
    hazard: Hazard = Hazard.GAS,
    level: Level = Level.ORANGE,
    *,
    site: str | None = None,
    run: str = "",
    at: datetime = MORNING,
    value: float = 17.0,
) -> RiskEvent:
    """The first event of an occurrence: oxygen at ``value`` %vol in a chamber, unless said."""
    sensor = f"{asset}-o2"
    event = RiskEvent(
        id="",
        occurrence="",
        run=run,
        kind=EventKind.RAISED,
        site=site or asset,
        asset=asset,
        hazard=hazard,
        level=level,
        previous=None,
        decided_at=at,
        likelihood=0.9,
        consequence=0.5,
        sentence={
            "en": f"Oxygen at {asset} is {value:g} %vol.",
            "zh": f"{asset}氧气浓度为{value:g} %vol。",
        },
        detector="limits/1",
        reasons=(
            Reason(
                ReasonCode.LIMIT, sensor, Quantity.O2, level, value, 18.0, "GB 8958-2006", "seen"
            ),
        ),
        evidence=(
            Evidence(
                sensor,
                Quantity.O2,
                tuple(at - timedelta(seconds=5 * n) for n in range(19, -1, -1)),
                tuple(20.9 - (20.9 - value) * n / 19 for n in range(20)),
                20.5,
                21.3,
            ),
        ),
    )
    ident = _identity(event)
    return replace(event, id=ident, occurrence=ident)


def changed(before: RiskEvent, level: Level, *, after_s: float = 60) -> RiskEvent:
    return _next(before, EventKind.CHANGED, level, after_s)


def cleared(before: RiskEvent, *, after_s: float = 60) -> RiskEvent:
    return _next(before, EventKind.CLEARED, before.level, after_s)


def unverifiable(before: RiskEvent, *, after_s: float = 60) -> RiskEvent:
    return _next(before, EventKind.UNVERIFIABLE, before.level, after_s)


def _next(before: RiskEvent, kind: EventKind, level: Level, after_s: float) -> RiskEvent:
    event = replace(
        before,
        kind=kind,
        level=level,
        previous=before.level,
        decided_at=before.decided_at + timedelta(seconds=after_s),
    )
    return replace(event, id=_identity(event))


def _identity(event: RiskEvent) -> str:
    said = (event.kind, event.asset, event.hazard, event.level, event.decided_at, event.sentence)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]
