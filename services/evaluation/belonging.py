"""Which truth an alarm belongs to, which it lies beside, and what a false one was taken from.

An alarm belongs to a truth when hazard and place fit (the truth's assets, their sites, or what a
link joins to them) and it was raised between the beginning and ``AFTERMATH_S`` after the end. An
alarm of another hazard at the same place and time is beside the truth: a fire draws down the
riser, and nobody would call that alarm false or right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.evaluation.ground import Ground
from services.evaluation.model import QUIET, Alarm, Expected
from shared.domain.registry import Registry
from simulators.happenings.common import What

AFTERMATH_S: Final = 3600.0
"""How long after its end a happening still explains an alarm: smoke lingers, pipes fill up."""

_WORDS: Final = {
    What.SENSOR_FAULT.value: "a lying sensor was taken for {}",
    What.OPERATIONAL.value: "an operation was taken for {}",
    QUIET: "{} where nothing may be called",
}
_CONFUSED: Final = tuple(_WORDS)
"""What explains a false alarm best comes first."""


class Belonging:
    def __init__(self, expected: Sequence[Expected], registry: Registry, ground: Ground) -> None:
        self._expected = expected
        self._ground = ground
        self._site = {asset.id: asset.site for asset in registry.assets.values()}

    def owner(self, alarm: Alarm) -> Expected | None:
        """The truth an alarm belongs to: one that names its asset, else the one begun last."""
        fitting = [
            one for one in self._expected if one.hazard is alarm.hazard and self._fits(alarm, one)
        ]
        return max(fitting, key=lambda one: (alarm.asset in one.assets, one.from_s), default=None)

    def is_beside(self, alarm: Alarm) -> bool:
        """Of another hazard than the truth there, or no worse than quiet or operation allow."""
        for one in self._expected:
            if not self._fits(alarm, one):
                continue
            if one.hazard is not None:
                return True
            if one.level_max is not None and alarm.worst <= one.level_max:
                return True
        return False

    def blame(self, alarm: Alarm) -> tuple[Expected | None, str]:
        """What a false alarm was taken from, if anything, and in words."""
        confused = [one for one in self._expected if one.hazard is None and self._fits(alarm, one)]
        if confused:
            one = min(confused, key=lambda one: _CONFUSED.index(one.what))
            return one, _WORDS[one.what].format(alarm.hazard.value)
        coming = [
            one.from_s
            for one in self._expected
            if one.hazard is alarm.hazard and self.is_near(alarm, one)
            if one.from_s > alarm.raised_s
        ]
        if coming:
            return None, f"{min(coming) - alarm.raised_s:.0f} s before anything happened there"
        return None, "nothing had happened there"

    def is_near(self, alarm: Alarm, one: Expected) -> bool:
        """Of the same place; for a sensor that lies that is its own asset."""
        if one.what == What.SENSOR_FAULT:
            return alarm.asset in one.assets
        if one.what == QUIET and not one.assets:
            return True
        places = {one.at, *one.assets}
        if alarm.asset in places or alarm.site in {self._site.get(place) for place in places}:
            return True
        return any(self._ground.is_beside(alarm.asset, place) for place in places)

    def _fits(self, alarm: Alarm, one: Expected) -> bool:
        over_s = max(one.until_s, one.latest_s) + AFTERMATH_S
        return one.from_s <= alarm.raised_s <= over_s and self.is_near(alarm, one)
