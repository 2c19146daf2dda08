"""The Mattermost side of the bot, wired to the fake: what it accepts is recorded, what it says is said by tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bot.chat.mattermost import Mattermost
from bot.core.answers import Language
from bot.core.errors import StoreError
from bot.core.messages import Incoming
from bot.web.app import web_app
from bot.web.mattermost import mattermost_routes
from bot.web.server import HttpServer
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_state import BOT_TOKEN

KEY = b"a key of the tests"


@dataclass
class Accepted:
    """Stands where the store does: one event for each key. While `broken`, nothing can be stored."""

    events: list[Incoming] = field(default_factory=list)
    broken: bool = False
    pause: float = 0.0
    again: int = 0  # events that were there already
    answering: Callable[[Incoming], Any] | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __call__(self, incoming: Incoming) -> None:
        await asyncio.sleep(self.pause)
        if self.broken:
            raise StoreError("the database is away")
        if any(known.key == incoming.key for known in self.events):
            self.again += 1
            return
        self.events.append(incoming)
        if self.answering:
            task = asyncio.create_task(self.answering(incoming))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def last(self) -> Incoming:
        return self.events[-1]

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.events]

    async def until(self, number: int, *, within: float = 10.0) -> None:
        """Wait for so many events."""
        async with asyncio.timeout(within):
            while len(self.events) < number:  # noqa: ASYNC110 - nobody else has to know of it
                await asyncio.sleep(0.01)


@dataclass
class Rig:
    fake: FakeMattermost
    bot: Mattermost
    accepted: Accepted
    server: HttpServer

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


def say(key: str, _language: Language, **values: object) -> str:
    """A label that is its own key."""
    return " ".join([key, *map(str, values.values())])


def make_bot(fake: FakeMattermost, accepted: Accepted, **options: Any) -> Mattermost:
    """Loopback needs no authorities; loading them for each test takes longer than the test."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return Mattermost(url=fake.url, token=BOT_TOKEN, accept=accepted, say=say, key=KEY, tls=tls, **options)


@asynccontextmanager
async def bare(fake: FakeMattermost, accepted: Accepted, **options: Any) -> AsyncIterator[Mattermost]:
    """A bot that hears."""
    bot = make_bot(fake, accepted, **options)
    await bot.start()
    hearing = asyncio.create_task(bot.hear())
    try:
        await fake.connected()
        yield bot
    finally:
        await bot.close()
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing


@asynccontextmanager
async def rigged(*, buttons: bool = True, **options: Any) -> AsyncIterator[Rig]:
    """A server, a bot that hears it, and the bot's own endpoint for callbacks."""
    accepted = Accepted()
    async with FakeMattermost() as fake:
        app = web_app()
        server = HttpServer(app, "127.0.0.1", 0)
        await server.start()
        callback = f"http://127.0.0.1:{server.port}" if buttons else ""
        try:
            async with bare(fake, accepted, callback_url=callback, **options) as bot:
                app.router.routes.extend(mattermost_routes(bot.on_command, bot.on_action, bot.on_dialog))
                yield Rig(fake, bot, accepted, server)
        finally:
            await server.stop()
