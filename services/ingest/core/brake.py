"""Notices that most of what arrives is refused: then it is probably we who are wrong.

The brake never stops the flow, because a city must not stop: good readings go on being stored
and every refusal is kept for re-injection. It only says so, until the share has fallen again.
"""

from __future__ import annotations

from collections import deque


class Brake:
    def __init__(self, *, messages: int, share_max: float, messages_least: int) -> None:
        """Look at the last ``messages``; judge nothing before ``messages_least`` were seen."""
        self._last: deque[bool] = deque(maxlen=messages)
        self._refused = 0
        self._share_max = share_max
        self._least = messages_least

    def note(self, *, refused: bool) -> None:
        """One more message; ``refused`` when no reading of it could be stored."""
        if len(self._last) == self._last.maxlen:
            self._refused -= self._last[0]
        self._last.append(refused)
        self._refused += refused

    @property
    def on(self) -> bool:
        seen = len(self._last)
        return seen >= self._least and self._refused > self._share_max * seen

    def sentence(self) -> str:
        """What it sees, for health and log."""
        return (
            f"{self._refused} of the last {len(self._last)} messages were refused; "
            "look at the newest refusals: registry, units or clocks may be wrong"
        )
