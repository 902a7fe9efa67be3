"""``registry.yaml`` to a draft: each section is a list, each item becomes a noun of the domain.

Nothing here looks from one item to another; ``laws`` does.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from shared.config.complaint import shown
from shared.config.marked_yaml import Node
from shared.domain.hazard import Hazard
from shared.domain.person import Address, Duty, Person, Team
from shared.domain.place import Area, AreaKind, Asset, AssetKind, Link, LinkKind, Site, SiteKind
from shared.domain.quantity import CANONICAL_UNIT, Quantity
from shared.domain.sensor import Sensor
from shared.registry.draft import Draft, Notes, Shelf, Spot, T
from shared.registry.fields import Fields
from shared.registry.sensing import sensor_faults

FORMAT_VERSION: Final = 1
LANGUAGES: Final = ("en", "zh")
SECTIONS: Final = ("version", "name", "timezone", "areas", "sites", "assets", "links", "people",
                   "teams", "duties", "sensors", "sensors_csv", "geometry")  # fmt: skip


def parse(root: Node, draft: Draft, notes: Notes) -> bool:
    """Fill ``draft`` with what stands in the file itself; False where it is no registry."""
    if not isinstance(root.value, dict):
        notes.error(
            Spot(draft.file, root.line),
            "is no registry",
            "start with version, name, timezone, areas, sites and assets",
        )
        return False
    top = Fields(root, file=draft.file, thing="registry", notes=notes)
    _head(top, draft)
    for row in top.rows("areas", "area"):
        _keep(draft.areas, _area(row), row, notes)
    for row in top.rows("sites", "site"):
        _keep(draft.sites, _site(row), row, notes)
    for row in top.rows("assets", "asset"):
        _keep(draft.assets, _asset(row, draft), row, notes)
    for row in top.rows("sensors", "sensor"):
        _keep(draft.sensors, _sensor(row), row, notes)
    for row in top.rows("links", "link"):
        draft.links += ((link, row.spot) for link in _links(row))
    _people(top, draft, notes)
    draft.tables = top.texts("sensors_csv", one_is_list=True)
    draft.drawings = top.texts("geometry", one_is_list=True)
    draft.named_at = {
        **dict.fromkeys(draft.tables, top.spot_of("sensors_csv")),
        **dict.fromkeys(draft.drawings, top.spot_of("geometry")),
    }
    top.no_more()
    return True


def _people(top: Fields, draft: Draft, notes: Notes) -> None:
    for row in top.rows("people", "person"):
        _keep(draft.people, _person(row), row, notes)
    for row in top.rows("teams", "team"):
        _keep(draft.teams, _team(row), row, notes)
    for row in top.rows("duties", "duty"):
        if (duty := _duty(row)) is not None:
            draft.duties.append((duty, row.spot))


def _head(top: Fields, draft: Draft) -> None:
    version = top.whole("version")
    if version is None:
        top.complain("version is missing", f"add version: {FORMAT_VERSION}")
    elif version != FORMAT_VERSION:
        top.complain(
            f"version {version} is not known", f"write version: {FORMAT_VERSION}", key="version"
        )
    draft.name = top.text("name")
    draft.timezone = top.text("timezone", "UTC")
    try:
        ZoneInfo(draft.timezone)
    except (OSError, ValueError, KeyError):
        what = f"timezone {shown(draft.timezone)} is not known"
        top.complain(what, "use an IANA name such as Asia/Shanghai", key="timezone")


def _keep(shelf: Shelf[T], piece: tuple[str, T | None], row: Fields, notes: Notes) -> None:
    row.no_more()
    key, value = piece
    if key and shelf.claim(key, row.spot, notes) and value is not None and row.sound:
        shelf.kept[key] = value


def _area(row: Fields) -> tuple[str, Area | None]:
    key, name = row.id(), row.text("name")
    kind = row.choice("kind", AreaKind)
    area = Area(
        id=key,
        kind=kind or AreaKind.GRID,
        name=name,
        name_zh=row.text("name_zh", name),
        parent=row.text("parent", "") or None,
    )
    return key, area


def _site(row: Fields) -> tuple[str, Site | None]:
    key, name = row.id(), row.text("name")
    kind = row.choice("kind", SiteKind)
    name_zh, area = row.text("name_zh", name), row.text("area")
    site = None
    if kind is not None:
        site = Site(id=key, kind=kind, name=name, name_zh=name_zh, area=area)
    return key, site


def _asset(row: Fields, draft: Draft) -> tuple[str, Asset | None]:
    key, name = row.id(), row.text("name")
    kind = row.choice("kind", AssetKind)
    name_zh, site = row.text("name_zh", name), row.text("site")
    area = row.text("area", "")
    if not area and site in draft.sites.kept:
        area = draft.sites.kept[site].area
    occupancy = row.whole("occupancy", 0) or 0
    if occupancy < 0:
        row.complain(f"occupancy {occupancy} is below 0", "count people from 0", key="occupancy")
    criticality = row.number("criticality", 0.5)
    if criticality is None or not 0 <= criticality <= 1:
        what = f"criticality {criticality} is not between 0 and 1"
        row.complain(what, "use 0 for nothing lost to 1 for everything", key="criticality")
    height_m = row.number("height_m")
    if height_m is not None and height_m <= 0:
        row.complain(f"height_m {height_m:g} is not above 0", "give it in metres", key="height_m")
    storey = row.whole("storey")
    if kind is None or criticality is None:
        return key, None
    return key, Asset(
        id=key,
        kind=kind,
        name=name,
        name_zh=name_zh,
        site=site,
        area=area,
        storey=storey,
        height_m=height_m,
        occupancy=occupancy,
        criticality=criticality,
    )


def _sensor(row: Fields) -> tuple[str, Sensor | None]:
    key, asset = row.id(), row.text("asset")
    quantity = row.choice("quantity", Quantity)
    sensor = Sensor(
        id=key,
        asset=asset,
        quantity=quantity or Quantity.RUNNING,
        unit=row.text("unit", CANONICAL_UNIT[quantity] if quantity else "1"),
        interval_s=row.needed_number("interval_s"),
        low=row.needed_number("low"),
        high=row.needed_number("high"),
        name=row.text("name", ""),
    )
    if quantity is not None:
        for fault in sensor_faults(sensor):
            row.complain(fault.what, fault.mend, key=fault.field)
    return key, sensor


def _person(row: Fields) -> tuple[str, Person | None]:
    key, name = row.id(), row.text("name")
    language = row.text("language", "en")
    if language not in LANGUAGES:
        what = f"language {shown(language)} is not known"
        row.complain(what, f"use one of {', '.join(LANGUAGES)}", key="language")
    addresses = []
    for address in row.rows("addresses", "address"):
        addresses.append(Address(channel=address.text("channel"), target=address.text("target")))
        address.no_more()
        row.sound = row.sound and address.sound
    if not addresses:
        row.complain("has no address", "add addresses: [{channel: console, target: ...}]")
    return key, Person(id=key, name=name, language=language, addresses=tuple(addresses))


def _team(row: Fields) -> tuple[str, Team | None]:
    key, name = row.id(), row.text("name")
    members = row.texts("members")
    if not members:
        row.complain("has no members", "add members: [person, ...]")
    if len(set(members)) < len(members):
        row.complain("names a member twice", "name each member once", key="members")
    name_zh = row.text("name_zh", name)
    return key, Team(id=key, name=name, name_zh=name_zh, members=tuple(members))


def _links(row: Fields) -> list[Link]:
    """One link, one asset to several (``b`` is a list), or a chain of neighbours (``along``)."""
    kind = row.choice("kind", LinkKind)
    length_m = row.number("length_m")
    if length_m is not None and length_m < 0:
        row.complain(f"length_m {length_m:g} is below 0", "give it in metres", key="length_m")
    along = row.texts("along")
    start = row.text("a", "")
    ends = row.texts("b", one_is_list=True)
    row.no_more()
    if bool(along) == bool(start or ends) or bool(start) != bool(ends) or len(along) == 1:
        row.complain("does not say what it joins", "give a and b, or along: [one, two, ...]")
    if kind is None or not row.sound:
        return []
    pairs = pairwise(along) if along else ((start, end) for end in ends)
    return [Link(a=a, b=b, kind=kind, length_m=length_m) for a, b in pairs]


def _duty(row: Fields) -> Duty | None:
    area, team = row.text("area"), row.text("team")
    hazard = row.choice("hazard", Hazard) if row.text("hazard", "") else None
    row.no_more()
    return Duty(area=area, hazard=hazard, team=team) if row.sound else None
