"""Calls to Slack: the client, the pace that Slack allows, and its refusals as our own errors."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.network import quiet_logger
from bot.core.errors import DeliveryError, DeliveryRefused

SLACK_API_URL = "https://slack.com/api/"
PATIENCE = 15  # seconds for one call; a lease on an event must be longer than a few of them
SHORT_WAIT = 5  # seconds that a call waits by itself when Slack asks for it; above, the event is given back
CHANNELS_PACED = 1000

# Errors that pass: Slack's own trouble, and what an administrator mends (a token, a scope). All others are final.
_PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "accesslimited",
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "org_login_required",
        "ekm_access_denied",
        "access_denied",
        "two_factor_setup_required",
    }
)
TRANSPORT = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
_RATE_LIMITED, _SERVER_ERROR = HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR


def proxy_for(url: str) -> str | None:
    """The proxy that the environment sets for an address; slack-sdk by itself ignores NO_PROXY."""
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    return getproxies().get(parts.scheme)


def make_client(token: str, api_url: str, tls: ssl.SSLContext) -> AsyncWebClient:
    retries: list[AsyncRetryHandler] = [AsyncConnectionErrorRetryHandler(), _ShortRateLimit()]
    client = AsyncWebClient(token, api_url, PATIENCE, tls, retry_handlers=retries, logger=quiet_logger("slack_sdk.web"))
    client.proxy = proxy_for(api_url)
    return client


class _ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits only for a moment: whoever holds an event for longer would outlive its lease."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return limited and response is not None and (_retry_after(response.headers) or 1) <= SHORT_WAIT


async def delivered(calling: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """The answer to a call; raise DeliveryError or DeliveryRefused, whose message is Slack's own word for it."""
    try:
        return await calling
    except SlackApiError as error:
        raise _as_delivery(error) from error
    except TRANSPORT as error:
        raise DeliveryError(type(error).__name__) from error


async def post_to(session: aiohttp.ClientSession, url: str, body: Mapping[str, Any], tls: ssl.SSLContext) -> None:
    """Post to a `response_url`, which works five times within thirty minutes."""
    patience = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with session.post(url, json=body, ssl=tls, proxy=proxy_for(url), timeout=patience) as answer:
            said = (await answer.text(errors="replace"))[:80]
    except TRANSPORT as error:
        raise DeliveryError(type(error).__name__) from error
    if answer.status == _RATE_LIMITED or answer.status >= _SERVER_ERROR:
        raise DeliveryError(f"response_url: {answer.status}", after=_retry_after(answer.headers))
    if answer.status != HTTPStatus.OK or said.startswith('{"ok":false'):
        raise DeliveryRefused(f"response_url: {answer.status} {said}")


class Pace:
    """At most one message a second into each channel, which is what Slack allows; a little less, as clocks differ."""

    def __init__(self, interval: float = 1.1) -> None:
        self._interval = interval
        self._free_at: OrderedDict[str, float] = OrderedDict()

    async def turn(self, channel: str) -> None:
        """Wait for the channel's next free moment; raise DeliveryError where that is too far away to wait for."""
        now = asyncio.get_running_loop().time()
        free_at = max(now, self._free_at.get(channel, 0.0))
        if free_at - now > PATIENCE:
            raise DeliveryError("the channel has too many messages waiting", after=free_at - now)
        self._free_at[channel] = free_at + self._interval
        self._free_at.move_to_end(channel)
        self._prune(now)
        await asyncio.sleep(free_at - now)

    def _prune(self, now: float) -> None:
        while len(self._free_at) > CHANNELS_PACED and next(iter(self._free_at.values())) <= now:
            self._free_at.popitem(last=False)


def _as_delivery(error: SlackApiError) -> DeliveryError:
    response = error.response
    data = getattr(response, "data", None)
    code = data.get("error", "") if isinstance(data, dict) else ""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    if status == _RATE_LIMITED or status >= _SERVER_ERROR or code in _PASSING or not code:
        return DeliveryError(code or f"HTTP {status}", after=_retry_after(getattr(response, "headers", {})))
    return DeliveryRefused(code)


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    for name, value in headers.items():
        if name.lower() == "retry-after":
            seconds = value[0] if isinstance(value, list) else value
            return float(seconds) if str(seconds).isdecimal() else None
    return None
