"""The whole of ``tocsin.yaml``: one section a service, and what they share."""

from __future__ import annotations

from pydantic import Field

from services.alerts.settings import AlertsSettings
from services.detector.settings import DetectorSettings
from services.ingest.settings import IngestSettings
from shared.config.sections import BusSettings, CitySettings, LogSettings, Section


class TocsinSettings(Section):
    city: CitySettings = Field(default_factory=CitySettings)
    bus: BusSettings = Field(default_factory=BusSettings)
    logs: LogSettings = Field(default_factory=LogSettings)
    ingest: IngestSettings = Field(default_factory=IngestSettings)
    detector: DetectorSettings = Field(default_factory=DetectorSettings)
    alerts: AlertsSettings = Field(default_factory=AlertsSettings)
