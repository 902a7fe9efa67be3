"""Where things are: areas own people's duty, sites are judged together, assets carry sensors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Position: TypeAlias = tuple[float, float]
"""Longitude, latitude in degrees (WGS 84)."""


class AreaKind(StrEnum):
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


class SiteKind(StrEnum):
    PRESSURE_ZONE = "pressure-zone"
    BUILDING = "building"
    TUNNEL = "tunnel"
    CHAMBER = "chamber"
    SEWER = "sewer"
    STATION = "station"


class AssetKind(StrEnum):
    PIPE_NODE = "pipe-node"
    PIPE = "pipe"
    PUMP = "pump"
    FLOOR = "floor"
    SHAFT = "shaft"
    RISER = "riser"
    TUNNEL_SECTION = "tunnel-section"
    CHAMBER = "chamber"
    SEWER_WELL = "sewer-well"


class LinkKind(StrEnum):
    PIPE = "pipe"
    SHAFT = "shaft"
    DUCT = "duct"
    DISTANCE = "distance"


class GeometryKind(StrEnum):
    POINT = "Point"
    LINE = "LineString"
    POLYGON = "Polygon"


@dataclass(frozen=True, slots=True)
class Geometry:
    """A GeoJSON shape without holes; a polygon's ring is closed (first equals last)."""

    kind: GeometryKind
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the tree city > district > street > community > grid."""

    id: str
    kind: AreaKind
    name: str
    name_zh: str
    parent: str | None
    geometry: Geometry | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """The smallest tree of assets that must be judged together; the key of every bus record."""

    id: str
    kind: SiteKind
    name: str
    name_zh: str
    area: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A pipe node, a floor, a chamber: what an incident is about."""

    id: str
    kind: AssetKind
    name: str
    name_zh: str
    site: str
    area: str
    geometry: Geometry | None = None
    storey: int | None = None
    """Floor number for assets of a building, counted from the ground floor = 1."""
    height_m: float | None = None
    """Height of the whole building the asset belongs to; decides fire-water limits."""
    occupancy: int = 0
    """People usually there at the busiest hour."""
    criticality: float = 0.5
    """What its loss would cost the city, 0 (nothing) to 1 (a hospital's only main)."""


@dataclass(frozen=True, slots=True)
class Link:
    """Trouble at one end can become trouble at the other."""

    a: str
    b: str
    kind: LinkKind
    length_m: float | None = None
