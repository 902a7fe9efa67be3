"""The words people read: short, in English and in Chinese as duty officers write it.

A message of a drill, demo or replay begins with the exercise mark in both languages, because
whoever reads it may read only one.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from services.alerts.core.policy import Policy
from shared.domain.hazard import Hazard
from shared.domain.incident import Incident, Phase, Resolution, Why
from shared.domain.level import Level
from shared.domain.place import AreaKind
from shared.domain.registry import Registry

Text: TypeAlias = dict[str, str]

EXERCISE_MARK: Final = "[EXERCISE 演练]"
TEXT_CHARS_MAX: Final = 480

LEVEL_WORDS: Final[dict[Level, tuple[str, str]]] = {
    Level.BLUE: ("Blue", "蓝色"),
    Level.YELLOW: ("Yellow", "黄色"),
    Level.ORANGE: ("Orange", "橙色"),
    Level.RED: ("Red", "红色"),
}
HAZARD_WORDS: Final[dict[Hazard, tuple[str, str]]] = {
    Hazard.FIRE: ("Fire", "火情"),
    Hazard.GAS: ("Dangerous air", "气体危险"),
    Hazard.WATER: ("Water supply", "供水异常"),
    Hazard.FIRE_WATER: ("Fire main", "消防水压不足"),
    Hazard.FLOOD: ("Flooding", "积水"),
    Hazard.MACHINE: ("Machine", "设备异常"),
}
AREA_WORDS: Final[dict[AreaKind, tuple[str, str]]] = {
    AreaKind.CITY: ("city", "市级"),
    AreaKind.DISTRICT: ("district", "区级"),
    AreaKind.STREET: ("street", "街道"),
    AreaKind.COMMUNITY: ("community", "社区"),
    AreaKind.GRID: ("grid cell", "网格"),
}
RESOLUTION_WORDS: Final[dict[Resolution, tuple[str, str]]] = {
    Resolution.FIXED: ("fixed", "已排除"),
    Resolution.FALSE_ALARM: ("false alarm", "误报"),
    Resolution.DRILL: ("drill", "演练"),
    Resolution.NO_ACTION: ("no action needed", "无需处置"),
}
_WHY_WORDS: Final[dict[Why, tuple[str, str]]] = {
    Why.OPENED: ("Please acknowledge.", "请确认。"),
    Why.RAISED: ("The level has risen; please acknowledge again.", "级别上升，请重新确认。"),
    Why.REOPENED: ("It is back; please acknowledge again.", "险情重现，请重新确认。"),
    Why.CLIMBED: (
        "Those called before you have not answered; please acknowledge.",
        "前级尚未应答，请确认。",
    ),
    Why.REMINDER: ("Nobody has answered yet; please acknowledge.", "至今无人应答，请确认。"),
}


def both(en: str, zh: str) -> Text:
    return {"en": en, "zh": zh}


def names_of(asset: str, registry: Registry) -> tuple[str, str]:
    """The asset's names (en, zh); its id where nobody knows it."""
    known = registry.assets.get(asset)
    return (known.name, known.name_zh) if known else (asset, asset)


def headline(incident: Incident, registry: Registry) -> Text:
    """Level, hazard, place: what fits on one line of a phone."""
    level, hazard = LEVEL_WORDS[incident.level], HAZARD_WORDS[incident.hazard]
    name = names_of(incident.asset, registry)
    return both(f"{level[0]}: {hazard[0]}, {name[0]}", f"{level[1]}：{name[1]}{hazard[1]}")


def call(incident: Incident, why: Why, registry: Registry, *, link: str) -> Text:
    """What a person who should answer is told."""
    words = _WHY_WORDS[why]
    doubt = ("", "") if incident.verified else (" Its data are gone.", "数据中断。")
    line = headline(incident, registry)
    return _marked(
        incident,
        both(
            f"{line['en']}. {incident.sentence.get('en', '')}{doubt[0]} {words[0]}{_at(link)}",
            f"{line['zh']}。{incident.sentence.get('zh', '')}{doubt[1]}{words[1]}{_at(link)}",
        ),
    )


def stand_down(incident: Incident, why: Why, by: str, registry: Registry) -> Text:
    """What those are told who were called and need not come."""
    line = headline(incident, registry)
    if why is Why.ACKNOWLEDGED:
        end = (f"{by} has it in hand.", f"{by}已接手。")
    elif why is Why.RETURNED:
        end = (
            "Readings are back to normal; it still has to be closed.",
            "数据已恢复，待人工关闭。",
        )
    else:
        reason = RESOLUTION_WORDS[incident.resolution or Resolution.NO_ACTION]
        end = (f"Closed by {by}: {reason[0]}.", f"{by}已关闭：{reason[1]}。")
    return _marked(incident, both(f"{line['en']}. {end[0]}", f"{line['zh']}。{end[1]}"))


def next_step(incident: Incident, policy: Policy) -> Text | None:
    """Whom the ladder calls next if nobody answers; None when it waits for people or data."""
    if incident.next_deadline is None:
        return None
    steps = policy.ladder(incident.round_level).steps
    if incident.phase is Phase.CALLING and incident.called < len(steps):
        words = [AREA_WORDS[kind] for kind in steps[incident.called].areas]
        return both(
            f"call {', '.join(en for en, _ in words)}", f"呼叫{'、'.join(zh for _, zh in words)}"
        )
    return both("call everybody at the top again", "再次呼叫最高一级")


def _marked(incident: Incident, text: Text) -> Text:
    mark = f"{EXERCISE_MARK} " if incident.exercise else ""
    return {language: (mark + words)[:TEXT_CHARS_MAX] for language, words in text.items()}


def _at(link: str) -> str:
    return f" {link}" if link else ""
