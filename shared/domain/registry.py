"""The city as one value: every area, site, asset, link, sensor, person, team and duty, by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.domain.person import Duty, Person, Team
from shared.domain.place import Area, Asset, Link, Site
from shared.domain.sensor import Sensor


@dataclass(frozen=True, slots=True)
class Registry:
    """Complete and consistent: whoever builds one has checked that every reference resolves."""

    name: str
    timezone: str
    areas: Mapping[str, Area]
    sites: Mapping[str, Site]
    assets: Mapping[str, Asset]
    sensors: Mapping[str, Sensor]
    links: tuple[Link, ...]
    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    duties: tuple[Duty, ...]

    def site_of(self, sensor: str) -> str:
        """The site a sensor's readings are keyed by; KeyError for a sensor nobody knows."""
        return self.assets[self.sensors[sensor].asset].site

    def upwards(self, area: str) -> Iterator[Area]:
        """The area itself, then each one above it up to the city."""
        here: str | None = area
        while here is not None:
            node = self.areas[here]
            yield node
            here = node.parent

    def topic_of(self, sensor: str) -> str:
        """The MQTT topic on which this sensor's own readings are expected."""
        asset = self.assets[self.sensors[sensor].asset]
        return f"tocsin/v1/{asset.area}/{asset.id}/{sensor}"
