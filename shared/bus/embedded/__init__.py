"""The embedded bus: Kafka's semantics in one SQLite file, for one machine and no server."""

from shared.bus.embedded.bus import EmbeddedBus

__all__ = ["EmbeddedBus"]
