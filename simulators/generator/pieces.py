"""One site of a city as nouns of the domain, made without making any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shared.domain.place import Asset, Geometry, Link, Site, SiteKind
from shared.domain.sensor import Sensor
from simulators.generator import recipes
from simulators.generator.areas import community_id, community_name
from simulators.generator.devices import DEVICES, NUMBER, Device
from simulators.generator.places import Ground, Spot
from simulators.generator.recipes import PATTERN, SITES
from simulators.generator.templates import Template, tail
from simulators.generator.words import Name, house_name, works_name

_FILLING: Final = frozenset(
    {SiteKind.PRESSURE_ZONE, SiteKind.TUNNEL, SiteKind.SEWER, SiteKind.STATION}
)
"""Sites whose assets are spread over their community."""


class SitePieces:
    """Site k of a seed: what it is, and its assets, sensors and inner links."""

    def __init__(self, seed: int, site: int, template: Template | None = None) -> None:
        """``template``: what to build instead of the seed's own, for a site that is cut."""
        self.template = template or recipes.template(recipes.number(seed, site))
        self.seed = seed
        self.index = site
        self.community, self.slot = divmod(site, SITES)
        self.id = site_id(site, self.template.letter)

    @property
    def area(self) -> str:
        return community_id(self.community)

    @property
    def name(self) -> Name:
        style = self.template.style
        if self.template.kind is SiteKind.BUILDING:
            return house_name(self.seed, self.index, style, self.slot + 1)
        kind = PATTERN[self.slot]
        before = sum(slot is kind for slot in PATTERN[: self.slot])
        number = before + 1 if PATTERN.count(kind) > 1 else None
        return works_name(community_name(self.seed, self.community), style, number)

    def site(self) -> Site:
        en, zh = self.name
        return Site(self.id, self.template.kind, en, zh, self.area)

    def asset_id(self, asset: int) -> str:
        return self.id + tail(self.template.assets[asset])

    def spots(self) -> list[Spot]:
        """Where each asset stands."""
        fills = self.template.kind in _FILLING
        east, north = Ground(self.seed).site(self.index, fills=fills)
        return [(east + one.east_m, north + one.north_m) for one in self.template.assets]

    def assets(self) -> Iterator[Asset]:
        en, zh = self.name
        area, kind = self.area, self.template.kind
        for fitting, shape in zip(self.template.assets, self.shapes(), strict=True):
            yield Asset(
                id=self.id + tail(fitting),
                kind=fitting.kind,
                name=f"{en}, {fitting.en}" if fitting.en else en,
                name_zh=zh + fitting.zh,
                site=self.id,
                area=area,
                geometry=shape,
                storey=fitting.storey,
                height_m=self.template.height_m if kind is SiteKind.BUILDING else None,
                occupancy=fitting.occupancy,
                criticality=fitting.criticality,
            )

    def shapes(self) -> Iterator[Geometry]:
        """Each asset's; what stands in one place shares one value."""
        ground, spots = Ground(self.seed), self.spots()
        if self.template.kind is not SiteKind.BUILDING:
            yield from map(ground.point, spots)
            return
        middle, footprint = ground.point(spots[0]), ground.footprint(spots[0])
        for fitting in self.template.assets:
            yield footprint if fitting.storey == 1 else middle

    def sensors(self) -> Iterator[Sensor]:
        for fitting in self.template.assets:
            asset = self.id + tail(fitting)
            for key in fitting.devices:
                yield sensor_of(DEVICES[NUMBER[key]], asset)

    def links(self) -> Iterator[Link]:
        for run in self.template.runs:
            for a, b in run.pairs():
                yield Link(self.asset_id(a), self.asset_id(b), run.kind, run.length_m)


def site_id(site: int, letter: str) -> str:
    community, slot = divmod(site, SITES)
    return f"c{community + 1:04}-{letter}{slot + 1:02}"


def sensor_of(device: Device, asset: str) -> Sensor:
    return Sensor(
        id=f"{asset}-{device.suffix}",
        asset=asset,
        quantity=device.quantity,
        unit=device.unit,
        interval_s=float(device.interval_s),
        low=float(device.low),
        high=float(device.high),
    )
