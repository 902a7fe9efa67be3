"""Which templates there are, and how often each is met at each slot of a community.

A community is twenty sites in a fixed pattern of slots; chance decides which template of its slot
a site is. The pattern spreads the kinds, so that even a small city has some of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulators.generator.buildings import USES, building
from simulators.generator.chance import Stream, shares
from simulators.generator.grounds import chamber, sewer, station, tunnel, zone
from simulators.generator.templates import Template


class Slot(IntEnum):
    ZONE = 0
    BUILDING = 1
    CHAMBER = 2
    SEWER = 3
    STATION = 4
    AVENUE = 5
    """A utility tunnel under it, or else one more building."""


_Z, _B, _C, _S, _P, _A = Slot
PATTERN: Final = (_Z, _B, _C, _S, _B, _C, _P, _B, _C, _B, _A, _C, _S, _B, _C, _B, _C, _B, _C, _B)
SITES: Final = len(PATTERN)
"""In a community."""
TUNNEL_SHARE: Final = 0.25
"""Of communities that have one."""


@dataclass(frozen=True)
class Menu:
    """The templates of a slot, and the share of draws up to and including each."""

    numbers: NDArray[np.int32]
    up_to: NDArray[np.float64]


@dataclass(frozen=True)
class Book:
    recipes: tuple[Callable[[], Template], ...]
    menus: tuple[Menu, ...]
    """By slot."""


@cache
def book() -> Book:
    """Every recipe there is; its number is its place."""
    recipes: list[Callable[[], Template]] = []
    weights: dict[Slot, dict[int, float]] = {slot: {} for slot in Slot}

    def offer(slot: Slot, weight: float, make: Callable[[], Template]) -> None:
        weights[slot][len(recipes)] = weight
        recipes.append(make)

    for nodes in range(8, 21):
        for kpa in (False, True):
            offer(Slot.ZONE, 1, partial(zone, nodes, kpa=kpa))
    for use in USES:
        for storeys in range(use.low, use.high + 1):
            weight = use.weight / (use.high - use.low + 1)
            offer(Slot.BUILDING, weight, partial(building, use, storeys))
    gas = ("chamber-ch4", "chamber-o2", "chamber-level")
    offer(Slot.CHAMBER, 0.5, partial(chamber, "gas-chamber", gas))
    lel = ("chamber-lel", "chamber-o2", "chamber-level-cm")
    offer(Slot.CHAMBER, 0.3, partial(chamber, "gas-chamber", lel))
    rest = ("chamber-co", "chamber-heat")
    offer(Slot.CHAMBER, 0.2, partial(chamber, "cable-chamber", (*gas, *rest)))
    for wells in range(6, 12):
        offer(Slot.SEWER, 1, partial(sewer, wells))
    for pumps in (1, 2, 3):
        offer(Slot.STATION, 1, partial(station, pumps))
    sections = range(5, 13)
    for length in sections:
        share = TUNNEL_SHARE / len(sections)
        offer(Slot.AVENUE, share, partial(tunnel, length))
    buildings = weights[Slot.BUILDING]
    for number, weight in buildings.items():
        weights[Slot.AVENUE][number] = (1 - TUNNEL_SHARE) * weight / sum(buildings.values())
    return Book(tuple(recipes), tuple(_menu(weights[slot]) for slot in Slot))


@cache
def template(number: int) -> Template:
    """The template of a number."""
    return book().recipes[number]()


@cache
def sizes() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sensors and assets of every template."""
    every = [template(number) for number in range(len(book().recipes))]
    return (
        np.array([one.devices.size for one in every]),
        np.array([len(one.assets) for one in every]),
    )


def numbers(seed: int, sites: NDArray[np.int64]) -> NDArray[np.int32]:
    """The template number of each site, whichever others are asked for."""
    drawn = shares(seed, Stream.TEMPLATE, sites)
    slots = np.array(PATTERN)[sites % SITES]
    found = np.empty(sites.size, np.int32)
    for slot, menu in zip(Slot, book().menus, strict=True):
        here = np.flatnonzero(slots == slot)
        found[here] = menu.numbers[np.searchsorted(menu.up_to, drawn[here], side="right")]
    return found


def number(seed: int, site: int) -> int:
    """The template number of one site."""
    return int(numbers(seed, np.array([site]))[0])


def _menu(weights: dict[int, float]) -> Menu:
    up_to = np.cumsum(list(weights.values()), dtype=np.float64)
    up_to /= up_to[-1]
    return Menu(np.array(list(weights), np.int32), up_to)
