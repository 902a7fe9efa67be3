"""The curves behind an incident: for each sensor, the newest evidence and the limits it met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.domain.event import Evidence, Reason, RiskEvent
from shared.domain.quantity import CANONICAL_UNIT


def curves(events: Sequence[RiskEvent]) -> list[dict[str, Any]]:
    """One curve a sensor, as JSON; the sensor that decided last comes first."""
    newest: dict[str, Evidence] = {}
    limits: dict[str, dict[tuple[str, float], Reason]] = {}
    for event in events:
        for evidence in event.evidence:
            newest.pop(evidence.sensor, None)
            newest[evidence.sensor] = evidence
        for reason in event.reasons:
            if reason.limit is not None:
                met = limits.setdefault(reason.sensor, {})
                met[reason.level.value, reason.limit] = reason
    deciding = [reason.sensor for event in reversed(events) for reason in event.reasons]
    ordered = sorted(
        newest.values(),
        key=lambda one: deciding.index(one.sensor) if one.sensor in deciding else len(deciding),
    )
    return [_curve(one, list(limits.get(one.sensor, {}).values())) for one in ordered]


def _curve(evidence: Evidence, met: list[Reason]) -> dict[str, Any]:
    return {
        "sensor": evidence.sensor,
        "quantity": evidence.quantity.value,
        "unit": CANONICAL_UNIT[evidence.quantity],
        "points": [
            [at.isoformat(), value]
            for at, value in zip(evidence.measured_at, evidence.values, strict=True)
        ],
        "expected_low": evidence.expected_low,
        "expected_high": evidence.expected_high,
        "limits": [
            {
                "level": reason.level.value,
                "value": reason.limit,
                "source": reason.source,
                "confidence": reason.confidence,
            }
            for reason in sorted(met, key=lambda one: one.level.rank)
        ],
    }
