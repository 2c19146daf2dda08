"""The Slack side of the bot, wired to the fake Slack: what it accepts is recorded, what it says is said by tests."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.chat.slack import Slack
from bot.core.answers import Language
from bot.core.errors import StoreError
from bot.core.messages import Incoming
from bot.service.desk import Desk
from bot.web.app import slack_routes, web_app
from bot.web.server import HttpServer
from tests.fakes.slack import SIGNING_SECRET, FakeSlack
from tests.fakes.slack_workspace import APP_TOKEN, BOT_TOKEN


@dataclass
class Accepted:
    """Stands where the store does; while `broken`, nothing can be stored."""

    events: list[Incoming] = field(default_factory=list)
    broken: bool = False

    async def __call__(self, incoming: Incoming) -> None:
        if self.broken:
            raise StoreError("the database is away")
        self.events.append(incoming)

    @property
    def last(self) -> Incoming:
        return self.events[-1]


@dataclass
class Stored(Accepted):
    """Accepts as the bot does: what isn't in the database is an error."""

    desk: Desk | None = None

    async def __call__(self, incoming: Incoming) -> None:
        assert self.desk
        await self.desk.accept(incoming)


@dataclass
class Rig:
    fake: FakeSlack
    slack: Slack
    accepted: Accepted


def say(key: str, _language: Language, **values: object) -> str:
    """A label that is its own key."""
    return " ".join([key, *map(str, values.values())])


def make_slack(fake: FakeSlack, accepted: Accepted, **options: object) -> Slack:
    """Loopback needs no authorities; loading them for each test takes longer than the test."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return Slack(bot_token=BOT_TOKEN, accept=accepted, say=say, api_url=fake.api_url, tls=tls, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def over_http(
    *, interval: float = 0.0, accepted: Accepted | None = None, **options: object
) -> AsyncIterator[Rig]:
    accepted = accepted or Accepted()
    async with FakeSlack(interval=interval) as fake:
        slack = make_slack(fake, accepted, signing_secret=SIGNING_SECRET, **options)
        server = HttpServer(web_app(*slack_routes(slack.app, SIGNING_SECRET)), "127.0.0.1", 0)
        await slack.start()
        await server.start()
        fake.request_url = f"http://127.0.0.1:{server.port}/slack/events"
        try:
            yield Rig(fake, slack, accepted)
        finally:
            await server.stop()
            await slack.close()


@asynccontextmanager
async def over_socket(
    *, interval: float = 0.0, accepted: Accepted | None = None, **options: object
) -> AsyncIterator[Rig]:
    accepted = accepted or Accepted()
    async with FakeSlack(interval=interval) as fake:
        slack = make_slack(fake, accepted, app_token=APP_TOKEN, **options)
        await slack.start()
        await fake.connected()
        try:
            yield Rig(fake, slack, accepted)
        finally:
            await slack.close()
