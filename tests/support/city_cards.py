"""Believable incidents and a small city, in the shapes the alert service answers with.

Times are relative to ``now`` so that ages and countdowns read as they would on a real night.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

Card = dict[str, Any]
LEVELS = ("blue", "yellow", "orange", "red")

_PLACES: dict[str, tuple[str, str, list[float]]] = {
    "t3-s4": ("Utility tunnel T3, section 4", "T3 综合管廊 4 段", [114.312, 30.568]),
    "harbour-f23": ("Harbour Tower, floor 23", "港湾大厦 23 层", [114.306, 30.583]),
    "z2-n05": ("Zone Z2, node 5", "Z2 分区 5 号节点", [114.299, 30.576]),
    "sq-p7": ("Sewer Q, pit 7", "Q 线污水井 7 号", [114.290, 30.570]),
    "vc-07": ("Valve chamber 7", "7 号阀门井", [114.314, 30.566]),
    "ps1-loop": ("Pump station 1, loop", "1 号泵站环路", [114.320, 30.579]),
}


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def card(
    incident: str,
    *,
    now: datetime,
    level: str = "orange",
    asset: str = "t3-s4",
    hazard: str = "gas",
    phase: str = "calling",
    sentence: tuple[str, str] = (
        "Methane in tunnel T3 section 4 is 1.12 % vol and rising; air is no longer safe to enter.",
        "T3 综合管廊 4 段甲烷 1.12 % vol 且持续上升，人员不得进入。",
    ),
    headline: tuple[str, str] = ("Gas rising, tunnel T3 section 4", "T3 综合管廊 4 段燃气上升"),
    opened_s_ago: float = 485,
    deadline_s: float | None = 102,
    run: str = "",
    **more: Any,
) -> Card:
    """A card as the list gives it; ``more`` overrides any field."""
    name_en, name_zh, position = _PLACES[asset]
    opened = iso(now - timedelta(seconds=opened_s_ago))
    calling = phase in ("calling", "unanswered")
    by = None if calling else "Li Na"
    actions = {"calling": ["ack", "resolve"], "unanswered": ["ack", "resolve"], "resolved": []}
    whole: Card = {
        "id": incident, "sequence": 0, "version": 1, "run": run, "exercise": bool(run),
        "site": asset.split("-", maxsplit=1)[0], "asset": asset,
        "asset_name": {"en": name_en, "zh": name_zh}, "place": place(),
        "position": position, "hazard": hazard, "level": level, "worst_level": level,
        "phase": phase, "verified": True, "opened_at": opened, "changed_at": opened,
        "decided_at": opened, "sentence": dict(zip(("en", "zh"), sentence, strict=True)),
        "headline": dict(zip(("en", "zh"), headline, strict=True)),
        "acknowledged_by": by, "acknowledged_at": by and iso(now - timedelta(seconds=60)),
        "resolved_by": None, "resolved_at": None, "resolution": None,
        "next_deadline": iso(now + timedelta(seconds=deadline_s))
        if calling and deadline_s is not None else None,
        "next_step": {"en": "calls the duty engineer", "zh": "呼叫值班工程师"} if calling else None,
        "told": [told("chen-wei", "陈伟", "gas-xinhua", now),
                 told("wang-fang", "王芳", "gas-xinhua", now, "written-off")],
        "actions": actions.get(phase, ["resolve"]),
        "spark": [round(0.2 + 0.9 * (i / 39) ** 3, 3) for i in range(40)],
    }  # fmt: skip
    return whole | more


def told(person: str, name: str, team: str, now: datetime, state: str = "sent") -> Card:
    at = iso(now - timedelta(seconds=470))
    return {"person": person, "name": name, "team": team, "channel": "console", "state": state,
            "at": at}  # fmt: skip


def place() -> list[Card]:
    return [
        {"id": "jiangcheng", "kind": "city", "en": "Jiangcheng", "zh": "江城"},
        {"id": "jiangbei", "kind": "district", "en": "Jiangbei", "zh": "江北"},
        {"id": "xinhua", "kind": "street", "en": "Xinhua", "zh": "新华"},
        {"id": "xinhua-river", "kind": "community", "en": "Xinhua River", "zh": "新华滨江"},
    ]


def a_night(now: datetime) -> list[Card]:
    """One of each level, one exercise, one nobody answered: the page's usual test picture."""
    return [
        card("inc-fire", now=now, level="red", asset="harbour-f23", hazard="fire",
             headline=("Fire, Harbour Tower floor 23", "港湾大厦 23 层火警"),
             sentence=("Smoke 0.41 dB/m in two heads of floor 23 and CO 38 ppm: fire confirmed.",
                       "23 层两只探头烟雾 0.41 dB/m，一氧化碳 38 ppm：火警确认。"),
             opened_s_ago=72, deadline_s=41),
        card("inc-gas", now=now),
        card("inc-leak", now=now, level="yellow", asset="z2-n05", hazard="water",
             phase="acknowledged",
             headline=("Pressure low, zone Z2 near node 5", "Z2 分区 5 号节点附近压力偏低"),
             sentence=("Pressure fell from 0.31 to 0.24 MPa in 6 minutes; a leak is likely.",
                       "压力 6 分钟内由 0.31 降至 0.24 MPa，疑似漏水。"), opened_s_ago=2520),
        card("inc-h2s", now=now, level="blue", asset="sq-p7", phase="returned",
             headline=("H2S above habit, sewer pit 7", "污水井 7 号硫化氢高于平时"),
             sentence=("Hydrogen sulfide 3.1 ppm, above what this pit usually shows.",
                       "硫化氢 3.1 ppm，高于该井平时水平。"), opened_s_ago=10900, spark=None),
        card("inc-drill", now=now, level="orange", asset="vc-07", run="autumn-drill",
             headline=("Oxygen low, valve chamber 7", "7 号阀门井缺氧"),
             sentence=("Oxygen 17.0 % vol in valve chamber 7: nobody may enter.",
                       "7 号阀门井氧气 17.0 % vol：严禁人员进入。"), opened_s_ago=190,
             phase="unanswered", deadline_s=None),
    ]  # fmt: skip


def detail_of(one: Card) -> Card:
    """The card with its events, evidence, timeline and notifications."""
    opened = datetime.fromisoformat(one["opened_at"])
    points = [
        [iso(opened + timedelta(seconds=30 * (i - 40))), round(_curve(i), 3)] for i in range(60)
    ]
    limits = [
        _limit("blue", 0.25, "GB/T 50493-2019", "proposal"),
        _limit("yellow", 0.5, "GBZ/T 205", "second-hand"),
        _limit("orange", 1.0, "GB 50838-2015 7.5", "second-hand"),
        _limit("red", 2.5, "GB/T 50493-2019 5.5.2", "second-hand"),
    ]
    ch4 = {"quantity": "ch4", "unit": "%vol", "expected_low": 0.0, "expected_high": 0.12}
    oxygen = [[at, round(20.9 - value * 0.4, 2)] for at, value in points]
    o2_limits = [_limit("yellow", 19.5, "GB 8958-2006", "second-hand"),
                 _limit("orange", 18.0, "GBZ/T 205", "second-hand")]  # fmt: skip
    return one | {
        "events": [event(one, opened)],
        "evidence": [
            {"sensor": f"{one['asset']}-ch4", "points": points, "limits": limits, **ch4},
            {"sensor": f"{one['asset']}-o2", "quantity": "o2", "unit": "%vol", "points": oxygen,
             "expected_low": 20.5, "expected_high": 21.1, "limits": o2_limits},
        ],
        "timeline": timeline(one, opened),
        "notifications": one["told"],
    }  # fmt: skip


def event(one: Card, decided: datetime) -> Card:
    reason = {"code": "limit", "sensor": f"{one['asset']}-ch4", "quantity": "ch4",
              "level": one["level"], "value": 1.12, "limit": 1.0, "source": "GB 50838-2015 7.5",
              "confidence": "second-hand"}  # fmt: skip
    return {"id": "ev1", "occurrence": "ev1", "run": one["run"], "kind": "raised",
            "site": one["site"], "asset": one["asset"], "hazard": one["hazard"],
            "level": one["level"], "previous": None, "decided_at": iso(decided),
            "likelihood": 0.97, "consequence": 0.6, "sentence": one["sentence"],
            "detector": "limits/1", "reasons": [reason], "evidence": []}  # fmt: skip


def timeline(one: Card, opened: datetime) -> list[Card]:
    lines = [
        {"at": iso(opened), "kind": "opened", "by": "tocsin",
         "text": {"en": f"Opened at level {one['level']}", "zh": "事件开启"}},
        {"at": iso(opened + timedelta(seconds=1)), "kind": "told", "by": "tocsin",
         "text": {"en": "Told 陈伟 and 王芳 on the console", "zh": "已在值班台通知陈伟、王芳"}},
    ]  # fmt: skip
    if one["acknowledged_by"]:
        by = one["acknowledged_by"]
        lines.append({"at": one["acknowledged_at"], "kind": "acknowledged", "by": by,
                      "text": {"en": "Acknowledged", "zh": "已确认"}})  # fmt: skip
    return lines


def _curve(i: int) -> float:
    return 0.06 + 0.02 * math.sin(i / 3) + (1.06 * ((i - 24) / 16) ** 2 if i > 24 else 0)


def _limit(level: str, value: float, source: str, confidence: str) -> Card:
    return {"level": level, "value": value, "source": source, "confidence": confidence}


def _asset(
    key: str, kind: str, site: str, names: tuple[str, str], shape: Card, *, area: str
) -> Card:
    return {"id": key, "kind": kind, "site": site, "area": area,
            "name": dict(zip(("en", "zh"), names, strict=True)), "geometry": shape}  # fmt: skip


def _point(lon: float, lat: float) -> Card:
    return {"type": "Point", "coordinates": [lon, lat]}


def _box(lon: float, lat: float, width: float = 0.0012, height: float = 0.0010) -> Card:
    ring = [[lon, lat], [lon + width, lat], [lon + width, lat + height], [lon, lat + height]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _area(key: str, kind: str, parent: str | None, en: str, zh: str) -> Card:
    return {"id": key, "kind": kind, "parent": parent, "name": {"en": en, "zh": zh},
            "geometry": None}  # fmt: skip


def a_city() -> dict[str, Any]:
    """A little of everything the map must draw."""
    assets = [
        _asset(f"z2-n0{i}", "pipe-node", "z2", (f"Zone Z2, node {i}", f"Z2 分区 {i} 号节点"),
               _point(114.287 + 0.003 * i, 30.576 + 0.003 * math.sin(i)), area="heping-north")
        for i in range(1, 10)
    ] + [
        _asset(f"t3-s{i}", "tunnel-section", "t3",
               (f"Utility tunnel T3, section {i}", f"T3 综合管廊 {i} 段"),
               {"type": "LineString", "coordinates": [
                   [114.300 + 0.003 * i, 30.564 + 0.001 * i],
                   [114.303 + 0.003 * i, 30.565 + 0.001 * i]]}, area="xinhua-river")
        for i in range(1, 9)
    ] + [
        _asset(f"harbour-f{i:02}", "floor", "harbour-tower",
               (f"Harbour Tower, floor {i}", f"港湾大厦 {i} 层"), _box(114.3055, 30.5825),
               area="dongmen-harbour")
        for i in range(1, 43)
    ] + [
        _asset(f"vc-0{i}", "chamber", f"vc-0{i}", (f"Valve chamber {i}", f"{i} 号阀门井"),
               _point(114.293 + 0.003 * i, 30.5675 - 0.0012 * (i % 3)), area="xinhua-east")
        for i in range(1, 9)
    ] + [
        _asset(f"sq-p{i}", "sewer-well", "sq", (f"Sewer Q, pit {i}", f"Q 线污水井 {i} 号"),
               _point(114.284 + 0.001 * i, 30.5745 - 0.0009 * i), area="heping-south")
        for i in range(1, 9)
    ] + [
        _asset("ps1-loop", "pump", "ps1", ("Pump station 1, loop", "1 号泵站环路"),
               _point(114.320, 30.579), area="dongmen-oldgate"),
    ]  # fmt: skip
    links = [{"a": f"z2-n0{i}", "b": f"z2-n0{i + 1}", "kind": "pipe"} for i in range(1, 9)]
    links += [{"a": f"sq-p{i}", "b": f"sq-p{i + 1}", "kind": "pipe"} for i in range(1, 8)]
    links += [
        {"a": "t3-s4", "b": "vc-07", "kind": "duct"},
        {"a": "z2-n05", "b": "t3-s4", "kind": "distance"},
    ]
    areas = [
        _area("jiangcheng", "city", None, "Jiangcheng", "江城"),
        _area("dongmen", "street", "jiangcheng", "Dongmen", "东门"),
        _area("heping", "street", "jiangcheng", "Heping", "和平"),
        _area("xinhua", "street", "jiangcheng", "Xinhua", "新华"),
        *(_area(f"{street}-{part}", "community", street, part, part)
          for street, part in (("heping", "north"), ("heping", "south"), ("xinhua", "river"),
                               ("xinhua", "east"), ("dongmen", "harbour"), ("dongmen", "oldgate"))),
    ]  # fmt: skip
    city = {"name": {"en": "Jiangcheng", "zh": "江城"}, "timezone": "Asia/Shanghai"}
    return {"assets": assets, "areas": areas, "links": links, "city": city}


ASSETS = a_city()
