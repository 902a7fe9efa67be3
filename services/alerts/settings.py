"""What the operator may set of alerts."""

from __future__ import annotations

from pydantic import Field

from shared.config.sections import ProbeSettings, Section


class AlertsSettings(Section):
    probes: ProbeSettings = Field(default_factory=ProbeSettings)
