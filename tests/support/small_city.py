"""A city of one chamber in one community, with somebody on duty at every height of the tree."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.hazard import Hazard
from shared.domain.person import Address, Duty, Person, Team
from shared.domain.place import (
    Area,
    AreaKind,
    Asset,
    AssetKind,
    Geometry,
    GeometryKind,
    Link,
    LinkKind,
    Site,
    SiteKind,
)
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor

HEIGHTS = ("harbour", "dongmen", "jiangbei", "jiangcheng")


def small_city(*, channel: str = "console", target: str = "{person}") -> Registry:
    """Wardens, a street gas crew, a district and a city desk; everyone on one channel."""

    def person(ident: str, name: str, language: str = "en") -> Person:
        return Person(ident, name, language, (Address(channel, target.format(person=ident)),))

    people = [
        person("wu", "Wu Min", "zh"),
        person("li", "Li Na"),
        person("chen", "Chen Wei"),
        person("zhao", "Zhao Lei"),
        person("sun", "Sun Hao"),
        person("qian", "Qian Yu"),
    ]
    teams = [
        Team("wardens", "Harbour wardens", "港湾网格员", ("wu", "li")),
        Team("gas-crew", "Dongmen gas crew", "东门燃气抢修", ("chen",)),
        Team("street-desk", "Dongmen street desk", "东门街道值班", ("zhao",)),
        Team("district-desk", "Jiangbei desk", "江北区值班", ("sun",)),
        Team("city-desk", "Jiangcheng desk", "江城市值班", ("qian",)),
    ]
    areas = [
        Area("jiangcheng", AreaKind.CITY, "Jiangcheng", "江城", None),
        Area("jiangbei", AreaKind.DISTRICT, "Jiangbei", "江北", "jiangcheng"),
        Area("dongmen", AreaKind.STREET, "Dongmen", "东门", "jiangbei"),
        Area("harbour", AreaKind.COMMUNITY, "Harbour", "港湾", "dongmen"),
    ]
    here = Geometry(GeometryKind.POINT, ((120.1, 30.2),))
    assets = [
        Asset("vc-07", AssetKind.CHAMBER, "Valve chamber 7", "7号阀室", "vc-07", "harbour", here),
        Asset("vc-08", AssetKind.CHAMBER, "Valve chamber 8", "8号阀室", "vc-08", "harbour"),
    ]
    sensors = [
        Sensor(f"{asset.id}-o2", asset.id, Quantity.O2, "%vol", 5.0, 0.0, 30.0) for asset in assets
    ]
    return Registry(
        name="Small city",
        timezone="Asia/Shanghai",
        areas={area.id: area for area in areas},
        sites={one: Site(one, SiteKind.CHAMBER, one, one, "harbour") for one in ("vc-07", "vc-08")},
        assets={asset.id: asset for asset in assets},
        sensors={sensor.id: sensor for sensor in sensors},
        links=(Link("vc-07", "vc-08", LinkKind.DUCT, 40.0),),
        people={one.id: one for one in people},
        teams={team.id: team for team in teams},
        duties=(
            Duty("harbour", None, "wardens"),
            Duty("dongmen", Hazard.GAS, "gas-crew"),
            Duty("dongmen", None, "street-desk"),
            Duty("jiangbei", None, "district-desk"),
            Duty("jiangcheng", None, "city-desk"),
        ),
    )


def without_duties(city: Registry, *areas: str) -> Registry:
    """The same city with nobody on duty in those areas; in none of them when none is named."""
    kept = tuple(duty for duty in city.duties if areas and duty.area not in areas)
    return replace(city, duties=kept)
