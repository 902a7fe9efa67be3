"""Tocsin's own JSON, version 1: one reading on its sensor's topic, or a pack on topic ``.../_``.

Law: each reading of a message is stored or refused, alone and exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.ingest.core import freshness
from services.ingest.core.catalogue import Catalogue, Known
from services.ingest.core.dialects.json_v1_fields import (
    UNDECODABLE,
    Defaults,
    Pack,
    Reading,
    blamed,
    demand_utf8,
    loose_pack,
    make_readable,
    object_of,
    pack_decoder,
    pieces_of,
    reading_decoder,
    reading_or_blame,
)
from services.ingest.core.freshness import Window
from services.ingest.core.limits import Limits
from services.ingest.core.packs import Gathering, SitePack
from services.ingest.core.refusal import Reason, Refusal, Refuse, shown
from shared.domain.quantity import to_canonical, units_of
from shared.domain.reading import Quality

PREFIX: Final = ("tocsin", "v1")
PACK_LEVEL: Final = "_"
UNNUMBERED: Final = -1

_QUALITY_CODE: Final = {quality.value: quality.code for quality in Quality}
_GOOD: Final = Quality.GOOD.value


def sensor_of(topic: str, catalogue: Catalogue) -> Known | None:
    """The sensor whose own topic this is, or None for a gateway's pack topic; else Refuse."""
    known = catalogue.by_topic.get(topic)
    if known is not None:
        return known
    levels = topic.split("/")
    if len(levels) != 5 or (levels[0], levels[1]) != PREFIX:  # noqa: PLR2004 - root, version, 3 ids
        form = "tocsin/v1/<area>/<asset>/<sensor>"
        raise Refuse(Reason.UNKNOWN_TOPIC, f"topic {shown(topic)} is unknown; publish to {form}")
    if levels[4] == PACK_LEVEL:
        return None
    known = catalogue.by_sensor.get(levels[4])
    if known is None:
        raise _unknown(levels[4])
    raise Refuse(
        Reason.MISPLACED,
        f"sensor {known.sensor} does not belong to {shown(topic)}; publish to {known.topic}",
    )


def read(
    sole: Known | None,
    payload: bytes,
    *,
    received_at_us: int,
    catalogue: Catalogue,
    limits: Limits,
) -> tuple[tuple[SitePack, ...], tuple[Refusal, ...]]:
    """The outcomes of a payload: of ``sole``'s own topic, or a pack's if there is none.

    Raises Refuse when the message must be refused as a whole.
    """
    if not payload.isascii():
        demand_utf8(payload)
    if sole is None:
        return _read_pack(payload, received_at_us, catalogue, limits)
    judge = _Judge(Defaults(), received_at_us, limits)
    try:
        reading = reading_decoder.decode(payload)
    except UNDECODABLE:
        reading = blamed(object_of(make_readable(payload)))
    judge.take(sole, reading)
    return judge.packs(), ()


def _read_pack(
    payload: bytes, received_at_us: int, catalogue: Catalogue, limits: Limits
) -> tuple[tuple[SitePack, ...], tuple[Refusal, ...]]:
    try:
        pack: Pack | None = pack_decoder.decode(payload)
    except UNDECODABLE:
        pack = None
    if pack is None:
        text = make_readable(payload)
        defaults, raws = loose_pack(text)
        readings: Iterator[Reading | Refuse] = (reading_or_blame(raw) for raw in raws)
        count = len(raws)
    else:
        text, defaults, readings, count = payload, pack, iter(pack.readings), len(pack.readings)
    run = defaults.run or ""
    if count == 0:
        raise Refuse(Reason.EMPTY, "pack has no readings; do not publish it", run=run)
    if count > limits.pack_readings_max:
        words = f"pack has {count} readings, at most {limits.pack_readings_max}; split it"
        raise Refuse(Reason.TOO_MANY, words, readings=count, run=run)
    judge = _Judge(defaults, received_at_us, limits)
    refused: list[tuple[int, Refuse]] = []
    known_of = catalogue.by_sensor.get
    for place, reading in enumerate(readings):
        try:
            if isinstance(reading, Refuse):
                raise reading
            known = known_of(reading.sensor)
            if known is None:
                raise _unknown(reading.sensor)
            judge.take(known, reading)
        except Refuse as why:
            why.run = why.run or run
            refused.append((place, why))
    if not refused:
        return judge.packs(), ()
    pieces = pieces_of(payload, text)
    return judge.packs(), tuple(why.of(pieces[place]) for place, why in refused)


class _Judge:
    """Takes well-formed readings one by one into the pack of their site, or refuses them."""

    __slots__ = (
        "_at_us",
        "_defaults",
        "_historical",
        "_limits",
        "_open",
        "_received_at_us",
        "_run",
    )

    def __init__(self, defaults: Defaults, received_at_us: int, limits: Limits) -> None:
        self._defaults = defaults
        self._received_at_us = received_at_us
        self._limits = limits
        self._run = defaults.run or ""
        self._historical = bool(defaults.historical)
        self._at_us = received_at_us
        if defaults.measured_at is not None:
            self._at_us = _microseconds(defaults.measured_at)
        self._open: dict[tuple[str, str, bool], tuple[Gathering, Window]] = {}

    def take(self, known: Known, reading: Reading) -> None:
        """Raises Refuse for a reading that must not be stored."""
        run = self._run if reading.run is None else reading.run
        historical = self._historical if reading.historical is None else reading.historical
        unit = self._defaults.unit if reading.unit is None else reading.unit
        value = reading.value
        if unit is not None and unit != known.unit:
            value = _converted(known, unit, value, run)
        elif not known.canonical:
            value = to_canonical(known.quantity, known.unit, value)
        at_us = self._at_us if reading.measured_at is None else _microseconds(reading.measured_at)
        pack, allowed = self._pack(known.site, run, historical)
        if not allowed.first_us <= at_us <= allowed.last_us:
            raise _untimely(known, at_us, allowed, run)
        if not known.low <= value <= known.high:
            words = (
                f"{known.sensor} cannot show {value:g}; it shows {known.low:g} to {known.high:g}"
            )
            raise Refuse(Reason.OUT_OF_RANGE, f"{words}, so check device and unit", run=run)
        pack.sensors.append(known.sensor)
        pack.measured_at_us.append(at_us)
        pack.values.append(value)
        pack.quality.append(_QUALITY_CODE[reading.quality or self._defaults.quality or _GOOD])
        pack.seq.append(UNNUMBERED if reading.seq is None else reading.seq)

    def packs(self) -> tuple[SitePack, ...]:
        """One for each site, run and kind that took a reading, in order of their first."""
        return tuple(pack.sealed() for pack, _ in self._open.values() if pack.sensors)

    def _pack(self, site: str, run: str, historical: bool) -> tuple[Gathering, Window]:  # noqa: FBT001 - part of a key
        key = (site, run, historical)
        found = self._open.get(key)
        if found is None:
            allowed = freshness.window(
                self._received_at_us,
                run=run,
                historical=historical,
                age_max_us=self._limits.age_max_us,
                future_max_us=self._limits.future_max_us,
            )
            found = self._open[key] = (Gathering(site, run, historical), allowed)
        return found


def _microseconds(moment: datetime | float) -> int:
    if isinstance(moment, datetime):
        return freshness.from_datetime(moment)
    return freshness.from_number(moment)


def _converted(known: Known, unit: str, value: float, run: str) -> float:
    try:
        return to_canonical(known.quantity, unit, value)
    except KeyError:
        words = f"{known.sensor} measures {known.quantity}, never in {shown(unit)}"
        mend = f"send one of {', '.join(units_of(known.quantity))}"
        raise Refuse(Reason.BAD_UNIT, f"{words}; {mend}", run=run) from None


def _untimely(known: Known, at_us: int, allowed: Window, run: str) -> Refuse:
    reason, words = freshness.outside(at_us, allowed)
    return Refuse(reason, f"{known.sensor} {words}", run=run)


def _unknown(sensor: str) -> Refuse:
    if not sensor:
        return Refuse(Reason.WRONG_SHAPE, "reading has no sensor; send {'sensor': id}")
    words = f"sensor {shown(sensor)} is not in the registry; add it or correct the id"
    return Refuse(Reason.UNKNOWN_SENSOR, words)
