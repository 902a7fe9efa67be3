"""A small city for ingest's tests: two sites, five kinds of sensor, and as many more as asked."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.domain.place import Area, AreaKind, Asset, AssetKind, Site, SiteKind
from shared.domain.quantity import Quantity
from shared.domain.registry import Registry
from shared.domain.sensor import Sensor

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON_US = 1_795_435_200_000_000


def small_city(extra: int = 0) -> Registry:
    """``extra`` adds sensors ``n0000``... to the tunnel, all measuring O2."""
    kinds = [
        Sensor("t3-s1-o2", "t3-s1", Quantity.O2, "%vol", 10, 0, 30),
        Sensor("t3-s1-ch4", "t3-s1", Quantity.CH4, "%LEL", 10, 0, 100),
        Sensor("t3-s1-temp", "t3-s1", Quantity.TEMPERATURE, "degC", 10, -40, 125),
        Sensor("vc-07-o2", "vc-07", Quantity.O2, "%vol", 10, 0, 30),
        Sensor("vc-07-level", "vc-07", Quantity.WATER_LEVEL, "m", 10, 0, 6),
    ]
    more = [
        Sensor(f"n{number:04}", "t3-s1", Quantity.O2, "%vol", 10, 0, 1e9) for number in range(extra)
    ]
    sensors = {sensor.id: sensor for sensor in kinds + more}
    return Registry(
        name="small city",
        timezone="Asia/Shanghai",
        areas={"dongmen": Area("dongmen", AreaKind.STREET, "Dongmen", "东门", None)},
        sites={
            "t3": Site("t3", SiteKind.TUNNEL, "Tunnel 3", "三号管廊", "dongmen"),
            "vc-07": Site("vc-07", SiteKind.CHAMBER, "Chamber 7", "七号阀井", "dongmen"),
        },
        assets={
            "t3-s1": Asset("t3-s1", AssetKind.TUNNEL_SECTION, "Section 1", "一段", "t3", "dongmen"),
            "vc-07": Asset("vc-07", AssetKind.CHAMBER, "Chamber 7", "七号阀井", "vc-07", "dongmen"),
        },
        sensors=sensors,
        links=(),
        people={},
        teams={},
        duties=(),
    )


def own_topic(sensor: str) -> str:
    return small_city().topic_of(sensor)
