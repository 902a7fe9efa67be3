"""What becomes of one device message: packs to store, refusals to set aside, nothing else.

Law: every reading of every message gets exactly one outcome, whatever the bytes; nothing raises.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.ingest.core.catalogue import Catalogue
from services.ingest.core.dialects import json_v1
from services.ingest.core.limits import Limits
from services.ingest.core.packs import SitePack
from services.ingest.core.refusal import Reason, Refusal, Refuse


@dataclass(frozen=True, slots=True)
class Accepted:
    """The outcomes of one message; never both empty."""

    packs: tuple[SitePack, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def readings(self) -> int:
        """How many readings the message stands for in the ledger, at least 1."""
        stored = sum(len(pack.sensors) for pack in self.packs)
        return stored + sum(refusal.readings for refusal in self.refusals)


def accept(
    topic: str,
    payload: bytes,
    *,
    received_at: int,
    catalogue: Catalogue,
    limits: Limits,
    retained: bool = False,
) -> Accepted:
    """The outcomes of ``payload``; ``received_at`` in microseconds since the Unix epoch."""
    try:
        sole = json_v1.sensor_of(topic, catalogue)
        _presentable(payload, limits, retained=retained)
        packs, refusals = json_v1.read(
            sole, payload, received_at_us=received_at, catalogue=catalogue, limits=limits
        )
    except Refuse as why:
        return Accepted(refusals=(why.of(payload),))
    return Accepted(packs, refusals)


def _presentable(payload: bytes, limits: Limits, *, retained: bool) -> None:
    if retained:
        raise Refuse(Reason.RETAINED, "retained by the broker; publish readings without retain")
    if not payload:
        raise Refuse(Reason.EMPTY, "payload is empty; send a reading or do not publish")
    if len(payload) > limits.payload_bytes_max:
        raise Refuse(
            Reason.TOO_LARGE,
            f"payload has {len(payload)} bytes, at most {limits.payload_bytes_max}; split it",
        )
