"""What happenings in pipe networks share: they are acts, and the network says what follows.

A happening turns itself into acts; the zone or network it happens in is solved with them and
without, and the difference is what its sensors add. Several happenings in one network are solved
each for itself and added up, which is exact for small ones and generous to large ones; what belongs
together (a hole that grows and then gives way) is one happening.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from pydantic import Field

from shared.domain.place import AssetKind, LinkKind, Position
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from simulators.city import City, Trace
from simulators.happenings.common import Happening, position_of
from simulators.networks.acts import Act
from simulators.networks.zone_net import PIPE_JOINT
from simulators.physics.gas import Floats
from simulators.zones import Waterworks

SEEN: Final[Mapping[Quantity, float]] = {Quantity.WATER_PRESSURE: 1e-6, Quantity.FLOW: 1e-4}
"""Smaller changes (MPa, L/s) are the solver's, not the water's."""


class InNetwork(Happening):
    """Something that is done to a pressure zone, or to a network of EPANET's."""

    def needs(self) -> frozenset[Quantity]:
        return frozenset()

    @abstractmethod
    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        """What is done; places are named as the works name them."""

    def shaped(self, times_s: Floats, added: Floats, quantity: Quantity) -> Floats:
        """What a sensor adds of what the network says; all of it unless a kind knows better."""
        return added

    def traces(self, city: City) -> dict[str, Trace]:
        """Pressures and flows of the whole network it happens in."""
        site = city.registry.assets[self.asset].site
        works: Waterworks = city.zones[site]
        times, added = works.changes(
            self.acts(works), until_s=self.until_s + works.settles_s + 1.0, hours=city.hours
        )
        traces = {}
        for sensor, values in sorted(added.items()):
            quantity = city.registry.sensors[sensor].quantity
            if np.abs(values).max(initial=0.0) > SEEN[quantity]:
                traces[sensor] = Trace(times, self.shaped(times, values, quantity))
        return traces

    def faults(self, registry: Registry) -> Iterator[str]:
        """Also: a site without a pressure sensor notices nothing."""
        yield from super().faults(registry)
        asset = registry.assets.get(self.asset)
        if asset is None:
            return
        if not any(
            sensor.quantity is Quantity.WATER_PRESSURE
            and registry.assets[sensor.asset].site == asset.site
            for sensor in registry.sensors.values()
        ):
            yield f"site {asset.site} has no water-pressure sensor, so nobody would notice"


class OnPipe(InNetwork):
    """Something at a node, or on the main named by ``pipe``."""

    pipe: str | None = Field(default=None, min_length=1)
    """A main of a pressure zone, ``a--b`` after the two assets it joins; in a city made of a
    network the pipe is an asset itself and ``asset`` names it."""

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.PIPE_NODE, AssetKind.PIPE})

    def spot(self, works: Waterworks) -> str:
        """The place as acts name it."""
        return self.pipe if self.pipe is not None else works.place(self.asset)

    def ends(self) -> tuple[str, ...]:
        """The assets between which the place lies; the asset alone without ``pipe``."""
        return tuple(self.pipe.split(PIPE_JOINT)) if self.pipe else (self.asset,)

    def position(self, registry: Registry) -> Position | None:
        """Longitude and latitude of the true place: of the main's middle."""
        found = [position_of(registry, (end,)) for end in self.ends()]
        known = [position for position in found if position is not None]
        if len(known) < len(found):
            return None
        longitudes, latitudes = zip(*known, strict=True)
        return float(np.mean(longitudes)), float(np.mean(latitudes))

    def faults(self, registry: Registry) -> Iterator[str]:
        """Also: a pipe that joins nothing."""
        yield from super().faults(registry)
        if self.pipe is not None:
            ends = set(self.ends())
            pipes = (link for link in registry.links if link.kind is LinkKind.PIPE)
            if not any({link.a, link.b} == ends for link in pipes):
                example = f"like z1-n01{PIPE_JOINT}z1-n02"
                yield f"pipe {self.pipe} is no pipe link of {registry.name}; name one {example}"
            elif self.asset not in ends:
                yield f"pipe {self.pipe} does not touch asset {self.asset}"
