"""Every metric Tocsin shows, by name, with what it means and what to do when it moves.

``tocsin_`` and the unit suffixes follow Prometheus' conventions. A metric that is not in
``METRICS`` cannot be made, so this table is the whole catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    kind: Kind
    labels: tuple[str, ...]
    help: str


METRICS: Final[dict[str, Metric]] = {
    # --- ingest
    "ingest_received": Metric("counter", (), "Readings that arrived, counted before any check."),
    "ingest_stored": Metric("counter", (), "Readings the bus has taken."),
    "ingest_refused": Metric("counter", ("reason",),
        "Readings set aside. Rising? Look at the refused topic, newest first."),
    "ingest_in_flight": Metric("gauge", (),
        "Messages received and not yet acknowledged. Stuck high: the bus does not answer."),
    "ingest_oldest_unacked_seconds": Metric("gauge", (),
        "Age of the oldest unacknowledged message; over the limit ingest reconnects on purpose."),
    "ingest_reconnects": Metric("counter", ("cause",), "Times the broker connection was remade."),
    "ingest_connected": Metric("gauge", (), "1 while connected to the MQTT broker."),
    "archive_readings": Metric("counter", (), "Readings written to the archive."),
    "archive_waiting": Metric("gauge", (),
        "Records on the bus the archive has not taken. Rising? It cannot write; see /healthz."),
    "archive_write_seconds": Metric("histogram", (), "Time to put one flush on the disk."),
    # --- detector
    "detector_readings": Metric("counter", ("outcome",),
        "Readings by what became of them: scored, duplicate, late, bad-quality, unknown-sensor."),
    "detector_events": Metric("counter", ("kind", "level"), "Risk events written to the bus."),
    "detector_batch_seconds": Metric("histogram", (), "Time to score one batch."),
    "detector_event_age_seconds": Metric("histogram", (),
        "From received_at of the deciding reading to its event on the bus. Promise: p99 < 5."),
    "detector_lag_records": Metric("gauge", ("partition",), "Records waiting on the bus."),
    "detector_checkpoint_age_seconds": Metric("gauge", ("partition",),
        "Since the last checkpoint; this much is read again after a crash."),
    "detector_sensors": Metric("gauge", (), "Sensors with state in this process."),
    # --- alerts
    "alerts_events": Metric("counter", ("outcome",),
        "Risk events by what became of them: applied, repeated, undecodable."),
    "alerts_incidents_open": Metric("gauge", ("level",), "Incidents that are not resolved."),
    "alerts_notifications": Metric("counter", ("channel", "outcome"),
        "Messages by outcome: sent, postponed, written-off. Written-off must be looked at."),
    "alerts_outbox_waiting": Metric("gauge", (), "Messages owed and not yet sent."),
    "alerts_deadline_lateness_seconds": Metric("histogram", (),
        "How long after its deadline an escalation step was taken. Promise: p99 < 2."),
    "alerts_feed_readers": Metric("gauge", (), "Browsers on the live feed."),
    "alerts_event_to_feed_seconds": Metric("histogram", (),
        "From the event arriving at alerts to its change being on the feed."),
    # --- every service
    "bus_publish_seconds": Metric("histogram", ("topic",), "Until the bus took responsibility."),
    "build": Metric("gauge", ("version",), "Always 1; carries the version."),
}  # fmt: skip


class Metrics:
    """One process's metrics; made once in ``main`` and handed down."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, metric in METRICS.items():
            full = f"tocsin_{name}"
            if metric.kind == "counter":
                self._counters[name] = Counter(
                    full, metric.help, metric.labels, registry=self._registry
                )
            elif metric.kind == "gauge":
                self._gauges[name] = Gauge(
                    full, metric.help, metric.labels, registry=self._registry
                )
            else:
                self._histograms[name] = Histogram(
                    full, metric.help, metric.labels, registry=self._registry
                )

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add ``by`` to a counter; KeyError for a name that is not in the catalogue."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(by)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Put one observation into a histogram."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def render(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self._registry)
