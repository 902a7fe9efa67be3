"""A browser that goes away and comes back, over real HTTP."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from tests.support.alerts_server import Served, serving
from tests.support.make_events import raised

pytestmark = pytest.mark.slow


class Browser:
    """What EventSource does: reads frames, remembers the last id."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self.last_id: str | None = None
        self.seen: list[int] = []
        self.kinds: list[str] = []

    async def read(self, until: int, *, after: int | None = None) -> None:
        """Read until the change ``until`` was seen, or the stream says to start over."""
        headers = {} if self.last_id is None else {"last-event-id": self.last_id}
        params = {} if after is None else {"after": after}
        http = self._served.http
        async with (
            asyncio.timeout(15),
            http.stream("GET", "/api/v1/feed", headers=headers, params=params) as response,
        ):
            assert response.headers["content-type"].startswith("text/event-stream")
            ident, kind = None, ""
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    ident = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    self.kinds.append(kind)
                    if kind == "incident":
                        self.last_id = ident
                        self.seen.append(json.loads(value)["sequence"])
                        assert ident == str(self.seen[-1])
                    if kind == "reset" or (self.seen and self.seen[-1] >= until):
                        return


async def newest(served: Served) -> int:
    return (await served.http.get("/api/v1/incidents")).json()["sequence"]


async def test_whoever_comes_back_with_the_last_id_sees_every_change_once_and_in_order(tmp_path):
    async with serving(tmp_path) as served:
        browser = Browser(served)
        start = (await served.http.get("/api/v1/incidents")).json()["sequence"]
        for batch in range(4):
            await served.publish(*(raised(f"asset-{batch}-{n}") for n in range(5)))
            await served.cards(5 * (batch + 1))
            # The browser goes away in the middle of what there is and misses the rest.
            missed = await newest(served)
            await browser.read(max(1, missed - 3), after=start)
        await settled(served)
        last = await newest(served)
        await browser.read(last)

        assert browser.seen == list(range(start + 1, last + 1))
        assert last >= 20 * 2, "every message sent is a change too"


async def settled(served: Served) -> None:
    """Wait until no more messages are owed, so that the feed stands still."""
    async with asyncio.timeout(15):
        while True:
            cards = await served.cards()
            if all(told["state"] == "sent" for card in cards for told in card["told"]):
                return
            await asyncio.sleep(0)


async def test_ids_and_places_survive_a_restart_of_the_service(tmp_path):
    async with serving(tmp_path) as served:
        first = Browser(served)
        await served.publish(raised())
        await first.read(1, after=0)
        await served.cards()
        await settled(served)
    async with serving(tmp_path) as served:
        again = Browser(served)
        again.last_id, again.seen = first.last_id, list(first.seen)
        await served.publish(raised("vc-08"))
        await served.cards(2)
        await settled(served)
        last = await newest(served)
        await again.read(last)
        assert again.seen == list(range(1, last + 1))


async def test_past_retention_the_browser_is_told_to_start_over(tmp_path):
    async with serving(tmp_path, changes_kept=1) as served:
        await served.publish(*(raised(f"asset-{n}") for n in range(5)))
        await served.cards(5)
        await served.alerts._ledger.prune(changes_kept=1)
        browser = Browser(served)
        await browser.read(99, after=0)
        assert browser.kinds == ["reset"]


async def test_a_change_reaches_the_feed_within_a_second_and_the_pulse_says_how_fast(tmp_path):
    async with serving(tmp_path, feed_pulse_s=0.2) as served:
        pulses: list[dict] = []
        async with asyncio.timeout(10), served.http.stream("GET", "/api/v1/feed") as response:
            await served.publish(raised())
            async for line in response.aiter_lines():
                if line.startswith("data: ") and '"now"' in line:
                    pulses.append(json.loads(line[6:]))
                    if pulses[-1]["event_to_feed_ms"] > 0:
                        break
        assert pulses[-1]["event_to_feed_ms"] < 1000
        assert pulses[-1]["services"] == {"alerts": "ok"}
        assert pulses[-1]["ledger"] == "balanced"
        assert set(pulses[-1]) == {
            "now", "readings_per_s", "event_to_feed_ms", "ledger", "waiting", "services",
        }  # fmt: skip


async def test_open_feeds_do_not_hold_up_the_end(tmp_path):
    loop = asyncio.get_running_loop()
    async with serving(tmp_path) as served:
        ended: list[bool] = []

        async def watch() -> None:
            try:
                async with served.http.stream("GET", "/api/v1/feed") as response:
                    async for _ in response.aiter_lines():
                        pass
            except httpx.HTTPError:
                pass
            ended.append(True)

        watching = [asyncio.create_task(watch()) for _ in range(5)]
        async with asyncio.timeout(10):
            while True:
                metrics = (await served.http.get("/metrics")).content
                if b"tocsin_alerts_feed_readers 5.0" in metrics:
                    break
        stopping = loop.time()
        served.stop.set()
        await asyncio.wait_for(asyncio.gather(*watching), 3)
        assert len(ended) == 5
        assert loop.time() - stopping < 3
