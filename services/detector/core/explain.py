"""One sentence a duty officer can read aloud: what, where, how much, against which limit.

Numbers have the decimals their quantity deserves, always the same, so that two sentences can be
compared by eye and by ear.
"""

from __future__ import annotations

from typing import Final

from services.detector.core.limit import Limit, Sense
from services.detector.core.limit_tables import BAND
from shared.domain.event import EventKind
from shared.domain.level import Level
from shared.domain.place import Asset, Site
from shared.domain.quantity import CANONICAL_UNIT, Quantity

Sentence = dict[str, str]

BAND_ZH: Final = "本系统分级"
LEVEL_ZH: Final = {
    Level.BLUE: "蓝色",
    Level.YELLOW: "黄色",
    Level.ORANGE: "橙色",
    Level.RED: "红色",
}
_NAMES: Final[dict[Quantity, tuple[str, str, int]]] = {
    Quantity.CH4: ("methane", "甲烷", 2),
    Quantity.CO: ("carbon monoxide", "一氧化碳", 0),
    Quantity.CO2: ("carbon dioxide", "二氧化碳", 0),
    Quantity.H2S: ("hydrogen sulphide", "硫化氢", 1),
    Quantity.O2: ("oxygen", "氧气", 1),
    Quantity.SMOKE: ("smoke", "烟雾", 2),
    Quantity.TEMPERATURE: ("temperature", "温度", 1),
    Quantity.HUMIDITY: ("humidity", "湿度", 0),
    Quantity.WATER_PRESSURE: ("water pressure", "水压", 3),
    Quantity.FIRE_WATER_PRESSURE: ("fire water pressure", "消防水压", 3),
    Quantity.FLOW: ("flow", "流量", 1),
    Quantity.WATER_LEVEL: ("water level", "水位", 2),
    Quantity.RAIN: ("rain", "雨强", 1),
    Quantity.RUNNING: ("running", "运行", 0),
    Quantity.VIBRATION: ("vibration", "振动", 3),
    Quantity.CURRENT: ("current", "电流", 2),
    Quantity.VOLTAGE: ("voltage", "电压", 0),
}
_UNITS: Final = {"%vol": "% vol", "degC": "°C", "1": ""}
_RULES: Final = {
    "GB 50116": ("two detectors agree", "两个探测器同时确认"),
    "Tocsin rule": ("the fan stands still", "风机停运"),
}


def shown(quantity: Quantity, value: float) -> str:
    """``value`` with its unit and the quantity's own number of decimals."""
    unit = CANONICAL_UNIT[quantity]
    return f"{value:.{_NAMES[quantity][2]}f} {_UNITS.get(unit, unit)}".rstrip()


def where(site: Site, asset: Asset) -> Sentence:
    """The place by name; the site's is left out where the asset's says it already."""
    en = asset.name if asset.name.startswith(site.name) else f"{site.name}, {asset.name}"
    zh = (
        asset.name_zh
        if asset.name_zh.startswith(site.name_zh)
        else f"{site.name_zh}，{asset.name_zh}"
    )
    return {"en": en, "zh": zh}


def against(quantity: Quantity, value: float, limit: Limit) -> Sentence:
    """What was measured and the limit it stands against, with the limit's source."""
    name_en, name_zh, _ = _NAMES[quantity]
    now, mark = shown(quantity, value), shown(quantity, limit.raises_at)
    colour, colour_zh = limit.level.value, LEVEL_ZH[limit.level]
    source = limit.source.partition(",")[0]
    source_zh = BAND_ZH if source == BAND else source
    if limit.sense.is_rate:
        if quantity is Quantity.TEMPERATURE:
            mark = f"{limit.raises_at:.0f} K"
        rose, rose_zh = ("rose", "上升") if limit.sense is Sense.RISE else ("fell", "下降")
        within = f"{limit.window_s / 60:.0f} min"
        return {
            "en": f"{name_en} {rose} by {mark} or more within {within}, now {now} "
            f"({colour} limit, {source})",
            "zh": f"{name_zh}在{limit.window_s / 60:.0f}分钟内{rose_zh}{mark}以上，"
            f"现为{now}（{colour_zh}限值，{source_zh}）",
        }
    high = limit.sense is Sense.ABOVE
    if value < limit.raises_at if high else value >= limit.raises_at:
        was, was_zh = ("above", "高于") if high else ("below", "低于")
        return {
            "en": f"{name_en} {now}, recovering from {was} the {colour} limit of {mark} ({source})",
            "zh": f"{name_zh}{now}，此前{was_zh}{colour_zh}限值{mark}（{source_zh}），正在恢复",
        }
    side, side_zh = ("at or above", "达到或超过") if high else ("below", "低于")
    return {
        "en": f"{name_en} {now}, {side} the {colour} limit of {mark} ({source})",
        "zh": f"{name_zh}{now}，{side_zh}{colour_zh}限值{mark}（{source_zh}）",
    }


def unlike_itself(
    quantity: Quantity, value: float, expected: tuple[float, float] | None
) -> Sentence:
    """A sensor that left its habits."""
    name_en, name_zh, _ = _NAMES[quantity]
    en, zh = f"{name_en} {shown(quantity, value)}", f"{name_zh}{shown(quantity, value)}"
    if expected is None:
        return {"en": f"{en}, unlike its habits", "zh": f"{zh}，偏离常态"}
    low, high = shown(quantity, expected[0]), shown(quantity, expected[1])
    return {
        "en": f"{en}, where {low} to {high} is usual",
        "zh": f"{zh}，平时为{low}至{high}",
    }


def sentence(
    kind: EventKind, place: Sentence, what: Sentence, level: Level, rule: str | None
) -> Sentence:
    """The whole of it."""
    colour, colour_zh = level.value, LEVEL_ZH[level]
    en, zh = f"{place['en']}: {what['en']}", f"{place['zh']}：{what['zh']}"
    if kind is EventKind.CLEARED:
        return {
            "en": f"{en}. The {colour} alarm has cleared.",
            "zh": f"{zh}。{colour_zh}警报已解除。",
        }
    if kind is EventKind.UNVERIFIABLE:
        return {
            "en": f"{en}. Its sensor is no longer heard; the {colour} alarm stands, unverified.",
            "zh": f"{zh}。传感器失联，{colour_zh}警报保持，无法核实。",
        }
    for mark, (because_en, because_zh) in _RULES.items():
        if rule is not None and rule.startswith(mark):
            return {
                "en": f"{en}. {colour.capitalize()}, because {because_en}.",
                "zh": f"{zh}。因{because_zh}，升为{colour_zh}。",
            }
    return {"en": f"{en}. {colour.capitalize()}.", "zh": f"{zh}。{colour_zh}警报。"}


def back_to_normal(quantity: Quantity, value: float) -> Sentence:
    """The reading that ended it."""
    name_en, name_zh, _ = _NAMES[quantity]
    now = shown(quantity, value)
    return {"en": f"{name_en} back at {now}", "zh": f"{name_zh}恢复到{now}"}
