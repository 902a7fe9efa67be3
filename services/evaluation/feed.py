"""From a scenario's frames to what the detector reads: the ingest core, message by message.

Each frame is received at the moment it is sent, so what ingest refuses offline is what it would
refuse live, and the records have the bytes they would have on the bus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from services.ingest.core.catalogue import Catalogue
from services.ingest.core.intake import accept
from services.ingest.core.limits import Limits
from shared.bus.codec import Columns, Pack, pack, unpack
from simulators.frames import Frame

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class Intake:
    catalogue: Catalogue
    limits: Limits
    refused: Counter[str] = field(default_factory=Counter)
    """Readings by reason."""

    def packs(self, frames: Iterable[Frame]) -> Iterator[Pack]:
        """The records of the bus, in order."""
        for frame in frames:
            received_at_us = (frame.sent_at - _EPOCH) // _MICROSECOND
            accepted = accept(
                frame.topic,
                frame.payload,
                received_at=received_at_us,
                catalogue=self.catalogue,
                limits=self.limits,
            )
            for refusal in accepted.refusals:
                self.refused[refusal.reason.value] += refusal.readings
            for part in accepted.packs:
                yield unpack(
                    pack(
                        site=part.site,
                        device=frame.topic,
                        received_at_us=received_at_us,
                        run=part.run,
                        historical=part.historical,
                        columns=Columns(
                            part.sensors,
                            part.measured_at_us,
                            part.values,
                            part.quality,
                            part.seq,
                        ),
                    )
                )
