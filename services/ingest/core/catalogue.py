"""The registry as the hot path wants it: one look-up by topic or by sensor, nothing else.

Built once; every limit is already in canonical units, so judging a reading is two comparisons.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.quantity import CANONICAL_UNIT, Quantity, to_canonical
from shared.domain.registry import Registry


@dataclass(frozen=True, slots=True)
class Known:
    """What ingest must know of one sensor."""

    sensor: str
    site: str
    topic: str
    quantity: Quantity
    unit: str
    """The unit of a reading that names none."""
    canonical: bool
    """Whether ``unit`` is the canonical one, so that nothing needs converting."""
    low: float
    """Lowest value it can show, in the canonical unit."""
    high: float
    """Always finite, so that a value that overflows in conversion is out of range."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    by_topic: Mapping[str, Known]
    by_sensor: Mapping[str, Known]


def catalogue_of(registry: Registry) -> Catalogue:
    """Everything ingest looks up, from a complete and consistent registry."""
    known = [_known(registry, sensor) for sensor in registry.sensors]
    return Catalogue(
        by_topic={one.topic: one for one in known},
        by_sensor={one.sensor: one for one in known},
    )


def _known(registry: Registry, sensor_id: str) -> Known:
    sensor = registry.sensors[sensor_id]
    return Known(
        sensor=sensor_id,
        site=registry.site_of(sensor_id),
        topic=registry.topic_of(sensor_id),
        quantity=sensor.quantity,
        unit=sensor.unit,
        canonical=sensor.unit == CANONICAL_UNIT[sensor.quantity],
        low=to_canonical(sensor.quantity, sensor.unit, sensor.low),
        high=min(to_canonical(sensor.quantity, sensor.unit, sensor.high), sys.float_info.max),
    )
