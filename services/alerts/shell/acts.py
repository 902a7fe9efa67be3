"""What people do to an incident: acknowledge it, resolve it."""

from __future__ import annotations

from dataclasses import dataclass

from services.alerts.core.happenings import Acknowledged, Resolved
from services.alerts.ports import Detail, Ledger
from services.alerts.shell.bell import Bells
from services.alerts.shell.desk import Desk
from shared.clock import Clock
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Acts:
    ledger: Ledger
    desk: Desk
    clock: Clock
    bells: Bells

    async def act(self, incident: str, act: Acknowledged | Resolved) -> str:
        """The incident's card after the act, as JSON.

        Raises NotFound, IllegalMove (nothing is changed) and StoreUnavailable.
        """
        async with self.ledger.write() as work:
            before = await work.incident(incident)
            if before is None:
                raise NotFound(f"there is no incident {incident}")
            await self.desk.advance(work, before, act, now=self.clock.now())
        self.bells.saved()
        return (await self.detail(incident)).card

    async def detail(self, incident: str) -> Detail:
        """Everything known of one incident; raises NotFound."""
        found = await self.ledger.detail(incident)
        if found is None:
            raise NotFound(f"there is no incident {incident}")
        return found
