"""What operators do, or their pumps: real, seen by every gauge, and no leak.

A pump that trips is a pump of a network, or at a zone's inlet the pumps behind it: the head they
make falls at once and comes back when they run again. A valve that is shut sends water another
way. Mains are flushed through a hydrant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from shared.domain.place import AssetKind
from shared.domain.registry import Registry
from simulators.happenings.water.common import InNetwork, OnPipe
from simulators.networks.acts import Act, Draw, Shut, SourceFall
from simulators.zones import Waterworks, ZoneModel


class PumpTrip(InNetwork):
    """``until_s`` is when it runs again."""

    kind: Literal["pump-trip"]
    fall_m: float = Field(default=8.0, gt=0, le=100)
    """Head lost behind a zone's inlet; a network's pump knows its own."""

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.PIPE_NODE, AssetKind.PUMP})

    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        if isinstance(works, ZoneModel):
            return (SourceFall(self.fall_m, self.from_s, self.until_s),)
        return (Shut(works.place(self.asset), self.from_s, self.until_s),)


class ValveShut(OnPipe):
    """A valve on a main is closed by mistake or for work, and opened again at ``until_s``."""

    kind: Literal["valve-shut"]

    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        return (Shut(self.spot(works), self.from_s, self.until_s),)

    def faults(self, registry: Registry) -> Iterator[str]:
        """Also: a node alone cannot be shut."""
        yield from super().faults(registry)
        asset = registry.assets.get(self.asset)
        if asset is not None and asset.kind is AssetKind.PIPE_NODE and self.pipe is None:
            yield f"asset {self.asset} is a node: name the main to shut as pipe"


class Flush(InNetwork):
    """A hydrant at a node is opened to clean the mains."""

    kind: Literal["flush"]
    flow_ls: float = Field(default=15.0, gt=0, le=200)

    def where(self) -> frozenset[AssetKind]:
        return frozenset({AssetKind.PIPE_NODE})

    def acts(self, works: Waterworks) -> tuple[Act, ...]:
        return (Draw(works.place(self.asset), self.flow_ls, self.from_s, self.until_s),)
