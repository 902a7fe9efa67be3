"""Names for places, in English and Chinese, made from syllables; nobody and no real place is meant.

The i-th name of a seed is the same in every city of that seed.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from simulators.generator.chance import Stream, pick

Name: TypeAlias = tuple[str, str]
"""English, Chinese."""

FIRST: Final[tuple[Name, ...]] = (
    ("Dong", "东"), ("Nan", "南"), ("Xi", "西"), ("Bei", "北"), ("Jin", "锦"), ("Yun", "云"),
    ("Qing", "清"), ("Long", "龙"), ("Feng", "凤"), ("Bai", "白"), ("Cui", "翠"), ("Hong", "虹"),
    ("Xin", "新"), ("He", "和"), ("An", "安"), ("Yong", "永"), ("Tai", "泰"), ("Fu", "福"),
    ("Lan", "兰"), ("Mei", "梅"), ("Song", "松"), ("Zhu", "竹"), ("Gui", "桂"), ("Liu", "柳"),
    ("Chang", "长"), ("Guang", "广"), ("Ming", "明"), ("Rui", "瑞"), ("Bin", "滨"), ("Wen", "文"),
)  # fmt: skip
SECOND: Final[tuple[Name, ...]] = (
    ("men", "门"), ("hu", "湖"), ("shan", "山"), ("qiao", "桥"), ("lin", "林"), ("tang", "塘"),
    ("ping", "坪"), ("wan", "湾"), ("xi", "溪"), ("yuan", "苑"), ("cheng", "城"), ("feng", "峰"),
    ("he", "河"), ("ling", "岭"), ("tan", "潭"), ("zhou", "洲"), ("quan", "泉"), ("tai", "台"),
    ("pu", "浦"), ("gang", "岗"), ("jing", "井"), ("yan", "岩"), ("ze", "泽"), ("tian", "田"),
)  # fmt: skip
QUARTERS: Final[tuple[Name, ...]] = (
    ("North", "北"), ("East", "东"), ("South", "南"), ("West", "西"), ("Riverside", "江岸"),
    ("Old Town", "老城"), ("Garden", "花园"), ("Station", "车站"),
)  # fmt: skip
_HOUSES: Final[tuple[Name, ...]] = (
    ("Jade", "翡翠"), ("Maple", "枫叶"), ("Harbour", "江港"), ("Lotus", "莲花"), ("Pine", "青松"),
    ("Golden", "金辉"), ("Orchid", "幽兰"), ("Moonlight", "月光"), ("Crane", "云鹤"),
    ("Bamboo", "翠竹"), ("Sunrise", "朝阳"), ("Plum", "红梅"), ("Spring", "春晖"),
    ("Osmanthus", "丹桂"), ("Pearl", "明珠"), ("Silver", "银杏"), ("Rainbow", "彩虹"),
    ("Swallow", "飞燕"), ("Peace", "和平"), ("Lake", "湖畔"),
)  # fmt: skip
_KINDS: Final[dict[str, Name]] = {
    "court": ("Court, block", "苑{}号楼"),
    "office": ("Tower", "大厦{}座"),
    "hotel": ("Hotel", "酒店{}号楼"),
    "hospital": ("Hospital, ward block", "医院{}号住院楼"),
    "zone": ("pressure zone", "供水分区"),
    "station": ("pump station", "加压泵站"),
    "tunnel": ("utility tunnel", "综合管廊"),
    "sewer": ("branch sewer", "污水支管"),
    "gas-chamber": ("gas valve chamber", "燃气阀门井"),
    "cable-chamber": ("cable chamber", "电缆井"),
}
_NAMES: Final = len(FIRST) * len(SECOND)
_STEP: Final = 277
"""Shares no factor with the number of names, so that walking by it meets each one once."""
DISTRICTS: Final = 64
"""Names kept for the city and its districts; streets have the others."""


def place_name(seed: int, index: int) -> Name:
    """The index-th name of a place: 0 the city, then its districts, from ``DISTRICTS`` streets."""
    at = (pick(seed, Stream.NAME, -1, _NAMES) + index * _STEP) % _NAMES
    first, second = FIRST[at // len(SECOND)], SECOND[at % len(SECOND)]
    return first[0] + second[0], first[1] + second[1]


def house_name(seed: int, site: int, style: str, number: int) -> Name:
    """A building's name; ``number`` tells it from its neighbours."""
    first = _HOUSES[pick(seed, Stream.NAME, site, len(_HOUSES))]
    en, zh = _KINDS[style]
    return f"{first[0]} {en} {number}", first[1] + zh.format(number)


def works_name(community: Name, style: str, number: int | None) -> Name:
    """The name of what lies in a community's ground; ``number`` None where there is one of it."""
    en, zh = _KINDS[style]
    if number is None:
        return f"{community[0]} {en}", community[1] + zh
    return f"{community[0]} {en} {number}", f"{community[1]}{number}号{zh}"
