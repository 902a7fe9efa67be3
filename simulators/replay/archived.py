"""What the archive kept, as the messages it came in: same sensors, moments, numbers, packs.

A message is sent as its device sent it: on its own topic, one record of the bus at a time, so that
the detector is given the records it was given then. Only the run is another, and the moments when
a start is given; both leave the names of events alone as long as the moments stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from shared.archive.playback import Kept
from shared.domain.quantity import CANONICAL_UNIT
from shared.domain.registry import Registry
from simulators.frames import TOPIC_ROOT, Frame, moment_text, pack_topic
from simulators.replay.rows import Skipped

PAYLOAD_BYTES_MAX: Final = 250_000
"""Just below what ingest takes by default; a larger record goes out in parts."""
PACK_LEVEL: Final = "_"
NOWHERE: Final = "replay"
"""The area of a pack whose gateway spoke another dialect; ingest does not look at it."""
_PACK_LEVELS: Final = 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_json = msgspec.json.Encoder()


class _Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    value: float
    sensor: str = ""
    """Empty on the sensor's own topic."""
    measured_at: str | None = None
    quality: str | None = None
    seq: int | None = None
    unit: str | None = None
    run: str = ""
    historical: bool = False


class _Pack(msgspec.Struct, frozen=True, omit_defaults=True):
    measured_at: str
    readings: list[_Reading]
    run: str = ""
    historical: bool = False


class ArchivedRecording:
    """Records of the archive, ready to be played; ``kept`` gives them anew each time."""

    def __init__(
        self,
        name: str,
        kept: Callable[[], Iterator[Kept]],
        registry: Registry,
        *,
        start: datetime | None = None,
    ) -> None:
        self.name = name
        self.skipped = Skipped()
        self._kept = kept
        self._registry = registry
        self._start = start

    def frames(self, *, run: str) -> Iterator[Frame]:
        """One frame a record, in the order they were received.

        Readings of sensors the registry does not know any more are skipped and named.
        """
        shift: timedelta | None = None
        for number, kept in enumerate(self._kept(), 1):
            known = self._known(kept, number)
            if not known:
                continue
            if shift is None:
                first = _moment(min(kept.measured_at_us[place] for place in known))
                shift = timedelta(0) if self._start is None else self._start - first
            yield from self._sent(kept, known, run=run, shift=shift)

    def _known(self, kept: Kept, number: int) -> list[int]:
        known = []
        for place, sensor in enumerate(kept.sensors):
            now = self._registry.sensors.get(sensor)
            if now is None:
                self.skipped.because(number, f"sensor {sensor!r} is not in the registry")
            elif now.quantity.value != kept.quantities[place]:
                was = kept.quantities[place]
                self.skipped.because(number, f"{sensor} measured {was}, now {now.quantity}")
            else:
                known.append(place)
        return known

    def _sent(
        self, kept: Kept, places: list[int], *, run: str, shift: timedelta
    ) -> Iterator[Frame]:
        own = len(places) == 1 and kept.device == self._registry.topic_of(kept.sensors[places[0]])
        common = kept.measured_at_us[places[0]]
        readings = [
            self._reading(kept, place, common=common, shift=shift, own=own) for place in places
        ]
        measured_at = _moment(common) + shift
        if own:
            payload = _json.encode(
                msgspec.structs.replace(
                    readings[0],
                    measured_at=moment_text(measured_at),
                    run=run,
                    historical=kept.historical,
                )
            )
            yield self._frame(kept, kept.device, payload, 1, shift)
            return
        pack = _Pack(moment_text(measured_at), readings, run, kept.historical)
        payload = _json.encode(pack)
        parts = -(-len(payload) // PAYLOAD_BYTES_MAX)
        size = -(-len(readings) // parts)
        for begin in range(0, len(readings), size):
            part = readings[begin : begin + size]
            if parts > 1:
                payload = _json.encode(msgspec.structs.replace(pack, readings=part))
            yield self._frame(kept, self._topic(kept), payload, len(part), shift)

    def _reading(
        self, kept: Kept, place: int, *, common: int, shift: timedelta, own: bool
    ) -> _Reading:
        sensor = self._registry.sensors[kept.sensors[place]]
        canonical = CANONICAL_UNIT[sensor.quantity]
        at, seq, quality = kept.measured_at_us[place], kept.seq[place], kept.quality[place]
        return _Reading(
            value=kept.values[place],
            sensor="" if own else sensor.id,
            measured_at=None if at == common else moment_text(_moment(at) + shift),
            quality=None if quality == "good" else quality,
            seq=None if seq < 0 else seq,
            unit=None if sensor.unit == canonical else canonical,
        )

    def _topic(self, kept: Kept) -> str:
        levels = kept.device.split("/")
        if kept.device.startswith(f"{TOPIC_ROOT}/") and len(levels) == _PACK_LEVELS:
            return "/".join([*levels[:-1], PACK_LEVEL])
        return pack_topic(NOWHERE, kept.site)

    def _frame(
        self, kept: Kept, topic: str, payload: bytes, readings: int, shift: timedelta
    ) -> Frame:
        newest = max(kept.measured_at_us)
        late = timedelta(microseconds=kept.received_at_us - newest)
        return Frame(_moment(newest) + shift, topic, payload, readings, late)


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)
