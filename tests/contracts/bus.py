"""What every bus promises, as tests. A bus is a bus when a subclass of this passes.

A subclass gives ``again``, which opens a connection to the same records each time it is called,
as another process would. Topics have fixed names; how a subclass keeps tests apart is its own
affair.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from shared.bus.ports import Bus
from tests.contracts.bus_contents import Contents
from tests.contracts.bus_crews import Crews
from tests.contracts.bus_positions import Positions
from tests.contracts.bus_publishing import Publishing

Again = Callable[[], AbstractAsyncContextManager[Bus]]


class BusContract(Publishing, Positions, Crews, Contents):
    @pytest.fixture
    async def bus(self, again: Again) -> AsyncIterator[Bus]:
        async with again() as bus:
            await bus.ensure_topics()
            yield bus
