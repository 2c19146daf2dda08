"""Mattermost's WebSocket: a connection that is resumed where it was cut, and that knows when something was missed."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidURI, WebSocketException

from bot.chat.network import quiet_logger

LOG = logging.getLogger(__name__)

PING_SECONDS = 20.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
OPEN_SECONDS = 15.0
QUEUE = 1024  # events that wait here while one is being stored
LARGEST_EVENT = 4_000_000

Event = Mapping[str, Any]
Heard = Callable[[Event], Awaitable[None]]
Missed = Callable[[], Awaitable[None]]

_BROKEN = (OSError, WebSocketException, TimeoutError, ValueError)


class _RefusedError(Exception):
    """The server doesn't accept the token."""


class Stream:
    """Hands each event to `heard`, in order, and calls `missed` where some were lost: only REST has them then.

    What `heard` has not returned from is not counted as heard: the server sends it again after a cut.
    """

    def __init__(self, url: str, token: str, heard: Heard, missed: Missed, *, tls: ssl.SSLContext) -> None:
        self.alive = False
        self._url = "ws" + url.removeprefix("http") + "/api/v4/websocket"
        self._token = token
        self._heard = heard
        self._missed = missed
        self._tls = tls if url.startswith("https") else None
        self._connection = ""
        self._next = 0
        self._log = quiet_logger("websockets.client")

    async def run(self) -> None:
        """Stay connected until cancelled, however often that fails; the pause doubles with each failure in a row."""
        pause = SHORTEST_PAUSE
        while True:
            reason = await self._connected()
            pause = SHORTEST_PAUSE if self.alive else min(pause * 2, LONGEST_PAUSE)
            self.alive = False
            LOG.warning("the WebSocket to Mattermost is down, connecting anew: %s", reason)
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - jitter

    async def _connected(self) -> str:
        """One connection from its beginning to its end; why it ended."""
        address = f"{self._url}?{urlencode({'connection_id': self._connection, 'sequence_number': self._next})}"
        try:
            async with connect(
                address,
                ssl=self._tls,
                open_timeout=OPEN_SECONDS,
                ping_interval=PING_SECONDS,
                ping_timeout=PING_SECONDS,
                close_timeout=1,
                max_size=LARGEST_EVENT,
                max_queue=QUEUE,
                logger=self._log,
            ) as socket:
                await socket.send(_challenge(self._token))
                await self._listen(socket)
        except InvalidURI:
            return "MATTERMOST_URL makes no WebSocket address"
        except _RefusedError:
            return "the token is refused (MATTERMOST_TOKEN)"
        except _BROKEN as error:
            return type(error).__name__
        return "closed by the server"

    async def _listen(self, socket: ClientConnection) -> None:
        async for message in socket:
            event = json.loads(message)
            if "seq_reply" in event or "status" in event:
                if event.get("status") == "FAIL":
                    raise _RefusedError
                self.alive = True  # a connection that is resumed gets no second hello
            elif "event" in event:
                await self._take(event)

    async def _take(self, event: Event) -> None:
        """Hear an event, after what went before it; one that comes a second time is skipped."""
        number = int(event.get("seq", 0))
        if event["event"] == "hello":
            await self._greeted(event)
        elif number < self._next:
            return
        if number > self._next:
            LOG.warning("the WebSocket skipped %d events", number - self._next)
            await self._missed()
        await self._heard(event)
        self._next = number + 1

    async def _greeted(self, event: Event) -> None:
        """A connection of another id is a new one: whatever happened since the old one has to be asked for."""
        connection = str((event.get("data") or {}).get("connection_id", ""))
        if connection != self._connection:
            await self._missed()
            self._connection, self._next = connection, int(event.get("seq", 0))
        LOG.info("Mattermost: connected")


def _challenge(token: str) -> str:
    return json.dumps({"seq": 1, "action": "authentication_challenge", "data": {"token": token}})
