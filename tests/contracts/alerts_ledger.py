"""What every ledger must keep, whatever database is behind it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from services.alerts.ports import Query
from shared.domain.event import RiskEvent
from shared.domain.hazard import Hazard
from shared.domain.incident import Phase, Receipt
from shared.domain.level import Level
from shared.errors import BadInput
from tests.support.alerts_bench import Bench, open_ledger
from tests.support.make_events import MORNING, changed, raised

LEASE = timedelta(seconds=30)


class Broken(Exception):
    pass


async def broken_half_way(bench: Bench, event: RiskEvent) -> None:
    async with bench.ledger.write() as work:
        await bench.desk.receive(work, event, now=MORNING)
        raise Broken


async def save_a_twin(bench: Bench, incident: str) -> None:
    async with bench.ledger.write() as work:
        twin = await work.incident(incident)
        assert twin is not None
        await work.save(replace(twin, id="another"))


class LedgerContract:
    """Subclasses give a ``url`` fixture of an empty database."""

    @pytest.fixture
    async def bench(self, url):
        async with open_ledger(url) as ledger:
            yield Bench(ledger)

    async def test_starting_again_and_twice_at_once_changes_nothing(self, url):
        async with open_ledger(url) as one, open_ledger(url) as other:
            await asyncio.gather(one.migrate(), other.migrate())
            assert await one.span() == (1, 0)

    async def test_an_event_counts_once_however_often_it_comes(self, bench):
        event = raised()
        await bench.hear(event, event)
        await bench.hear(event)

        (card,) = await bench.cards()
        detail = await bench.ledger.detail(card["id"])
        assert [one.id for one in detail.events] == [event.id]
        assert await bench.ledger.span() == (1, 1)

    async def test_everything_of_a_decision_is_saved_or_nothing(self, bench):
        with pytest.raises(Broken):
            await broken_half_way(bench, raised())

        assert await bench.cards() == []
        assert await bench.ledger.span() == (1, 0)
        assert await bench.ledger.unrelayed(most=10) == []
        assert (await bench.ledger.standing()).owed == 0

        await bench.hear(raised())
        (card,) = await bench.cards()
        assert card["sequence"] == 1
        assert len(await bench.ledger.unrelayed(most=10)) == 1
        assert (await bench.ledger.standing()).owed == 2

    async def test_one_open_incident_a_run_asset_and_hazard(self, bench):
        await bench.hear(raised(), replace(raised(), run="drill"), raised(hazard=Hazard.FLOOD))
        assert len(await bench.cards()) == 3

        (first, *_) = await bench.cards()
        with pytest.raises(IntegrityError):
            await save_a_twin(bench, first["id"])

    async def test_sequences_have_no_gaps_and_their_order_is_the_order_of_commits(self, bench):
        async def one(asset: str) -> None:
            await bench.engine.take(bench.records(raised(asset)))

        await asyncio.gather(*(one(f"asset-{n}") for n in range(12)))

        changes = await bench.ledger.changes(0, most=100)
        assert [change.sequence for change in changes] == list(range(1, 13))
        assert [json.loads(change.card)["sequence"] for change in changes] == list(range(1, 13))
        assert await bench.ledger.span() == (1, 12)

    async def test_a_failed_transaction_leaves_no_gap_in_the_feed(self, bench):
        await bench.hear(raised())
        with pytest.raises(Broken):
            await broken_half_way(bench, raised("vc-08"))
        await bench.hear(raised("vc-08"))
        changes = await bench.ledger.changes(0, most=10)
        assert [change.sequence for change in changes] == [1, 2]

    async def test_a_message_is_claimed_by_one_process_alone_until_the_lease_runs_out(self, bench):
        await bench.hear(raised())

        async def claim(after_s: float = 0):
            now = MORNING + timedelta(seconds=after_s)
            return await bench.ledger.claim(now=now, lease=LEASE, lane_max=5, busy={})

        first, second = await asyncio.gather(claim(), claim())
        assert {len(first), len(second)} == {0, 2}
        assert await claim(29) == []
        again = await claim(31)
        assert [one.attempts for one in again] == [2, 2]

    async def test_no_lane_gets_more_than_its_share_and_a_full_one_none(self, bench):
        for n in range(6):
            await bench.hear(raised(f"asset-{n}"))  # six incidents all call the city desk
        claimed = await bench.ledger.claim(now=MORNING, lease=LEASE, lane_max=2, busy={})
        assert [one.person for one in claimed] == ["qian", "qian"]
        more = await bench.ledger.claim(
            now=MORNING, lease=LEASE, lane_max=3, busy={"console:qian": 2}
        )
        assert len(more) == 1
        none = await bench.ledger.claim(
            now=MORNING, lease=LEASE, lane_max=3, busy={"console:qian": 3}
        )
        assert none == []

    async def test_what_is_settled_is_not_claimed_again(self, bench):
        await bench.hear(raised())
        assert await bench.outbox.pay_once() == 2
        later = MORNING + timedelta(hours=1)
        assert await bench.ledger.claim(now=later, lease=LEASE, lane_max=5, busy={}) == []
        (card,) = await bench.cards()
        assert {told["state"] for told in card["told"]} == {"sent"}

    async def test_released_claims_are_due_at_once(self, bench):
        await bench.hear(raised())
        await bench.ledger.claim(now=MORNING, lease=LEASE, lane_max=5, busy={})
        await bench.ledger.release()
        again = await bench.ledger.claim(now=MORNING, lease=LEASE, lane_max=5, busy={})
        assert len(again) == 2

    async def test_due_incidents_come_most_overdue_first(self, bench):
        await bench.hear(raised("slow", level=Level.BLUE), raised("quick", level=Level.RED))
        assert await bench.ledger.due(MORNING, most=10) == []
        due = await bench.ledger.due(MORNING + timedelta(hours=2), most=10)
        cards = {card["id"]: card["asset"] for card in await bench.cards()}
        assert [cards[incident] for incident in due] == ["quick", "slow"]

    async def test_pages_put_open_before_resolved_and_worse_before_milder(self, bench):
        levels = [Level.YELLOW, Level.RED, Level.BLUE, Level.RED, Level.ORANGE]
        for n, level in enumerate(levels):
            await bench.hear(raised(f"asset-{n}", level=level))
            await bench.clock.advance(timedelta(seconds=1))
        red = (await bench.cards())[0]
        await bench.resolve(red["id"], "li")

        seen, cursor = [], None
        while True:
            page = await bench.ledger.page(Query(state="all", cursor=cursor, limit=2))
            seen += [json.loads(card)["asset"] for card in page.cards]
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == ["asset-1", "asset-4", "asset-0", "asset-2", "asset-3"]
        assert len(await bench.cards("open")) == 4
        assert [card["phase"] for card in await bench.cards("resolved")] == ["resolved"]

    async def test_a_foreign_cursor_is_refused(self, bench):
        with pytest.raises(BadInput, match="cursor"):
            await bench.ledger.page(Query(cursor="not one of ours"))

    async def test_filters_choose_by_level_hazard_area_and_run(self, bench):
        await bench.hear(
            raised(level=Level.RED),
            raised("vc-08", hazard=Hazard.FLOOD, level=Level.BLUE),
            raised("vc-08", level=Level.BLUE, run="drill"),
            raised("elsewhere"),
        )

        async def assets(**chosen):
            page = await bench.ledger.page(Query(**chosen))
            return sorted(json.loads(card)["asset"] for card in page.cards)

        assert await assets(levels=(Level.RED, Level.ORANGE)) == ["elsewhere", "vc-07"]
        assert await assets(hazards=(Hazard.FLOOD,)) == ["vc-08"]
        assert await assets(areas=frozenset({"harbour"})) == ["vc-07", "vc-08", "vc-08"]
        assert await assets(run="drill") == ["vc-08"]
        assert await assets(run="") == ["elsewhere", "vc-07", "vc-08"]

    async def test_refusals_are_counted_with_their_position_and_never_twice(self, bench):
        count = bench.ledger.count_refused
        assert await count(0, first=0, following=2, by={"empty": 1, "not-a-number": 3})
        assert not await count(0, first=0, following=2, by={"empty": 1})
        assert await count(0, first=2, following=3, by={"empty": 1})
        assert await count(1, first=0, following=1, by={"empty": 1})

        assert await bench.ledger.refused() == ({0: 3, 1: 1}, {"empty": 3, "not-a-number": 3})

    async def test_relayed_decisions_are_not_given_again(self, bench):
        event = raised()
        await bench.hear(event, changed(event, Level.RED))
        waiting = await bench.ledger.unrelayed(most=10)
        assert [json.loads(body)["happening"] for _, _, body in waiting] == ["shown", "shown"]
        await bench.ledger.relayed([waiting[0][0]])
        assert [number for number, _, _ in await bench.ledger.unrelayed(most=10)] == [waiting[1][0]]

    async def test_pruning_keeps_the_newest_changes_and_says_what_is_left(self, bench):
        for n in range(5):
            await bench.hear(raised(f"asset-{n}"))
        await bench.ledger.prune(changes_kept=2)
        assert await bench.ledger.span() == (4, 5)

    async def test_calls_not_yet_sent_are_withdrawn_when_somebody_answers(self, bench):
        await bench.hear(raised())
        (card,) = await bench.cards()
        await bench.ack(card["id"], "Li Na")

        detail = await bench.ledger.detail(card["id"])
        assert {one.state for one in detail.notifications} == {Receipt.WITHDRAWN}
        assert detail.incident.phase is Phase.ACKNOWLEDGED
        assert await bench.outbox.pay_once() == 0
