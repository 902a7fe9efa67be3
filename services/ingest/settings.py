"""What the operator may set of ingest."""

from __future__ import annotations

from pydantic import Field

from shared.config.sections import ProbeSettings, Section


class IngestSettings(Section):
    probes: ProbeSettings = Field(default_factory=ProbeSettings)
