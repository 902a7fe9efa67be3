"""A network's layout as areas, sites, assets and links of a registry."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.domain.place import (
    Area,
    AreaKind,
    Asset,
    AssetKind,
    Geometry,
    GeometryKind,
    Link,
    LinkKind,
    Position,
    Site,
    SiteKind,
)
from simulators.networks import layout as net
from simulators.networks.layout import Layout, NetLink, NodeKind

ORIGIN: Final[Position] = (114.30, 30.60)
"""Where the middle of the map is put."""
M_PER_DEGREE: Final = 111_320.0


class Names:
    """Ids of a registry for the names of a file, which may hold anything, twice."""

    def __init__(self, layout: Layout) -> None:
        self.city = _slug(layout.name)
        # Nodes and links may share names; then all links get a word more.
        word = (
            "link-" if {_slug(n) for n in layout.nodes} & {_slug(k) for k in layout.links} else ""
        )
        self.node = self._unique(layout.nodes, f"{self.city}-")
        self.link = self._unique(layout.links, f"{self.city}-{word}")

    def places(self) -> dict[str, str]:
        """Asset -> name in the file."""
        return {asset: name for table in (self.node, self.link) for name, asset in table.items()}

    @staticmethod
    def _unique(names: Iterable[str], start: str) -> dict[str, str]:
        found: dict[str, str] = {}
        taken: set[str] = set()
        for name in names:
            id_ = f"{start}{_slug(name)}"
            while id_ in taken:
                id_ += "-x"
            taken.add(id_)
            found[name] = id_
        return found


@dataclass(frozen=True)
class Places:
    areas: dict[str, Area]
    sites: dict[str, Site]
    assets: dict[str, Asset]
    links: tuple[Link, ...]


def zones_of(layout: Layout, names: Names) -> Places:
    """One area and one site for each pressure zone that has a junction."""
    city = names.city
    areas = {city: Area(city, AreaKind.CITY, layout.name, layout.name, None)}
    sites: dict[str, Site] = {}
    home: dict[str, str] = {}
    for zone in layout.zones():
        if any(layout.nodes[name].kind is NodeKind.JUNCTION for name in zone):
            number = len(sites) + 1
            id_ = f"{city}-zone-{number}"
            title, title_zh = f"{layout.name} zone {number}", f"{layout.name} {number}区"
            areas[id_] = Area(id_, AreaKind.DISTRICT, title, title_zh, city)
            sites[id_] = Site(id_, SiteKind.PRESSURE_ZONE, title, title_zh, id_)
            home |= dict.fromkeys(zone, id_)
    chart = Chart(layout)
    assets = _assets(layout, names, home, chart)
    return Places(areas, sites, assets, tuple(_links(layout, names, assets)))


class Chart:
    """Map units to longitude and latitude, at the scale the pipes' lengths say."""

    def __init__(self, layout: Layout) -> None:
        nodes = list(layout.nodes.values())
        self._x = sum(node.x for node in nodes) / len(nodes)
        self._y = sum(node.y for node in nodes) / len(nodes)
        drawn = real = 0.0
        for pipe in layout.pipes():
            a, b = layout.nodes[pipe.a], layout.nodes[pipe.b]
            drawn += math.hypot(a.x - b.x, a.y - b.y)
            real += pipe.length_m
        self._m_per_unit = real / drawn if drawn > 0.0 else 0.0

    def at(self, x: float, y: float) -> Position:
        east_m, north_m = (x - self._x) * self._m_per_unit, (y - self._y) * self._m_per_unit
        lon, lat = ORIGIN
        narrow = math.cos(math.radians(lat))
        return lon + east_m / M_PER_DEGREE / narrow, lat + north_m / M_PER_DEGREE


def _assets(layout: Layout, names: Names, home: dict[str, str], chart: Chart) -> dict[str, Asset]:
    assets = {}
    for node in layout.junctions():
        id_, site = names.node[node.name], home[node.name]
        point = Geometry(GeometryKind.POINT, (chart.at(node.x, node.y),))
        assets[id_] = Asset(
            id_, AssetKind.PIPE_NODE, f"Node {node.name}", f"节点{node.name}", site, site, point
        )
    for link in layout.links.values():
        zone = _home_of(link, home)
        if zone is None:
            continue
        id_ = names.link[link.name]
        is_pump = link.kind is net.LinkKind.PUMP
        ends = (layout.nodes[link.a], layout.nodes[link.b])
        line = Geometry(GeometryKind.LINE, tuple(chart.at(end.x, end.y) for end in ends))
        assets[id_] = Asset(
            id_,
            AssetKind.PUMP if is_pump else AssetKind.PIPE,
            f"{link.kind.value.capitalize()} {link.name}",
            f"{_WORD_ZH[link.kind]}{link.name}",
            zone,
            zone,
            line,
        )
    return assets


_WORD_ZH: Final = {
    net.LinkKind.PIPE: "管段",
    net.LinkKind.PUMP: "水泵",
    net.LinkKind.VALVE: "阀门",
}


def _home_of(link: NetLink, home: dict[str, str]) -> str | None:
    """The zone a link is counted to: the one it leads into."""
    return home.get(link.b) or home.get(link.a)


def _links(layout: Layout, names: Names, assets: dict[str, Asset]) -> list[Link]:
    """Every pipe joins its two nodes through its own middle, half its length each way."""
    joined = []
    for link in layout.links.values():
        middle = names.link[link.name]
        for end in (link.a, link.b):
            node = names.node[end]
            if node in assets and middle in assets:
                joined.append(Link(node, middle, LinkKind.PIPE, link.length_m / 2.0))
    return joined


def _slug(name: str) -> str:
    """Lower case letters, digits and dashes; something, whatever the name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "x"
