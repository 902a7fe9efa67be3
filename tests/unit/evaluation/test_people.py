"""Whom the engine would call: the same people at the same moments as the service itself calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.alerts.core.duty import DutyBook
from services.alerts.core.plan import Rules
from services.alerts.core.policy import DEFAULT
from services.evaluation.hearing import Heard
from services.evaluation.people import Town, at_night, called, live_through
from shared.domain.level import Level
from tests.support.alerts_bench import Bench, open_ledger
from tests.support.make_events import MORNING, changed, cleared, raised
from tests.support.small_city import small_city

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def town(answer_after_s: float | None) -> Town:
    city = small_city()
    return Town(
        policy=DEFAULT,
        rules=Rules(city, DutyBook(city), frozenset({"console"}), timedelta(minutes=15)),
        timezone=SHANGHAI,
        answer_after=None if answer_after_s is None else timedelta(seconds=answer_after_s),
    )


def heard(*events) -> list[Heard]:
    return [Heard(one, round(one.decided_at.timestamp() * 1e6)) for one in events]


def story():
    """Orange, then red, then over, then red once more."""
    first = raised(at=MORNING + timedelta(seconds=30))
    worse = changed(first, Level.RED, after_s=400)
    over = cleared(worse, after_s=900)
    again = raised(level=Level.RED, at=MORNING + timedelta(seconds=2400), value=12.0)
    return first, worse, over, again


@pytest.mark.slow
async def test_the_same_people_are_told_at_the_same_moments_as_by_the_service(tmp_path):
    events = story()
    books = live_through(heard(*events), town(None), end=MORNING + HOUR)
    async with open_ledger(f"sqlite:///{tmp_path / 'alerts.sqlite'}") as ledger:
        bench = Bench(ledger)
        for one in events:
            await bench.pass_time(
                one.decided_at - bench.clock.now(), looking_every=timedelta(seconds=10)
            )
            await bench.hear(one)
            await bench.outbox.pay_once()
        await bench.pass_time(
            MORNING + HOUR - bench.clock.now(), looking_every=timedelta(seconds=10)
        )
    live = sorted((at, one.person, one.why, one.level.value) for at, one in bench.phones.sent)
    ours = sorted((one.owed_at, one.person, one.why, one.level.value) for one in books.owed)
    assert len(live) > 20
    assert ours == live


def test_an_answer_ends_the_calling_until_it_gets_worse():
    pages, _ = called(heard(*story()[:2]), town(120.0), start=MORNING, end=MORNING + HOUR)
    assert {page.at_s for page in pages} == {30.0, 430.0}
    alone, _ = called(heard(*story()[:2]), town(None), start=MORNING, end=MORNING + HOUR)
    assert len(alone) >= 3 * len(pages)


def test_those_who_were_called_are_stood_down_and_that_is_no_page():
    pages, messages = called(heard(*story()[:3]), town(None), start=MORNING, end=MORNING + HOUR)
    assert messages >= 1
    assert all(page.why not in {"returned", "acknowledged"} for page in pages)


def test_an_exercise_is_counted_as_if_it_were_real():
    real = called(heard(*story()), town(120.0), start=MORNING, end=MORNING + HOUR)
    drill = [raised(run="drill", at=MORNING + timedelta(seconds=30))]
    pages, _ = called(heard(*drill), town(120.0), start=MORNING, end=MORNING + HOUR)
    assert pages
    assert {page.person for page in pages} <= {page.person for page in real[0]}


def test_nobody_is_called_for_what_came_after_the_end():
    pages, _ = called(heard(story()[0]), town(None), start=MORNING, end=MORNING)
    assert {page.at_s for page in pages} == {30.0}


@pytest.mark.parametrize(
    ("hour", "night"), [(22, True), (23, True), (0, True), (6, True), (7, False), (21, False)]
)
def test_night_is_from_ten_to_seven_by_the_clocks_of_the_city(hour, night):
    moment = datetime(2026, 11, 23, hour, 30, tzinfo=SHANGHAI)
    assert at_night(moment.astimezone(UTC), SHANGHAI) is night
    pages, _ = called(
        heard(raised(at=moment.astimezone(UTC))),
        town(None), start=moment, end=moment + timedelta(seconds=60),
    )  # fmt: skip
    assert pages
    assert all(page.night is night for page in pages)
