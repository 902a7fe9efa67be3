"""The bus on Apache Kafka; the one door to aiokafka."""

from shared.bus.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
