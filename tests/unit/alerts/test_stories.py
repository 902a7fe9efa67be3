"""Nights of the control room: real engine, real ledger, pretend phones, a clock we own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.level import Level
from shared.errors import ChannelFailed, ChannelRefused, IllegalMove
from tests.support.alerts_bench import Bench, open_ledger
from tests.support.make_events import changed, cleared, raised, unverifiable
from tests.support.small_city import small_city, without_duties

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def night(tmp_path):
    async with open_ledger(f"sqlite:///{tmp_path}/alerts.sqlite") as ledger:
        yield Bench(ledger)


async def test_an_orange_alarm_nobody_answers_climbs_to_the_city(night):
    await night.hear(raised(level=Level.ORANGE))
    await night.outbox.pay_once()
    await night.pass_time(31 * MINUTE, looking_every=MINUTE)

    assert night.diary().splitlines() == [
        "0:00:00 wu    opened orange",
        "0:00:00 chen  opened orange",
        "0:05:00 sun   climbed orange",
        "0:10:00 qian  climbed orange",
        "0:20:00 qian  reminder orange",
        "0:30:00 qian  reminder orange",
    ]
    (card,) = await night.cards()
    assert card["phase"] == "unanswered"


async def test_looking_once_a_quarter_of_an_hour_tells_the_same_people(night):
    await night.hear(raised(level=Level.ORANGE))
    await night.outbox.pay_once()
    await night.pass_time(31 * MINUTE, looking_every=15 * MINUTE)

    people = [one.person for _, one in night.phones.sent if one.why != "reminder"]
    assert people == ["wu", "chen", "sun", "qian"]


async def test_an_answer_stands_the_others_down_and_red_asks_again(night):
    event = raised(level=Level.ORANGE)
    await night.hear(event)
    await night.outbox.pay_once()
    (card,) = await night.cards()
    await night.clock.advance(MINUTE)
    await night.ack(card["id"], "Chen Wei")
    await night.outbox.pay_once()
    await night.pass_time(60 * MINUTE, looking_every=5 * MINUTE)
    await night.hear(changed(event, Level.RED))
    await night.outbox.pay_once()

    assert night.diary().splitlines() == [
        "0:00:00 wu    opened orange",
        "0:00:00 chen  opened orange",
        "0:01:00 wu    acknowledged orange",
        "1:01:00 wu    raised red",
        "1:01:00 li    raised red",
        "1:01:00 chen  raised red",
        "1:01:00 sun   raised red",
    ]
    with pytest.raises(IllegalMove, match="has become red"):
        await night.ack(card["id"], "Chen Wei", version=card["version"])


async def test_the_data_return_to_normal_and_a_person_closes_it(night):
    event = raised()
    await night.hear(event)
    await night.outbox.pay_once()
    await night.hear(cleared(event))
    (card,) = await night.cards("open")
    assert (card["phase"], card["actions"]) == ("returned", ["ack", "resolve"])

    await night.resolve(card["id"], "Li Na")
    await night.pass_time(120 * MINUTE, looking_every=10 * MINUTE)

    assert await night.cards("open") == []
    assert [one.why for _, one in night.phones.sent].count("climbed") == 0
    detail = await night.ledger.detail(card["id"])
    assert [entry.kind for entry in detail.timeline] == ["opened", "called", "returned", "resolved"]


async def test_a_process_that_slept_calls_every_step_once_and_says_so(night):
    await night.hear(raised(level=Level.RED))
    await night.outbox.pay_once()
    await night.clock.advance(timedelta(days=7))
    await night.ticker.tick()
    await night.outbox.pay_once()

    reasons = [one.why.value for _, one in night.phones.sent]
    assert reasons == ["opened"] * 4 + ["climbed", "reminder"]


async def test_lost_data_leave_it_calling_and_marked(night):
    event = raised()
    await night.hear(event, unverifiable(event))
    (card,) = await night.cards()
    assert (card["phase"], card["verified"]) == ("calling", False)
    assert card["next_deadline"] is not None


async def test_a_drill_never_touches_the_real_incident(night):
    event = raised()
    drill = replace(event, run="drill")
    await night.hear(event, drill)
    await night.hear(cleared(drill))
    by_run = {card["run"]: card for card in await night.cards()}
    assert by_run[""]["phase"] == "calling"
    assert by_run["drill"]["phase"] == "returned"
    assert by_run["drill"]["exercise"]


async def test_a_closed_incident_and_the_next_one_are_linked(night):
    event = raised()
    await night.hear(event)
    (first,) = await night.cards()
    await night.resolve(first["id"], "Li Na")
    await night.hear(changed(event, Level.RED))

    second, closed = await night.cards()
    assert (second["previous"], second["phase"]) == (first["id"], "calling")
    assert closed["phase"] == "resolved"


async def test_an_event_that_cannot_be_applied_is_set_aside_and_the_others_go_on(
    night, monkeypatch
):
    bad, good = raised("vc-08"), raised()
    real = night.desk.rules.duties.route

    def route(**asked):
        if asked["asset"] == "vc-08":
            raise ZeroDivisionError("planted")
        return real(**asked)

    monkeypatch.setattr(night.desk.rules.duties, "route", route)
    await night.hear(bad, good)

    assert [card["asset"] for card in await night.cards()] == ["vc-07"]
    assert night.engine.set_aside == 1
    await night.hear(bad)
    assert night.engine.set_aside == 1, "it is known, it does not come again"


async def test_an_undecodable_record_is_counted_and_passed_over(night):
    good, broken = night.records(raised(), raised("vc-08"))
    await night.engine.take([replace(broken, value=b"\x00 nonsense"), good])
    assert len(await night.cards()) == 1
    assert b'alerts_events_total{outcome="undecodable"} 1.0' in night.metrics.render()


# --- deliveries ----------------------------------------------------------------------------------


async def test_a_channel_that_fails_is_tried_again_with_growing_pauses(night):
    night.phones.answers = [ChannelFailed("busy")] * 4
    await night.hear(raised())
    await night.outbox.pay_once()
    assert night.phones.sent == []
    (card,) = await night.cards()
    assert {told["state"] for told in card["told"]} == {"owed"}

    await night.pass_time(timedelta(seconds=10), looking_every=timedelta(seconds=1))
    assert sorted(one.person for _, one in night.phones.sent) == ["chen", "wu"]
    detail = await night.ledger.detail(card["id"])
    assert {one.attempts for one in detail.notifications} == {3}


async def test_a_refused_call_goes_to_the_next_member_of_the_team(night):
    night.phones.refuse["wu"] = ChannelRefused("number unknown")
    await night.hear(raised())
    await night.outbox.pay_once()
    await night.outbox.pay_once()

    assert [one.person for _, one in night.phones.sent] == ["chen", "li"]
    (card,) = await night.cards()
    assert {told["person"]: told["state"] for told in card["told"]} == {
        "wu": "written-off",
        "chen": "sent",
        "li": "sent",
    }


async def test_when_nobody_of_a_step_can_be_reached_the_ladder_climbs_at_once(night):
    for person in ("wu", "li", "chen"):
        night.phones.refuse[person] = ChannelRefused("number unknown")
    await night.hear(raised())
    for _ in range(4):
        await night.outbox.pay_once()

    assert night.diary() == "0:00:00 sun   climbed orange", "district called without waiting"
    detail = await night.ledger.detail((await night.cards())[0]["id"])
    assert [entry.kind for entry in detail.timeline].count("delivery-failed") == 2


async def test_a_message_that_cannot_be_sent_in_time_is_written_off(night):
    for person in night.city.people:
        night.phones.refuse[person] = ChannelFailed("no line")
    await night.hear(raised())
    await night.pass_time(timedelta(minutes=20), looking_every=timedelta(seconds=30))

    detail = await night.ledger.detail((await night.cards())[0]["id"])
    assert night.phones.sent == []
    written_off = [one for one in detail.notifications if one.state == "written-off"]
    assert {one.person for one in written_off} >= {"wu", "li", "chen"}
    assert all(one.attempts <= 4 for one in detail.notifications)
    assert all("no line" in one.because for one in written_off)


async def test_one_dead_line_keeps_nobody_else_waiting(night):
    """Twenty messages to a dead address, and the twenty-first to another goes out at once."""
    night.phones.refuse["qian"] = ChannelFailed("no line")
    for n in range(20):
        await night.hear(raised(f"elsewhere-{n}"))
    await night.hear(raised())
    await night.outbox.pay_once()
    assert sorted(one.person for _, one in night.phones.sent) == ["chen", "wu"]


async def test_a_city_with_nobody_on_duty_keeps_the_incident_and_says_so(tmp_path):
    async with open_ledger(f"sqlite:///{tmp_path}/alerts.sqlite") as ledger:
        night = Bench(ledger, city=without_duties(small_city()))
        await night.hear(raised(level=Level.RED))
        (card,) = await night.cards()
        detail = await ledger.detail(card["id"])
        assert [entry.kind for entry in detail.timeline] == ["opened", "nobody"]
        assert card["next_deadline"] is not None
        assert night.desk.unrouted == {card["id"]}
        await night.ack(card["id"], "Li Na")
        assert night.desk.unrouted == set()


async def test_the_audit_sees_overdue_deadlines_and_gauges_what_is_open(night):
    await night.hear(raised(level=Level.RED))
    await night.ticker.audit()
    assert night.ticker.wrong() == {}
    await night.clock.advance(10 * MINUTE)
    assert "overdue" in night.ticker.wrong()["escalation"]
    await night.ticker.tick()
    await night.ticker.audit()
    assert night.ticker.wrong() == {}
    assert b'incidents_open{level="red"} 1.0' in night.metrics.render()
