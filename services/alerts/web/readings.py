"""The past of one sensor, thinned to what a chart can show."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Query
from starlette.responses import Response

from services.alerts.web.doors import Doors
from services.alerts.web.problems import RESPONSES
from services.alerts.web.schemas import Problem, ReadingsQuery, SensorReadings
from shared.archive.shelf import micros
from shared.domain.quantity import CANONICAL_UNIT
from shared.domain.sensor import Sensor
from shared.errors import BadInput, NotFound

AT_ONCE: Final = 2
"""Answers being read from the disk at the same time; the others wait."""
GAP_INTERVALS: Final = 5
"""A pause of so many of the sensor's intervals breaks the line."""
HOUR: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def routes(doors: Doors) -> APIRouter:
    """The readings routes over these doors."""
    router = APIRouter(prefix="/api/v1/sensors", tags=["readings"])
    turn = asyncio.Semaphore(AT_ONCE)

    @router.get(
        "/{sensor}/readings",
        response_model=SensorReadings,
        responses={**RESPONSES, 404: {"model": Problem, "description": "No such sensor."}},
    )
    async def readings(sensor: str, query: Annotated[ReadingsQuery, Query()]) -> Response:
        """Readings of a stretch of time, at most ``points`` of them, from the archive.

        With more than asked for, those are kept that keep the curve's shape (LTTB). A null value
        breaks the line: the sensor paused, or called its own reading bad.
        """
        known = doors.registry.sensors.get(sensor)
        if known is None:
            raise NotFound(f"there is no sensor {sensor} in {doors.registry.name}")
        if doors.archive is None:
            raise NotFound("this installation keeps no archive; set alerts.archive to its folder")
        last = _aware(query.to) or doors.clock.now()
        first = _aware(query.from_) or last - HOUR
        if first > last:
            raise BadInput(f"from {first.isoformat()} is after to {last.isoformat()}; swap them")
        area = doors.registry.assets[known.asset].area
        async with turn:
            told = await asyncio.to_thread(
                _told,
                doors.archive,
                known,
                area=area,
                run=query.run,
                first=first,
                last=last,
                points=query.points,
            )
        return Response(json.dumps(told), media_type="application/json")

    return router


def _told(
    archive: Path,
    sensor: Sensor,
    *,
    area: str,
    run: str,
    first: datetime,
    last: datetime,
    points: int,
) -> dict[str, Any]:
    # A service without an archive needs no Parquet library in memory.
    from shared.archive.query import known_until_us, read_series  # noqa: PLC0415
    from shared.archive.thinning import thin  # noqa: PLC0415

    until_us = known_until_us(archive)
    found = read_series(
        archive, {sensor.id: area}, run=run, first_us=micros(first), last_us=micros(last)
    ).get(sensor.id)
    told: dict[str, Any] = {
        "sensor": sensor.id,
        "quantity": sensor.quantity.value,
        "unit": CANONICAL_UNIT[sensor.quantity],
        "run": run,
        "from": _iso(micros(first)),
        "to": _iso(micros(last)),
        "readings": 0,
        "points": [],
        "known_until": None if until_us is None else _iso(until_us),
    }
    if found is None:
        return told
    values = found.trusted
    gap_us = round(max(sensor.interval_s, 1.0) * GAP_INTERVALS * 1e6)
    thinned = thin(found.at_us, values, points, gap_us=gap_us)
    told["readings"] = int(found.at_us.size)
    picks = thinned.picks
    line: list[list[Any]] = [
        [at, value]
        for at, value in zip(_isos(found.at_us[picks]), values[picks].tolist(), strict=True)
    ]
    for place in reversed(thinned.breaks.tolist()):
        middle = (int(found.at_us[picks[place - 1]]) + int(found.at_us[picks[place]])) // 2
        line.insert(place, [_iso(middle), None])
    told["points"] = line
    return told


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _iso(at_us: int) -> str:
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat().replace("+00:00", "Z")


def _isos(at_us: np.ndarray[Any, np.dtype[np.int64]]) -> list[str]:
    moments = np.datetime_as_string(at_us.astype("datetime64[us]"), unit="ms")
    return [f"{moment}Z" for moment in moments.tolist()]
