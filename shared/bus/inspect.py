"""What is on a bus now, without joining it and without making anything; for ``tocsin doctor``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.bus.topics import Topic
from shared.config.sections import BusSettings


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the bus keeps it, whatever the table says."""

    partitions: int
    retention_ms: int | None
    """None keeps records for ever."""
    compacted: bool

    def differences(self, wanted: Topic) -> tuple[str, ...]:
        """How it differs from the table, each in a few words."""
        found = []
        if self.partitions != wanted.partitions:
            found.append(f"{self.partitions} partitions, not {wanted.partitions}")
        if self.compacted != wanted.compacted:
            found.append("compacted" if self.compacted else "not compacted")
        elif not wanted.compacted and self.retention_ms != wanted.retention_ms:
            found.append(f"kept {_days(self.retention_ms)}, not {_days(wanted.retention_ms)}")
        return tuple(found)


async def topic_states(settings: BusSettings) -> Mapping[str, TopicState]:
    """Every topic of the bus by name; empty where the bus was never started.

    Raises BusUnavailable when it does not answer, BadInput when it is no bus of ours.
    """
    if settings.kind == "kafka":
        from shared.bus.kafka.inspect import states  # noqa: PLC0415 - embedded needs no aiokafka

        return await states(settings)
    from shared.bus.embedded.inspect import states as embedded_states  # noqa: PLC0415 - as above

    return await embedded_states(settings.path)


def _days(retention_ms: int | None) -> str:
    return "for ever" if retention_ms is None else f"{retention_ms / 86_400_000:g} days"
