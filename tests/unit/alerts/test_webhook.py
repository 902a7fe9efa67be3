"""Webhooks against a real receiver that checks signatures with the public library."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook as Verifier

from services.alerts.adapters.console import Console
from services.alerts.adapters.webhook import Webhook, may_reach
from services.alerts.ports import Later
from services.alerts.settings import Endpoint
from shared.clock import SystemClock
from shared.domain.incident import Notification, Why
from shared.domain.level import Level
from shared.errors import ChannelFailed, ChannelRefused
from tests.support.receiver import receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def message(target: str, key: str = "a/1/0/0/li") -> Notification:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    return Notification(
        key=key, incident="a", run="", why=Why.OPENED, level=Level.RED, round=1, step=0,
        person="li", name="Li Na", team="wardens", channel="webhook", target=target,
        text={"en": "Red: Fire, floor 12", "zh": "红色：12层火情"}, language="en",
        owed_at=now, deadline=now + timedelta(minutes=15),
    )  # fmt: skip


@pytest.fixture
async def webhook():
    made = Webhook(endpoints={}, secret=SecretStr(SECRET), private="loopback", timeout_s=0.5)
    yield made
    await made.close()


@pytest.fixture
def receiver():
    with receiving() as far_end:
        yield far_end


async def test_the_receiver_can_verify_what_it_got_with_the_public_library(webhook, receiver):
    now = SystemClock().now()
    await webhook.send(message(f"{receiver.url}/li?x=1"), now=now)

    (got,) = receiver.deliveries
    said = Verifier(SECRET).verify(got.body, got.headers)
    assert got.path == "/li?x=1"
    assert said["data"]["text"]["zh"] == "红色：12层火情"
    assert (said["type"], said["data"]["level"]) == ("incident.call", "red")
    assert got.headers["host"] == receiver.url.removeprefix("http://")


async def test_the_same_message_has_the_same_id_and_another_has_another(webhook, receiver):
    now = SystemClock().now()
    for key in ("one", "one", "other"):
        await webhook.send(message(receiver.url, key), now=now)
    first, again, other = (delivery.id for delivery in receiver.deliveries)
    assert first == again != other
    assert "." not in first


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_what_may_pass_is_tried_again(webhook, receiver, status):
    receiver.answer = lambda _: (status, {})
    with pytest.raises(ChannelFailed, match=str(status)):
        await webhook.send(message(receiver.url), now=SystemClock().now())


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
async def test_what_will_not_pass_is_not(webhook, receiver, status):
    receiver.answer = lambda _: (status, {"location": "http://127.0.0.1:9/"})
    with pytest.raises(ChannelRefused, match=str(status)):
        await webhook.send(message(receiver.url), now=SystemClock().now())
    assert len(receiver.deliveries) == 1, "a redirect is not followed"


async def test_a_receiver_may_say_when_to_come_back(webhook, receiver):
    now = SystemClock().now()
    at = (now + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for header, low, high in (("7", 7, 7), (at, 88, 91), ("999999", 600, 600)):
        receiver.answer = lambda _, header=header: (429, {"retry-after": header})
        with pytest.raises(Later) as caught:
            await webhook.send(message(receiver.url), now=now)
        assert low <= caught.value.retry_after_s <= high


async def test_a_dead_or_silent_end_is_tried_again(webhook, receiver):
    with pytest.raises(ChannelFailed):
        await webhook.send(message("http://127.0.0.1:9/"), now=SystemClock().now())
    release = threading.Event()
    receiver.answer = lambda _: (204 if release.wait(5) else 500, {})
    try:
        with pytest.raises(ChannelFailed, match=r"in time|Timeout"):
            await webhook.send(message(receiver.url), now=SystemClock().now())
    finally:
        release.set()


async def test_an_endpoint_may_be_named_and_carries_its_own_secret(receiver):
    other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    named = Webhook(
        endpoints={"desk": Endpoint(url=receiver.url, secret=SecretStr(other))},
        secret=SecretStr(SECRET), private="loopback", timeout_s=0.5,
    )  # fmt: skip
    await named.send(message("desk"), now=SystemClock().now())
    await named.close()
    (got,) = receiver.deliveries
    assert Verifier(other).verify(got.body, got.headers)


@pytest.mark.parametrize("target", ["desk", "ftp://example.org/", "http://", "http://[::1"])
async def test_an_address_that_is_none_is_refused(webhook, target):
    with pytest.raises(ChannelRefused, match="URL"):
        await webhook.send(message(target), now=SystemClock().now())


@pytest.mark.parametrize(
    ("address", "none", "loopback", "everything"),
    [
        ("127.0.0.1", False, True, True),
        ("::1", False, True, True),
        ("::ffff:127.0.0.1", False, True, True),
        ("10.0.0.5", False, False, True),
        ("169.254.169.254", False, False, True),
        ("192.168.1.1", False, False, True),
        ("fe80::1%eth0", False, False, True),
        ("100.64.0.1", False, False, True),
        ("224.0.0.1", False, False, True),
        ("93.184.216.34", True, True, True),
    ],
)
def test_private_addresses_are_reached_only_when_allowed(address, none, loopback, everything):
    allowed = (
        may_reach(address, "none"),
        may_reach(address, "loopback"),
        may_reach(address, "all"),
    )
    assert allowed == (none, loopback, everything)


async def test_a_private_address_is_refused_before_anything_is_sent(receiver):
    strict = Webhook(endpoints={}, secret=None, private="none", timeout_s=0.5)
    with pytest.raises(ChannelRefused, match="webhook_private"):
        await strict.send(message(receiver.url), now=SystemClock().now())
    await strict.close()
    assert receiver.deliveries == []


async def test_the_console_prints_one_line_in_the_persons_language(capsys):
    note = message("li")
    await Console().send(note, now=note.owed_at)
    assert capsys.readouterr().out == ("08:00:00Z CALL Li Na (wardens) [red] Red: Fire, floor 12\n")
