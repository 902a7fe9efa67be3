"""What a site of one kind and size consists of; every site of a city is a copy of a template.

Assets stand in an order such that a template cut short is still one piece: whatever an asset
hangs on comes before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.domain.place import AssetKind, LinkKind, SiteKind
from simulators.generator.devices import DEVICES, NUMBER

STRENGTH: Final = 1.0


@dataclass(frozen=True, slots=True)
class Fitting:
    """An asset of a template."""

    suffix: str
    """Asset id = site id, a dash, this; empty: the site's own id."""
    kind: AssetKind
    en: str
    """Name, after the site's; empty: the site's own."""
    zh: str
    east_m: float
    """From the site's place."""
    north_m: float
    devices: tuple[str, ...]
    storey: int | None = None
    occupancy: int = 0
    criticality: float = 0.6
    strength: float = STRENGTH
    """How strongly the city's rhythm is felt here, for devices that say so: metres of main from
    the inlet for a pressure, nodes fed for a flow."""


@dataclass(frozen=True, slots=True)
class Run:
    """Links of one kind: from ``hub`` to each asset, or along the assets where there is none."""

    kind: LinkKind
    assets: tuple[int, ...]
    hub: int | None = None
    length_m: float | None = None

    def pairs(self) -> Iterator[tuple[int, int]]:
        if self.hub is None:
            yield from pairwise(self.assets)
        else:
            yield from ((self.hub, asset) for asset in self.assets)

    def up_to(self, assets: int) -> Run | None:
        """What is left of it when only the first assets are there."""
        left = tuple(asset for asset in self.assets if asset < assets)
        gone = (self.hub is not None and self.hub >= assets) or len(left) < (
            2 if self.hub is None else 1
        )
        return None if gone else replace(self, assets=left)


@dataclass(frozen=True)
class Template:
    kind: SiteKind
    letter: str
    """In the site's id."""
    style: str
    """Which words its name is made of."""
    assets: tuple[Fitting, ...]
    runs: tuple[Run, ...] = ()
    height_m: float | None = None

    @cached_property
    def devices(self) -> NDArray[np.uint8]:
        """Device number of each sensor, in the order of the assets."""
        return np.array([NUMBER[key] for one in self.assets for key in one.devices], np.uint8)

    @cached_property
    def fittings(self) -> NDArray[np.uint16]:
        """Which asset each sensor hangs on."""
        counts = [len(one.devices) for one in self.assets]
        return np.repeat(np.arange(len(counts), dtype=np.uint16), counts)

    @cached_property
    def strengths(self) -> NDArray[np.float64]:
        """Per sensor, of its asset."""
        return np.array([one.strength for one in self.assets])[self.fittings]

    @cached_property
    def tails(self) -> tuple[str, ...]:
        """Per sensor, what follows the site's id in its own."""
        return tuple(
            f"{tail(one)}-{DEVICES[NUMBER[key]].suffix}"
            for one in self.assets
            for key in one.devices
        )

    def cut(self, sensors: int) -> Template:
        """The template with its first sensors only: a site that is still being fitted out."""
        kept: list[Fitting] = []
        for one in self.assets:
            if sensors <= 0:
                break
            kept.append(replace(one, devices=one.devices[:sensors]))
            sensors -= len(one.devices)
        runs = (run.up_to(len(kept)) for run in self.runs)
        return replace(self, assets=tuple(kept), runs=tuple(run for run in runs if run is not None))


def tail(fitting: Fitting) -> str:
    """What follows the site's id in the asset's."""
    return f"-{fitting.suffix}" if fitting.suffix else ""
