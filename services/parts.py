"""What every service is handed by the one who wires it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from shared.bus.ports import Bus
from shared.clock import Clock
from shared.domain.registry import Registry
from shared.metrics import Metrics


class _Keywords(TypedDict):
    registry: Registry
    bus: Bus
    clock: Clock
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Parts:
    registry: Registry
    bus: Bus
    clock: Clock
    metrics: Metrics

    def keywords(self) -> _Keywords:
        """As the keyword arguments of a service's constructor."""
        return {
            "registry": self.registry,
            "bus": self.bus,
            "clock": self.clock,
            "metrics": self.metrics,
        }
