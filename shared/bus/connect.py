"""The bus the settings name. Each adapter's libraries are imported only when it is the one."""

from __future__ import annotations

from shared.bus.ports import Bus
from shared.clock import Clock
from shared.config.sections import BusSettings
from shared.metrics import Metrics


def open_bus(settings: BusSettings, *, clock: Clock, metrics: Metrics) -> Bus:
    """A bus to be entered as an async context manager; nothing is opened before that."""
    if settings.kind == "kafka":
        from shared.bus.kafka import KafkaBus  # noqa: PLC0415 - an embedded run needs no aiokafka

        return KafkaBus(settings, clock=clock, metrics=metrics, prefix=settings.prefix)
    from shared.bus.embedded import EmbeddedBus  # noqa: PLC0415 - as above

    return EmbeddedBus(settings.path, clock=clock, metrics=metrics)
