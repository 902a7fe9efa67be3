"""A whole city as columns: about ten bytes a sensor, everything else shared by templates.

Row i of the sensor columns is the city's i-th sensor. Sites stand in order, and so do the assets
of a site and the sensors of an asset; names and ids are spelled only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.domain.sensor import Sensor
from simulators.generator.areas import community_id
from simulators.generator.devices import DEVICES
from simulators.generator.pieces import SitePieces, sensor_of, site_id
from simulators.generator.plan import Plan, plan
from simulators.generator.recipes import SITES
from simulators.generator.templates import Template

INTERVALS_MS: Final = np.array([round(1000 * one.interval_s) for one in DEVICES], np.int64)
"""By device number."""


@dataclass(frozen=True)
class CityColumns:
    plan: Plan
    device: NDArray[np.uint8]
    """Per sensor: its place in ``DEVICES``."""
    asset: NDArray[np.int32]
    """Per sensor: row of its asset."""
    fitting: NDArray[np.uint16]
    """Per asset: which of its template's assets it is."""
    site: NDArray[np.int32]
    """Per asset: its site."""

    @property
    def seed(self) -> int:
        return self.plan.seed

    def __len__(self) -> int:
        """How many sensors."""
        return int(self.device.size)

    @property
    def bytes(self) -> int:
        """What the columns hold in memory."""
        planned = (self.plan.numbers, self.plan.sensors, self.plan.assets)
        every = (self.device, self.asset, self.fitting, self.site, *planned)
        return sum(column.nbytes for column in every)

    def template(self, site: int) -> Template:
        return self.plan.template(site)

    def site_id(self, site: int) -> str:
        return site_id(site, self.template(site).letter)

    def area_id(self, site: int) -> str:
        return community_id(site // SITES)

    def pieces(self, site: int) -> SitePieces:
        """One site as nouns of the domain."""
        return SitePieces(self.seed, site, self.template(site))

    def sensors_of(self, site: int) -> range:
        """The rows of a site's sensors."""
        return range(int(self.plan.sensors[site]), int(self.plan.sensors[site + 1]))

    def sensor(self, row: int) -> Sensor:
        """One sensor; IndexError outside the city."""
        asset = int(self.asset[row])
        site = int(self.site[asset])
        return sensor_of(
            DEVICES[int(self.device[row])],
            self.pieces(site).asset_id(int(self.fitting[asset])),
        )

    def sensor_ids(self) -> Iterator[str]:
        """Every sensor's id in the order of the rows."""
        for site in range(self.plan.sites):
            stem = self.site_id(site)
            for tail in self.template(site).tails:
                yield stem + tail


def city_columns(seed: int, sensors: int) -> CityColumns:
    """The same city as ``generate`` makes; raises BadInput for the same reasons."""
    planned = plan(seed, sensors)
    templates = [planned.template(site) for site in range(planned.sites)]
    asset_counts = np.diff(planned.assets)
    local = np.concatenate([one.fittings for one in templates]).astype(np.int32)
    local += np.repeat(planned.assets[:-1], np.diff(planned.sensors)).astype(np.int32)
    before = np.repeat(planned.assets[:-1], asset_counts)
    return CityColumns(
        plan=planned,
        device=np.concatenate([one.devices for one in templates]),
        asset=local,
        fitting=(np.arange(before.size) - before).astype(np.uint16),
        site=np.repeat(np.arange(planned.sites, dtype=np.int32), asset_counts),
    )
