"""What every fault of a sensor says about itself: which sensors lie, from when to when.

A fault is data read from a scenario file. On each sensor it becomes a lie with its own memory and
its own chance, seeded by the scenario's seed, the fault's number and, unless its sensors fail
together, the sensor's id; so adding a fault never changes what another one does.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor
from simulators.channels import Channel, Flags, Floats, Lie, Stretch
from simulators.happenings.common import Part, Truth

FAULT_STREAM = zlib.crc32(b"faults")


class Fault(Part, ABC):
    """One way in which sensors lie. Seconds count from the scenario's start."""

    sensor: str | None = None
    """One sensor; or all of an asset, or all of a site, narrowed by ``quantity``."""
    asset: str | None = None
    site: str | None = None
    quantity: Quantity | tuple[Quantity, ...] | None = None
    from_s: float = Field(default=0.0, ge=0)
    until_s: float | None = None
    """Left out: as long as the scenario lasts."""
    truth: Truth | None = None

    together: ClassVar[bool] = False
    """Whether its sensors fail in the same moments, as those of one device do."""

    @abstractmethod
    def lie(self, channel: Channel, rng: np.random.Generator) -> Lie:
        """What it does to one channel."""

    def fits(self) -> frozenset[Quantity]:
        """The quantities it can happen to."""
        return frozenset(Quantity)

    def targets(self, registry: Registry) -> tuple[Sensor, ...]:
        """The sensors that lie, by id."""
        wanted = (
            {self.quantity} if isinstance(self.quantity, Quantity) else set(self.quantity or ())
        )
        return tuple(
            sensor
            for sensor in sorted(registry.sensors.values(), key=lambda sensor: sensor.id)
            if self._names(registry, sensor)
            and (not wanted or sensor.quantity in wanted)
            and sensor.quantity in self.fits()
        )

    def _names(self, registry: Registry, sensor: Sensor) -> bool:
        return (
            (self.sensor is None or sensor.id == self.sensor)
            and (self.asset is None or sensor.asset == self.asset)
            and (self.site is None or registry.assets[sensor.asset].site == self.site)
        )

    def lies(self, registry: Registry, *, seed: int, number: int) -> Iterator[tuple[str, LieMaker]]:
        """A maker of a lie for every sensor it touches; ``number`` is its place in the file."""
        for sensor in self.targets(registry):
            own = 0 if self.together else zlib.crc32(sensor.id.encode())
            yield sensor.id, LieMaker(self, (seed, FAULT_STREAM, number, own))

    def faults(self, registry: Registry) -> Iterator[str]:
        """Everything wrong with it in this city, one line each."""
        if self.until_s is not None and self.until_s <= self.from_s:
            yield f"until_s {self.until_s:g} is not after from_s {self.from_s:g}"
        if self.truth is not None:
            yield from self.truth.complaints(self.from_s)
        if self.sensor is None and self.asset is None and self.site is None:
            yield "names no sensor, asset or site; say which sensors lie"
            return
        unknown = [
            f"{what} {name} is not in the registry of {registry.name}"
            for what, name, known in (
                ("sensor", self.sensor, registry.sensors),
                ("asset", self.asset, registry.assets),
                ("site", self.site, registry.sites),
            )
            if name is not None and name not in known
        ]
        yield from unknown
        if not unknown and not self.targets(registry):
            fits = self.fits()
            only = "" if fits == frozenset(Quantity) else f"; it fits {', '.join(sorted(fits))}"
            yield f"no sensor there is of a quantity it could happen to{only}"


class LieMaker:
    """A fault waiting for the channel it will lie on."""

    def __init__(self, fault: Fault, seed: tuple[int, ...]) -> None:
        self._fault = fault
        self._seed = seed

    def __call__(self, channel: Channel) -> Lie:
        return self._fault.lie(channel, np.random.default_rng(self._seed))


def shown(channel: Channel, before: Floats, after: Floats) -> Floats:
    """``after``, kept within what the device can show where it was so before."""
    inside = (before >= channel.low) & (before <= channel.high)
    return np.where(inside, np.clip(after, channel.low, channel.high), after)


def put(channel: Channel, stretch: Stretch, active: Flags, after: Floats) -> None:
    """Let the active readings be what ``after`` says, as far as the device can show it."""
    changed = shown(channel, stretch.values, after)
    stretch.values = np.where(active, changed, stretch.values)
