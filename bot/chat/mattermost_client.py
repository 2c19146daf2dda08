"""Calls to Mattermost through mattermostautodriver, and its refusals as our own errors."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from mattermostautodriver.client import AsyncClient
from mattermostautodriver.exceptions import InvalidMattermostError, MattermostError, TooManyRequests

from bot.chat.network import capped, quiet_logger
from bot.core.attachments import AttachmentError
from bot.core.errors import DeliveryError, DeliveryRefused

PATIENCE = 15  # seconds for one call; a lease on an event must be longer than a few of them
SHORT_WAIT = 5  # seconds that a call waits by itself when Mattermost asks for it; above, the event is given back
TRIES = 3
PAGE = 200  # the most that Mattermost gives at once

_PORTS = {"http": 80, "https": 443}
# What an administrator mends, or passes by itself; all other refusals are final.
_PASSING = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class _Client(AsyncClient):  # type: ignore[misc]
    """The library's client, for a server that may lie below a path of its host."""

    @property
    def url(self) -> str:
        return str(self._options["base"])


class Rest:
    """The part of Mattermost's API that the bot needs. Raises DeliveryError or DeliveryRefused."""

    def __init__(self, url: str, token: str, tls: ssl.SSLContext, *, tries: int = TRIES) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._tls = tls
        self._tries = tries
        for name in ("httpx", "httpcore"):
            quiet_logger(name)
        quiet_logger("mattermostautodriver.websocket", logging.CRITICAL)  # what fails is said here
        self._client = _Client(_options(self.url, tls))
        self._client.token = token

    async def me(self) -> dict[str, Any]:
        return await self._json("get", "/api/v4/users/me")

    async def user(self, user: str) -> dict[str, Any]:
        return await self._json("get", f"/api/v4/users/{user}")

    async def config(self) -> dict[str, Any]:
        return await self._json("get", "/api/v4/config/client", params={"format": "old"})

    async def rights(self, roles: Sequence[str]) -> frozenset[str]:
        """What people with these roles may do."""
        found = self._read(await self._call("post", "/api/v4/roles/names", body=list(roles)))
        known = found if isinstance(found, list) else []
        return frozenset(right for role in known for right in role.get("permissions", []))

    async def teams(self) -> list[dict[str, Any]]:
        return await self._list("/api/v4/users/me/teams")

    async def channels(self) -> list[dict[str, Any]]:
        """The channels that the bot is in, in all teams, with direct and group messages."""
        return await self._list("/api/v4/users/me/channels")

    async def channel(self, channel: str) -> dict[str, Any]:
        return await self._json("get", f"/api/v4/channels/{channel}")

    async def posts(self, channel: str, *, before: str = "") -> list[dict[str, Any]]:
        """A page of a channel's posts, newest first."""
        params = {"per_page": str(PAGE), **({"before": before} if before else {})}
        found = await self._json("get", f"/api/v4/channels/{channel}/posts", params=params)
        posts, order = found.get("posts") or {}, found.get("order") or []
        return [posts[post] for post in order if post in posts]

    async def create_post(self, post: Mapping[str, Any]) -> dict[str, Any]:
        """Post; a second try of the same `pending_post_id` within half a minute has no effect of its own."""
        return await self._json("post", "/api/v4/posts", body=post)

    async def post(self, post: str) -> dict[str, Any]:
        return await self._json("get", f"/api/v4/posts/{post}")

    async def open_dialog(self, trigger: str, url: str, dialog: Mapping[str, Any]) -> None:
        """Open a dialog for whoever just ran a command or pressed a button: the trigger lasts three seconds."""
        body = {"trigger_id": trigger, "url": url, "dialog": dialog}
        await self._json("post", "/api/v4/actions/dialogs/open", body=body, tries=1)

    async def patch_post(self, post: str, change: Mapping[str, Any]) -> None:
        await self._json("put", f"/api/v4/posts/{post}/patch", body=change)

    async def direct_channel(self, users: Sequence[str]) -> str:
        found = await self._json("post", "/api/v4/channels/direct", body=list(users))
        return str(found.get("id", ""))

    async def join(self, channel: str, user: str) -> None:
        await self._json("post", f"/api/v4/channels/{channel}/members", body={"user_id": user})

    async def commands(self, team: str) -> list[dict[str, Any]]:
        return await self._list("/api/v4/commands", params={"team_id": team, "custom_only": "true"})

    async def create_command(self, command: Mapping[str, Any]) -> dict[str, Any]:
        return await self._json("post", "/api/v4/commands", body=command)

    async def update_command(self, command: Mapping[str, Any]) -> dict[str, Any]:
        return await self._json("put", f"/api/v4/commands/{command['id']}", body=command)

    async def execute(self, command: str, channel: str, team: str) -> None:
        body = {"command": command, "channel_id": channel, "team_id": team}
        await self._json("post", "/api/v4/commands/execute", body=body, tries=1)

    async def respond(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer a slash command at its `response_url`, which works five times within thirty minutes."""
        await self._call("post", url.removeprefix(self.url), body=body, tries=1)

    async def file(self, file: str, longest: int) -> bytes:
        """A file's content, as it is stored; raise AttachmentError where it can't be had, or is longer."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "identity"}
        url = f"{self.url}/api/v4/files/{quote(file, safe='')}"
        try:
            async with (
                asyncio.timeout(2 * PATIENCE),
                httpx.AsyncClient(verify=self._tls, timeout=PATIENCE) as client,
                client.stream("GET", url, headers=headers) as answer,
            ):
                if answer.status_code != HTTPStatus.OK:
                    raise AttachmentError("file_unreachable")
                return await capped(answer.aiter_raw(), longest)
        except (httpx.TransportError, TimeoutError) as error:
            raise AttachmentError("file_unreachable") from error

    async def close(self) -> None:
        await self._client.close()

    async def _list(self, path: str, params: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        found = self._read(await self._call("get", path, params=params))
        if not isinstance(found, list):
            raise DeliveryError("Mattermost answers something else than a list")
        return found

    async def _json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        found = self._read(await self._call(method, path, **more))
        if not isinstance(found, dict):
            raise DeliveryError("Mattermost answers something else than an object")
        return found

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError:  # a proxy's page
            raise DeliveryError("Mattermost answers something else than JSON") from None

    async def _call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Any = None, tries: int = 0
    ) -> httpx.Response:
        """Call, and again where that can do no harm: reading, changing, and posts, which bear an id of their own."""
        tries = tries or self._tries
        for left in range(tries - 1, -1, -1):
            try:
                answer: httpx.Response = await self._client.make_request(method, path, options=body, params=params)
            except (MattermostError, InvalidMattermostError, httpx.TransportError) as error:
                failure = _as_delivery(error)
                if not left or not _again(failure, error):
                    raise failure from None
                await asyncio.sleep(0.2 * 2 ** (tries - left) * (1 + random.random()))  # noqa: S311 - jitter
            else:
                return answer
        raise AssertionError("unreachable")


def _options(url: str, tls: ssl.SSLContext) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "base": url,
        "scheme": parts.scheme,
        "url": parts.hostname or "",
        "port": parts.port or _PORTS.get(parts.scheme, 443),
        "auth": None,
        "debug": False,
        "proxy": None,  # httpx takes the environment's, NO_PROXY included
        "verify": tls,
        "request_timeout": PATIENCE,
        "max_retries": 2,  # the library's own: after 429, as long as that asks to wait
        "retry_max_sleep": SHORT_WAIT,
    }


def _again(failure: DeliveryError, error: Exception) -> bool:
    if isinstance(failure, DeliveryRefused) or isinstance(error, TooManyRequests):
        return False
    return getattr(error, "status_code", 0) != HTTPStatus.UNAUTHORIZED


def _as_delivery(error: Exception) -> DeliveryError:
    """Our error for one of the library's; its message is the server's id for it, never its text, which may quote."""
    if isinstance(error, TooManyRequests):
        return DeliveryError("rate limited", after=error.retry_after)
    status = int(getattr(error, "status_code", 0))
    reason = str(getattr(error, "error_id", "") or (f"HTTP {status}" if status else type(error).__name__))
    final = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING
    return DeliveryRefused(reason) if final or status == HTTPStatus.NOT_IMPLEMENTED else DeliveryError(reason)
