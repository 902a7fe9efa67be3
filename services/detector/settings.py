"""What the operator may set of the detector."""

from __future__ import annotations

from pydantic import Field

from shared.config.sections import ProbeSettings, Section


class DetectorSettings(Section):
    probes: ProbeSettings = Field(default_factory=ProbeSettings)
    group: str = "detector"
    """The consumer group; every process of one city's detector names the same."""
    records_max: int = Field(default=512, ge=1, le=10_000)
    """Most records of one partition scored at once."""
    wait_s: float = Field(default=0.5, gt=0, le=10)
    """How long one poll waits for records."""
    checkpoint_every_s: float = Field(default=2.0, gt=0)
    """This much is read again after a crash."""
    checkpoint_every_readings: int = Field(default=500_000, ge=1)
    """Or this many readings, whichever comes first."""
    stuck_after_s: float = Field(default=30.0, gt=0)
    """Without progress for so long while readings wait, the service calls itself ill."""
    retry_at_most_s: float = Field(default=5.0, gt=0)
    """The longest pause before the bus is tried again."""
    runs_max: int = Field(default=16, ge=2, le=256)
    """Runs (drills, replays) with state in one partition; the oldest makes room."""
