"""Socket Mode: the WebSocket through which Slack sends events to a bot without a public address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.network import quiet_logger

LOG = logging.getLogger(__name__)

PING_SECONDS = 10.0
DEAF_AFTER = 6  # pings without a sign of life after which the connection is made anew
DRAIN_SECONDS = 3.0  # an acknowledgement that takes longer is worth nothing
HANG_UP_SECONDS = 1.0


class SocketMode:
    """Keeps one connection alive, and knows how long ago it last gave a sign of life."""

    def __init__(
        self, app: AsyncApp, app_token: str, client: AsyncWebClient, *, ping_seconds: float = PING_SECONDS
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._web = client
        self._ping_seconds = ping_seconds
        self._handlers: list[_Handler] = []  # the last one is in use, any before it is being hung up
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Connect in the background: whether that has succeeded is what `age` tells."""
        self._open()
        self._run(self._watch())

    def age(self) -> float:
        """Seconds since Slack last sent anything, infinite before it ever did."""
        return self._handlers[-1].age() if self._handlers else float("inf")

    @property
    def alive(self) -> bool:
        return self.age() < self._ping_seconds * DEAF_AFTER

    async def close(self) -> None:
        """Take no more events, let those in flight be acknowledged, hang up."""
        await asyncio.gather(*(handler.drain(DRAIN_SECONDS) for handler in self._handlers))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(handler.hang_up() for handler in self._handlers))
        self._handlers.clear()

    def _open(self) -> None:
        handler = _Handler(self._app, self._app_token, self._web, self._ping_seconds)
        self._handlers.append(handler)
        self._run(handler.open())

    async def _watch(self) -> None:
        """Replace a connection that is deaf, or that never comes about because the address it was given has expired."""
        while True:
            await asyncio.sleep(self._ping_seconds * DEAF_AFTER)
            if not self.alive:
                LOG.warning("Socket Mode gives no sign of life: connecting anew")
                old = self._handlers[-1]
                self._open()
                await old.drain(DRAIN_SECONDS)
                await old.hang_up()
                self._handlers.remove(old)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which can be drained: by itself it abandons what is in flight when it closes."""

    client: SocketModeClient

    def __init__(self, app: AsyncApp, app_token: str, web_client: AsyncWebClient, ping_seconds: float) -> None:
        log = quiet_logger("slack_sdk.socket_mode")
        super().__init__(app, app_token, logger=log, web_client=web_client, ping_interval=ping_seconds)
        self.client.proxy = web_client.proxy  # by itself the client ignores NO_PROXY
        self.client.on_message_listeners.append(self._heard)
        self._heard_at = float("-inf")
        self._running: set[asyncio.Task[object]] = set()
        self._closing = False

    async def open(self) -> None:
        """Connect, however many tries that takes."""
        client: Any = self.client  # slack-sdk leaves connect and close without types
        await client.connect()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        task = asyncio.current_task()
        if self._closing or task is None:
            return  # not acknowledged, so Slack sends it again, to a connection that stays
        self._running.add(task)
        try:
            await super().handle(client, req)
        finally:
            self._running.discard(task)

    def age(self) -> float:
        return time.time() - max(self._heard_at, self.client.last_ping_pong_time or float("-inf"))

    async def drain(self, seconds: float) -> None:
        self._closing = True
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def hang_up(self) -> None:
        """Close, and wait for the client's own tasks, which it only cancels."""
        client: Any = self.client
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        with contextlib.suppress(TimeoutError):  # the other side may be gone without a goodbye
            async with asyncio.timeout(HANG_UP_SECONDS):
                await client.close()
        for task in tasks:
            if task is not None:
                task.cancel()
        waiting = [task for task in tasks if task is not None]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _heard(self, _message: aiohttp.WSMessage) -> None:
        if self._heard_at == float("-inf"):
            LOG.info("Socket Mode: connected")
        self._heard_at = time.time()
