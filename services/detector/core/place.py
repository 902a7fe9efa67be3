"""Everything the detector needs to know of one sensor, looked up in the registry once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.detector.core.habits import HABITS, Habit
from services.detector.core.limit import Family, family_of, hazard_of
from services.detector.core.profiles import SECOND_US, Profiles
from shared.domain.hazard import Hazard
from shared.domain.place import Asset
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry

SILENT_INTERVALS: Final = 3
SILENT_AT_LEAST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    sensor: str
    asset: Asset
    quantity: Quantity
    hazard: Hazard | None
    profile: int
    habit: Habit
    silent_after_us: int
    """Event time of its site after which a sensor in alarm counts as lost."""

    @property
    def nature(self) -> str:
        """What must not change under a row that has learned; a checkpoint is compared by it."""
        return f"{self.asset.id}/{self.quantity.value}/{self.profile}"


def places_by_site(registry: Registry, profiles: Profiles) -> Mapping[str, Mapping[str, Place]]:
    """Every sensor of every site."""
    sites: dict[str, dict[str, Place]] = {site: {} for site in registry.sites}
    for sensor in registry.sensors.values():
        asset = registry.assets[sensor.asset]
        family: Family = family_of(asset.kind, asset.height_m)
        patience_s = max(SILENT_INTERVALS * sensor.interval_s, SILENT_AT_LEAST_S)
        sites[asset.site][sensor.id] = Place(
            sensor=sensor.id,
            asset=asset,
            quantity=sensor.quantity,
            hazard=hazard_of(family, sensor.quantity),
            profile=profiles.of(family, sensor.quantity),
            habit=HABITS[sensor.quantity],
            silent_after_us=round(patience_s * SECOND_US),
        )
    return sites
