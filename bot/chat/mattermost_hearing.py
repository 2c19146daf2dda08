"""What is said in Mattermost, heard once: from the WebSocket, and by asking for what it missed."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any, Protocol

from bot.chat.mattermost_client import PAGE, Rest
from bot.chat.mattermost_events import PLATFORM, Self, from_post, posted
from bot.chat.mattermost_text import read
from bot.core.errors import DeliveryError, DeliveryRefused, StoreError
from bot.core.messages import REPORT_COMMANDS, Incoming
from bot.core.typed import command

LOG = logging.getLogger(__name__)

OVERLAP = 60_000  # milliseconds before the bookmark that are read again: posts don't come in the order of their time
SAVE_SECONDS = 2.0
REMEMBERED = 5000
QUOTE_SECONDS = 5.0  # to read the post under which somebody writes
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0

Accept = Callable[[Incoming], Awaitable[object]]
Payload = Mapping[str, Any]


class Bookmark(Protocol):
    """Up to when everything was heard, in the server's milliseconds. It should outlive the process."""

    async def load(self) -> int | None: ...
    async def save(self, at: int) -> None: ...


class MemoryBookmark:
    """One that doesn't: after a restart nothing is asked for."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at

    async def load(self) -> int | None:
        return self.at

    async def save(self, at: int) -> None:
        self.at = at


class Hearing:
    """Accepts each post that is for the bot; returns from none before it is stored. `on_team` is told of new teams."""

    def __init__(self, rest: Rest, accept: Accept, bookmark: Bookmark, on_team: Callable[[], Awaitable[None]]) -> None:
        self.bot = Self()
        self._rest = rest
        self._accept = accept
        self._bookmark = bookmark
        self._on_team = on_team
        self._last = 0
        self._begun = False
        self._saved_at = float("-inf")
        self._known: OrderedDict[str, None] = OrderedDict()

    async def heard(self, event: Payload) -> None:
        """An event of the WebSocket; one of odd shape must not hold up those behind it."""
        try:
            await self._hear(event)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            LOG.warning("an event could not be read: %s", type(error).__name__)

    async def missed(self) -> None:
        """Ask for all that was said since the bookmark, for as long as it takes to be told."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                return await self._catch_up()
            except (DeliveryError, StoreError) as error:
                LOG.warning("what was missed can't be read yet: %s", type(error).__name__)
                await asyncio.sleep(getattr(error, "after", None) or pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def save(self) -> None:
        """Keep the bookmark now: the process is about to stop."""
        if self._last:
            self._saved_at = monotonic()
            await self._bookmark.save(self._last)

    async def _hear(self, event: Payload) -> None:
        match event.get("event"):
            case "posted":
                data, post = event.get("data") or {}, posted(event)
                await self._take(post, str(data.get("channel_type", "")))
                await self._mark(int(post.get("create_at") or 0))
            case "added_to_team":
                await self._on_team()

    async def _catch_up(self) -> None:
        since = self._last if self._begun else await self._bookmark.load()
        channels = await self._rest.channels()
        newest = max((int(channel.get("last_post_at") or 0) for channel in channels), default=0)
        if since is not None:
            for channel in channels:
                if int(channel.get("last_post_at") or 0) >= since - OVERLAP:
                    await self._catch_up_in(channel, since - OVERLAP)
        self._begun = True
        await self._mark(max(newest, since or 0))

    async def _catch_up_in(self, channel: Payload, since: int) -> None:
        try:
            missed = [post async for post in self._since(str(channel["id"]), since)]
        except DeliveryRefused as refusal:  # the bot has just left it
            LOG.warning("a channel can't be read: %s", refusal)
            return
        for post in reversed(missed):
            await self._take(post, str(channel.get("type", "")))

    async def _since(self, channel: str, since: int) -> AsyncIterator[Payload]:
        """The posts since then, newest first: page by page, since a list by time stops at a thousand."""
        before = ""
        while True:
            page = await self._rest.posts(channel, before=before)
            for post in page:
                if int(post.get("create_at") or 0) < since:
                    return
                yield post
            if len(page) < PAGE:
                return
            before = str(page[-1]["id"])

    async def _take(self, post: Payload, channel_type: str) -> None:
        incoming = from_post(post, channel_type, self.bot)
        if incoming is None or incoming.key in self._known:
            return
        await self._store(await self._quoting(incoming, str(post.get("root_id") or "")))
        self._known[incoming.key] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _quoting(self, incoming: Incoming, root: str) -> Incoming:
        """Somebody who asks under a post to report it means that post; where it can't be read they tell of it."""
        if not root or (command(incoming.text) or ("",))[0] not in REPORT_COMMANDS:
            return incoming
        try:
            async with asyncio.timeout(QUOTE_SECONDS):
                quoted = await self._rest.post(root)
        except (DeliveryError, TimeoutError):
            return incoming
        if quoted.get("user_id") == self.bot.id:
            return incoming
        link = f"{self._rest.url}/_redirect/pl/{root}"
        return replace(incoming, quoted=read(str(quoted.get("message", "")), self.bot.name), quoted_link=link)

    async def _store(self, incoming: Incoming) -> None:
        """Nobody sends a post again: one that can't be stored holds up those behind it until it can."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                await self._accept(incoming)
            except StoreError as error:
                LOG.error("%s: an event could not be accepted yet: %s", PLATFORM, type(error).__name__)  # noqa: TRY400
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    async def _mark(self, at: int) -> None:
        self._last = max(self._last, at)
        if monotonic() - self._saved_at < SAVE_SECONDS:
            return
        try:
            await self.save()
        except StoreError as error:
            LOG.warning("the bookmark could not be kept: %s", type(error).__name__)
