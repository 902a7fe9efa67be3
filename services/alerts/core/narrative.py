"""An incident's story, one line for each thing that happened, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.alerts.core.happenings import (
    Acknowledged,
    Cleared,
    DeliveryFailed,
    Effect,
    Exhausted,
    Happening,
    Resolved,
    Shown,
    Unverifiable,
)
from services.alerts.core.messages import LEVEL_WORDS, RESOLUTION_WORDS, Text, both
from services.alerts.core.plan import Called, Plan
from shared.domain.incident import Incident, Phase, TimelineEntry, Why

TOCSIN: Final = "tocsin"


def story(
    before: Incident | None,
    happening: Happening,
    after: Incident,
    effects: tuple[Effect, ...],
    plan: Plan,
    *,
    now: datetime,
) -> tuple[TimelineEntry, ...]:
    """The lines this change adds to the incident's timeline."""
    lines = [*_happened(before, happening, after), *_called(plan)]
    if any(isinstance(effect, Exhausted) for effect in effects):
        lines.append(
            ("unanswered", TOCSIN, both("Everybody was called and nobody answered", "无人应答"))
        )
    return tuple(TimelineEntry(at=now, kind=kind, by=by, text=text) for kind, by, text in lines)


def _happened(
    before: Incident | None, happening: Happening, after: Incident
) -> Iterator[tuple[str, str, Text]]:
    if isinstance(happening, Acknowledged):
        if before is None or before.acknowledged_by != happening.by:
            yield "acknowledged", happening.by, _noted("Acknowledged", "已确认", happening.note)
    elif isinstance(happening, Resolved):
        en, zh = RESOLUTION_WORDS[happening.reason]
        yield "resolved", happening.by, _noted(f"Closed: {en}", f"关闭：{zh}", happening.note)
    elif isinstance(happening, DeliveryFailed):
        en = f"{happening.name} could not be reached: {happening.because}"
        yield "delivery-failed", TOCSIN, both(en, f"无法联系{happening.name}：{happening.because}")
    elif isinstance(happening, Unverifiable):
        yield "unverifiable", TOCSIN, both("The data are gone; it stays open", "数据中断，保持开启")
    elif isinstance(happening, Cleared):
        if before is not None and before.phase is not Phase.RETURNED:
            yield "returned", TOCSIN, both("Readings are back to normal", "数据恢复正常")
    elif isinstance(happening, Shown):
        yield from _shown(before, happening, after)


def _shown(
    before: Incident | None, shown: Shown, after: Incident
) -> Iterator[tuple[str, str, Text]]:
    en, zh = LEVEL_WORDS[shown.event.level]
    if before is None:
        yield "opened", TOCSIN, both(f"Opened at {en.lower()}", f"发现险情：{zh}")
    elif not after.open:
        yield "after-the-end", TOCSIN, both(f"Data still show {en.lower()}", f"数据仍显示{zh}")
    elif after.round > before.round and after.round_why is Why.REOPENED:
        yield "reopened", TOCSIN, both(f"Back at {en.lower()}", f"险情重现：{zh}")
    elif shown.event.level > before.level:
        yield "raised", TOCSIN, both(f"Raised to {en.lower()}", f"升级为{zh}")
    elif shown.event.level < before.level:
        yield "lowered", TOCSIN, both(f"Lowered to {en.lower()}", f"降为{zh}")


def _called(plan: Plan) -> Iterator[tuple[str, str, Text]]:
    for called in plan.called:
        kind = "reminder" if called.notify.why is Why.REMINDER else "called"
        if called.callees:
            yield kind, TOCSIN, _names(called)
        else:
            reasons = ", ".join(f"{gap.thing} {gap.reason}" for gap in called.missed)
            yield "nobody", TOCSIN, both(f"Nobody to call: {reasons}", f"无人可呼叫：{reasons}")


def _names(called: Called) -> Text:
    people = [callee.person.name for callee in called.callees]
    return both(f"Called {', '.join(people)}", f"呼叫{'、'.join(people)}")


def _noted(en: str, zh: str, note: str) -> Text:
    return both(f"{en}: {note}", f"{zh}：{note}") if note else both(en, zh)
