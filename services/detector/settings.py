"""What the operator may set of detector."""

from __future__ import annotations

from pydantic import Field

from shared.config.sections import ProbeSettings, Section


class DetectorSettings(Section):
    probes: ProbeSettings = Field(default_factory=ProbeSettings)
