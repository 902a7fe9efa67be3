"""Is it advancing? A part is healthy while it makes rounds, not while its task exists."""

from __future__ import annotations

from collections.abc import Mapping

from shared.clock import Clock


class Pulse:
    """Beaten at the end of every round of a part's loop."""

    def __init__(self, clock: Clock, *, stuck_s: float) -> None:
        self._clock = clock
        self._stuck_s = stuck_s
        self._beaten_at = clock.monotonic()
        self.trouble = ""
        """What keeps the part from its work right now; empty when nothing does."""

    def beat(self) -> None:
        self._beaten_at = self._clock.monotonic()
        self.trouble = ""

    def verdict(self) -> str:
        """Why the part is not healthy; empty when it is."""
        quiet_s = self._clock.monotonic() - self._beaten_at
        if quiet_s <= self._stuck_s:
            return ""
        return self.trouble or f"has not advanced for {quiet_s:.0f} s"


def wrong(pulses: Mapping[str, Pulse]) -> dict[str, str]:
    """The verdicts of those that are not healthy."""
    return {name: verdict for name, pulse in pulses.items() if (verdict := pulse.verdict())}
