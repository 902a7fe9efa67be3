"""A configuration under evaluation: the settings of a deployment, by name.

Of a settings file the detector's and the alerts' sections count, with the escalation policy they
name, and the limits of ingest. The city is that of the evaluation and the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.alerts.adapters.policy_file import load_policy
from services.alerts.core.duty import DutyBook
from services.alerts.core.plan import Rules
from services.alerts.core.policy import Policy
from services.detector.core.watch import Watch, new_watch
from services.evaluation.people import ANSWER_AFTER_S, Town
from services.whole import TocsinSettings
from shared.domain.registry import Registry


@dataclass(frozen=True)
class Configuration:
    name: str
    settings: TocsinSettings = field(default_factory=TocsinSettings)
    answer_after_s: float | None = ANSWER_AFTER_S
    """How long after the first call somebody answers; None is never."""

    @property
    def policy(self) -> Policy:
        """The escalation policy it names; BadSettings when that cannot be read."""
        return load_policy(self.settings.alerts.policy)

    def watch(self, registry: Registry) -> Watch:
        """A detector as it would run under these settings, that has heard nothing yet."""
        return new_watch(registry, runs_max=self.settings.detector.runs_max)

    def town(self, registry: Registry) -> Town:
        """The alert engine's knowledge under these settings."""
        alerts = self.settings.alerts
        patience_s = self.answer_after_s
        return Town(
            policy=self.policy,
            rules=Rules(
                registry=registry,
                duties=DutyBook(registry),
                exercise_channels=frozenset(alerts.exercise_channels),
                give_up=timedelta(seconds=alerts.outbox_give_up_s),
                base_url=alerts.base_url,
            ),
            timezone=ZoneInfo(registry.timezone),
            answer_after=None if patience_s is None else timedelta(seconds=patience_s),
        )
