"""Messages as signed HTTP requests, in the Standard Webhooks form.

A receiver checks ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature`` with any library
of that standard. The id comes from the message's own key: whoever sees it twice, knows it.

The address is resolved once, checked, and that very address is connected to: a name that answers
differently the second time reaches nothing it should not. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook as Signer

from services.alerts.ports import Channel, Later
from services.alerts.settings import Endpoint
from shared.domain.incident import Notification
from shared.errors import ChannelFailed, ChannelRefused

AGAIN: Final = frozenset({408, 425, 429})
RETRY_AFTER_S_MAX: Final = 600.0
Private = Literal["none", "loopback", "all"]


@dataclass(frozen=True, slots=True)
class _Target:
    url: httpx.URL
    secret: SecretStr | None


class Webhook(Channel):
    def __init__(
        self,
        *,
        endpoints: Mapping[str, Endpoint],
        secret: SecretStr | None,
        private: Private,
        timeout_s: float,
    ) -> None:
        self._endpoints = endpoints
        self._secret = secret
        self._private = private
        self._client = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False)
        self._timeout_s = timeout_s

    async def send(self, notification: Notification, *, now: datetime) -> None:
        target = self._target(notification.target)
        body = json.dumps(payload(notification), ensure_ascii=False, separators=(",", ":"))
        headers = {"content-type": "application/json", "user-agent": "tocsin"}
        headers |= signature(target.secret, notification.key, now, body)
        try:
            async with asyncio.timeout(self._timeout_s):
                address = await self._address(target.url)
                response = await self._post(target.url, address, headers, body)
        except TimeoutError as error:
            raise ChannelFailed(f"{_shown(target.url)} did not answer in time") from error
        except httpx.HTTPError as error:
            raise ChannelFailed(f"{_shown(target.url)}: {type(error).__name__} {error}") from error
        _judge(response, target.url, now)

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(
        self, url: httpx.URL, address: str, headers: dict[str, str], body: str
    ) -> httpx.Response:
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            headers=headers | {"host": url.netloc.decode()},
            content=body.encode(),
            extensions={"sni_hostname": url.host},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()  # the status says it all; whatever else they send is not read
        return response

    def _target(self, target: str) -> _Target:
        if (endpoint := self._endpoints.get(target)) is not None:
            return _Target(httpx.URL(endpoint.url), endpoint.secret or self._secret)
        try:
            url = httpx.URL(target)
        except httpx.InvalidURL as error:
            raise ChannelRefused(f"{target!r} is no URL: {error}") from error
        if url.scheme not in {"http", "https"} or not url.host:
            raise ChannelRefused(f"{target!r} is neither a named endpoint nor an http(s) URL")
        return _Target(url, self._secret)

    async def _address(self, url: httpx.URL) -> str:
        loop = asyncio.get_running_loop()
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ChannelFailed(f"{url.host} has no address: {error}") from error
        for _, _, _, _, place in found:
            if may_reach(str(place[0]), self._private):
                return str(place[0])
        raise ChannelRefused(
            f"{url.host} is not a public address; alerts.webhook_private is {self._private}"
        )


def may_reach(address: str, private: Private) -> bool:
    """Whether a webhook may go to that IP address."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if private == "all" or (private == "loopback" and ip.is_loopback):
        return True
    return ip.is_global and not ip.is_multicast


def signature(secret: SecretStr | None, key: str, now: datetime, body: str) -> dict[str, str]:
    """The three headers; without a secret, the id and the time alone."""
    message = f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    headers = {"webhook-id": message, "webhook-timestamp": str(int(now.timestamp()))}
    if secret is not None:
        signer = Signer(secret.get_secret_value())
        headers["webhook-signature"] = signer.sign(message, now.astimezone(UTC), body)
    return headers


def payload(notification: Notification) -> dict[str, Any]:
    """What a receiver reads; the target and the key's parts stay ours."""
    return {
        "type": "incident.call" if notification.why.asks else "incident.stand-down",
        "timestamp": notification.owed_at.isoformat(),
        "data": {
            "incident": notification.incident,
            "run": notification.run,
            "exercise": notification.run != "",
            "why": notification.why.value,
            "level": notification.level.value,
            "round": notification.round,
            "step": notification.step,
            "reminder": notification.reminder,
            "person": notification.person,
            "name": notification.name,
            "team": notification.team,
            "text": notification.text,
        },
    }


def _judge(response: httpx.Response, url: httpx.URL, now: datetime) -> None:
    status = response.status_code
    if response.is_success:
        return
    said = f"{_shown(url)} answered {status}"
    if status in AGAIN or response.is_server_error:
        wait_s = _retry_after(response.headers.get("retry-after"), now)
        if wait_s is not None:
            raise Later(said, retry_after_s=wait_s)
        raise ChannelFailed(said)
    raise ChannelRefused(said)


def _retry_after(header: str | None, now: datetime) -> float | None:
    if header is None:
        return None
    try:
        wait_s = float(header)
    except ValueError:
        try:
            wait_s = (parsedate_to_datetime(header) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(wait_s, 0.0), RETRY_AFTER_S_MAX)


def _shown(url: httpx.URL) -> str:
    """Without user, password or query: those may be secrets."""
    return f"{url.scheme}://{url.host}{f':{url.port}' if url.port else ''}{url.path}"
