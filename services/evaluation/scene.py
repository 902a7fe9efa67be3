"""What the sensors beside a truth showed, and how that stood to the limits people are called for.

Published limits are those a standard or regulation names; the bands between them are ours and
count for nobody's law.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.detector.core.habits import HABITS
from services.detector.core.limit import Confidence, Limit, Sense, family_of, hazard_of
from services.detector.core.limit_tables import limits_of
from services.evaluation.hearing import Tape
from services.evaluation.model import Expected
from shared.domain.level import Level
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor

Floats = NDArray[np.float64]

STANDARD_FROM: Final = Level.ORANGE
"""Below this the published figures are advance warnings, not the alarm a standard asks for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One sensor's readings in scenario seconds, with the limits it is held against."""

    sensor: Sensor
    limits: tuple[Limit, ...]
    speaks: bool
    """Its surprise alone is an alarm."""
    times_s: Floats
    values: Floats

    def between(self, from_s: float, until_s: float) -> Shown:
        inside = (self.times_s >= from_s) & (self.times_s <= until_s)
        return Shown(
            self.sensor, self.limits, self.speaks, self.times_s[inside], self.values[inside]
        )


@dataclass(frozen=True, slots=True)
class Scene:
    registry: Registry
    tape: Tape
    start_us: int
    honest: Tape | None = None
    """What the sensors would have shown had none lied; None where none did."""

    def watchers(self, expected: Expected, tape: Tape | None = None) -> Iterator[Shown]:
        """The sensors that could notice it: at its own assets or, where none are, in its site.

        Of a lying sensor it is that one.
        """
        tape = tape or self.tape
        found = [one for one in self._sensors(expected) if one.asset in expected.assets]
        if not found:
            site = self._site(expected.at)
            found = [one for one in self._sensors(expected) if self._site(one.asset) == site]
        for sensor in found:
            asset = self.registry.assets[sensor.asset]
            at_us, values = tape.readings(sensor.id)
            yield Shown(
                sensor,
                limits_of(family_of(asset.kind, asset.height_m), sensor.quantity),
                HABITS[sensor.quantity].speaks,
                (at_us - self.start_us) / 1e6,
                values,
            )

    def _sensors(self, expected: Expected) -> Iterator[Sensor]:
        for sensor in sorted(self.registry.sensors.values(), key=lambda one: one.id):
            asset = self.registry.assets[sensor.asset]
            hazard = hazard_of(family_of(asset.kind, asset.height_m), sensor.quantity)
            if expected.sensors and sensor.id not in expected.sensors:
                continue
            if expected.hazard is None or hazard is expected.hazard:
                yield sensor

    def _site(self, asset: str) -> str | None:
        known = self.registry.assets.get(asset)
        return None if known is None else known.site

    def standard_s(self, expected: Expected) -> float | None:
        """When an honest sensor beside it first shows a value beyond a published limit."""
        passed = [
            at_s
            for shown in self.watchers(expected, self.honest)
            for limit in shown.limits
            if limit.level >= STANDARD_FROM and limit.confidence is not Confidence.PROPOSAL
            if (at_s := first_beyond(shown.between(expected.from_s, np.inf), limit)) is not None
        ]
        return min(passed, default=None)


def beyond(values: Floats, limit: Limit) -> NDArray[np.bool_]:
    """Which values are on the bad side; none for a limit of rates."""
    if limit.sense.is_rate:
        return np.zeros(values.size, np.bool_)
    return values >= limit.raises_at if limit.sense is Sense.ABOVE else values < limit.raises_at


def first_beyond(shown: Shown, limit: Limit) -> float | None:
    """When a reading first lay beyond the limit, however briefly."""
    past = np.flatnonzero(beyond(shown.values, limit))
    return float(shown.times_s[past[0]]) if past.size else None


def longest_beyond_s(shown: Shown, limit: Limit) -> float:
    """The longest unbroken time beyond it, from the first reading to the last."""
    past = beyond(shown.values, limit)
    longest, since = 0.0, None
    for at_s, is_past in zip(shown.times_s.tolist(), past.tolist(), strict=True):
        if not is_past:
            since = None
            continue
        since = at_s if since is None else since
        longest = max(longest, at_s - since)
    return longest
