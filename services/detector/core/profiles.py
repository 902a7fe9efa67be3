"""Limits as tables of numbers: one profile for each set of limits, one slot for each limit.

A comparison has one form for every sense: ``signed value >= signed limit``, where falling and
low are mirrored. Slots that a profile does not use can never be crossed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.limit import Family, Limit, Sense
from services.detector.core.limit_tables import LIMITS
from shared.domain.quantity import Quantity

SLOTS: Final = 8
"""Most limits one sensor may have: a mask of them is one byte."""
WINDOWS: Final = 2
"""Most rates one sensor may be watched for."""
SECOND_US: Final = 1_000_000

NO_LIMITS: Final = 0
"""The profile of a sensor that has none."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Axis 0 is the profile; ``limits[p]`` names its slots in order."""

    limits: tuple[tuple[Limit, ...], ...]
    sign: NDArray[np.float64]
    raises: NDArray[np.float64]
    clears: NDArray[np.float64]
    on_us: NDArray[np.int64]
    off_us: NDArray[np.int64]
    source: NDArray[np.int8]
    """What the slot looks at: -1 the value, else which of the profile's rates."""
    grade: NDArray[np.int8]
    """By mask of crossed limits: 0 for none, else 1 + rank of the worst level."""
    implied: NDArray[np.uint8]
    """By mask: the slots that a worse crossed limit of the same kind carries with it."""
    window_us: NDArray[np.int64]
    """Of each rate; 0 where there is none."""
    window_sign: NDArray[np.float64]
    number: dict[tuple[Family, Quantity], int]

    def of(self, family: Family, quantity: Quantity) -> int:
        """The profile of such a sensor."""
        return self.number.get((family, quantity), NO_LIMITS)


@cache
def standard_profiles() -> Profiles:
    """The shipped limits, compiled once a process; nobody writes to them."""
    return compile_profiles(LIMITS)


def compile_profiles(tables: dict[Family, dict[Quantity, tuple[Limit, ...]]]) -> Profiles:
    """The tables as arrays; ValueError for a set with more limits or rates than fit."""
    sets: list[tuple[Limit, ...]] = [()]
    number: dict[tuple[Family, Quantity], int] = {}
    for family, by_quantity in tables.items():
        for quantity, limits in by_quantity.items():
            if limits not in sets:
                sets.append(limits)
            number[(family, quantity)] = sets.index(limits)
    count = len(sets)
    made = Profiles(
        limits=tuple(sets),
        sign=np.ones((count, SLOTS)),
        raises=np.full((count, SLOTS), np.inf),
        clears=np.full((count, SLOTS), -np.inf),
        on_us=np.zeros((count, SLOTS), np.int64),
        off_us=np.zeros((count, SLOTS), np.int64),
        source=np.full((count, SLOTS), -1, np.int8),
        grade=np.zeros((count, 1 << SLOTS), np.int8),
        implied=np.zeros((count, 1 << SLOTS), np.uint8),
        window_us=np.zeros((count, WINDOWS), np.int64),
        window_sign=np.ones((count, WINDOWS)),
        number=number,
    )
    for profile, limits in enumerate(sets):
        _fill(made, profile, limits)
    return made


def _fill(made: Profiles, profile: int, limits: tuple[Limit, ...]) -> None:
    if len(limits) > SLOTS:
        raise ValueError(f"{len(limits)} limits for one sensor, room for {SLOTS}")
    rates: list[tuple[float, Sense]] = []
    for slot, limit in enumerate(limits):
        below = limit.sense is Sense.BELOW
        made.sign[profile, slot] = -1.0 if below else 1.0
        made.raises[profile, slot] = (
            np.nextafter(-limit.raises_at, np.inf) if below else limit.raises_at
        )
        made.clears[profile, slot] = -limit.clears_at if below else limit.clears_at
        made.on_us[profile, slot] = round(limit.on_after_s * SECOND_US)
        made.off_us[profile, slot] = round(limit.off_after_s * SECOND_US)
        if limit.sense.is_rate:
            rate = (limit.window_s, limit.sense)
            if rate not in rates:
                rates.append(rate)
            made.source[profile, slot] = rates.index(rate)
    if len(rates) > WINDOWS:
        raise ValueError(f"{len(rates)} rates for one sensor, room for {WINDOWS}")
    for index, (window_s, sense) in enumerate(rates):
        made.window_us[profile, index] = round(window_s * SECOND_US)
        made.window_sign[profile, index] = 1.0 if sense is Sense.RISE else -1.0
    for mask in range(1 << len(limits)):
        crossed = [slot for slot in range(len(limits)) if mask >> slot & 1]
        grades = [1 + limits[slot].level.rank for slot in crossed]
        made.grade[profile, mask] = max(grades, default=0)
        made.implied[profile, mask] = _carried(limits, crossed)


def _carried(limits: tuple[Limit, ...], crossed: list[int]) -> int:
    carried = 0
    for slot, limit in enumerate(limits):
        if any(
            limits[other].sense is limit.sense
            and limits[other].window_s == limit.window_s
            and limits[other].level > limit.level
            for other in crossed
        ):
            carried |= 1 << slot
    return carried
