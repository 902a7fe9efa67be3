"""Buildings of several heights and uses: a fire main, an escape stair, and instruments per floor.

Low houses have one smoke head a floor, taller ones a second head and a heat sensor, and from
``CO_STOREYS`` on carbon monoxide as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.domain.place import AssetKind, LinkKind, SiteKind
from simulators.generator.templates import Fitting, Run, Template

PAIR_STOREYS: Final = 10
CO_STOREYS: Final = 18
REFUGE_EVERY: Final = 12
"""Towers above 100 m have refuge floors, at most 50 m apart (GB 50016, 5.5.23)."""
REFUGE_HEIGHT_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class Use:
    """What a building is for."""

    style: str
    en: str
    zh: str
    storey_m: float
    people: int
    """On a floor at the busiest hour."""
    criticality: float
    low: int
    high: int
    """Storeys of the lowest and the highest."""
    weight: float
    """Share of such buildings among all."""


USES: Final = (
    Use("court", "flats", "住宅", 3.0, 18, 0.6, 6, 9, 0.34),
    Use("court", "flats", "住宅", 3.0, 24, 0.6, 10, 17, 0.28),
    Use("court", "flats", "住宅", 3.0, 30, 0.7, 18, 33, 0.20),
    Use("office", "offices", "办公", 4.2, 110, 0.6, 8, 30, 0.09),
    Use("hotel", "rooms", "客房", 3.6, 60, 0.8, 8, 28, 0.04),
    Use("hospital", "wards", "病区", 4.0, 90, 1.0, 6, 18, 0.02),
    Use("office", "offices", "办公", 4.2, 120, 0.7, 31, 60, 0.03),
)


def building(use: Use, storeys: int) -> Template:
    """A building of a use with that many storeys above ground."""
    height_m = round(use.storey_m * storeys)
    devices = _devices(use, storeys)
    riser = Fitting("riser", AssetKind.RISER, "fire main", "消防立管", 0, 0, ("riser",),
                    criticality=0.9)  # fmt: skip
    stair = Fitting("stair", AssetKind.SHAFT, "escape stair", "疏散楼梯间", 0, 0,
                    ("stair-smoke", "stair-heat"), criticality=0.9)  # fmt: skip
    floors = [
        _floor(use, storey, height_m=height_m, devices=devices) for storey in range(1, storeys + 1)
    ]
    numbers = tuple(range(2, 2 + storeys))
    return Template(
        kind=SiteKind.BUILDING,
        letter="b",
        style=use.style,
        assets=(riser, stair, *floors),
        runs=(
            Run(LinkKind.SHAFT, numbers, length_m=use.storey_m),
            Run(LinkKind.SHAFT, numbers, hub=1),
            Run(LinkKind.PIPE, (2,), hub=0),
        ),
        height_m=float(height_m),
    )


def _floor(use: Use, storey: int, *, height_m: int, devices: tuple[str, ...]) -> Fitting:
    refuge = height_m > REFUGE_HEIGHT_M and storey % REFUGE_EVERY == 0
    en, zh = ("refuge", "避难层") if refuge else (use.en, use.zh)
    return Fitting(
        suffix=f"f{storey:02}",
        kind=AssetKind.FLOOR,
        en=f"floor {storey} ({en})",
        zh=f"{storey}层（{zh}）",
        east_m=0,
        north_m=0,
        devices=devices,
        storey=storey,
        occupancy=8 if refuge else use.people,
        criticality=use.criticality,
    )


def _devices(use: Use, storeys: int) -> tuple[str, ...]:
    if storeys >= CO_STOREYS or use.style == "hospital":
        return ("smoke-a", "smoke-b", "heat", "co")
    if storeys >= PAIR_STOREYS:
        return ("smoke-a", "smoke-b", "heat")
    return ("smoke-a",)
