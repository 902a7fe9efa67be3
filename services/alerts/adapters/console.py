"""One line for each message on standard output: the channel that needs nothing."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

from services.alerts.ports import Channel
from shared.domain.incident import Notification
from shared.errors import ChannelFailed


class Console(Channel):
    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    async def send(self, notification: Notification, *, now: datetime) -> None:
        out = self._out or sys.stdout
        text = notification.text.get(notification.language) or notification.text.get("en", "")
        verb = "CALL" if notification.why.asks else "TELL"
        line = " ".join(text.split())
        try:
            out.write(
                f"{now:%H:%M:%S}Z {verb} {notification.name} ({notification.team}) "
                f"[{notification.level.value}] {line}\n"
            )
            out.flush()
        except (OSError, ValueError) as error:
            raise ChannelFailed(f"the console cannot be written: {error}") from error

    async def close(self) -> None:
        """Nothing to close."""
