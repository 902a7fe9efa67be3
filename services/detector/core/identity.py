"""Names that follow from content: the same happening has the same id wherever it is computed.

The run is left out, so a drill replayed twice names its events alike; so are sentences and
evidence, so a better wording does not make another event.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from shared.domain.event import EventKind, Reason
from shared.domain.hazard import Hazard
from shared.domain.level import Level


def event_id(
    *,
    kind: EventKind,
    site: str,
    asset: str,
    hazard: Hazard,
    level: Level,
    previous: Level | None,
    decided_at_us: int,
    occurrence: str,
    reasons: Iterable[Reason],
) -> str:
    """32 hexadecimal digits; ``occurrence`` is empty for the raise, which names itself."""
    parts = [
        kind.value,
        site,
        asset,
        hazard.value,
        level.value,
        previous.value if previous else "",
        str(decided_at_us),
        occurrence,
    ]
    for reason in reasons:
        parts += [reason.code.value, reason.sensor, reason.level.value, repr(reason.value)]
    # A unit separator cannot be part of an id, so no two contents share one text.
    return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
