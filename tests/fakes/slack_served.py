"""`guidebot serve` as a process of its own, set to the fake Slack, and people who talk with it."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.settings import ROOT
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import SIGNING_SECRET, FakeSlack
from tests.fakes.slack_workspace import APP_TOKEN, BOT_TOKEN, Posted

START_SECONDS, STOP_SECONDS, ANSWER_SECONDS = 60.0, 20.0, 20.0
SOCKET_MODE = {"SLACK_APP_TOKEN": APP_TOKEN}
HTTP = {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
_NUMBERS = itertools.count(1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Bot:
    """A running `guidebot serve`; `log` is what it has written so far."""

    process: Process
    port: int
    admin_port: int
    log: list[str] = field(default_factory=list)
    reading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/slack/events"

    async def get(self, path: str, *, port: int = 0) -> tuple[int, str]:
        address = f"http://127.0.0.1:{port or self.admin_port}{path}"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            return answer.status, await answer.text()

    async def ready(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            while not await self._is_ready():
                assert self.process.returncode is None, "".join(self.log)
                await asyncio.sleep(0.05)

    async def logged(self, words: str, *, within: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Wait for a line of the log that bears these words."""
        async with asyncio.timeout(within):
            while not (found := [line for line in self.log if words in line]):  # noqa: ASYNC110 - a reader appends
                await asyncio.sleep(0.05)
        parsed: dict[str, Any] = json.loads(found[-1])
        return parsed

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """The exit status, once all of the log is read."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(STOP_SECONDS):
            status = await self.process.wait()
            if self.reading:
                await self.reading
        return status

    async def stop_by_itself(self) -> int:
        """The exit status of a bot that refuses to run."""
        async with asyncio.timeout(START_SECONDS):
            await self.process.wait()
        return await self.stop()

    async def read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.log.append(line.decode())

    async def _is_ready(self) -> bool:
        try:
            return (await self.get("/readyz"))[0] == 200
        except aiohttp.ClientError:
            return False


async def start(fake: FakeSlack, database: str, manner: dict[str, str], **settings: str) -> Bot:
    """Run the bot with these settings and no others; it may not be ready yet, nor ever be."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": fake.api_url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "DATABASE_URL": database,
        "SECRET_KEY": "a key that replicas share",
        "HTTP_PORT": str(port),
        **manner,
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=ROOT, env=environment, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    bot = Bot(process, port, int(settings.get("ADMIN_PORT", port)))
    bot.reading = asyncio.create_task(bot.read())
    return bot


@asynccontextmanager
async def serving(fake: FakeSlack, database: str, manner: dict[str, str], **settings: str) -> AsyncIterator[Bot]:
    """A bot that is ready, stopped at the end in whatever state it is."""
    bot = await start(fake, database, manner, **settings)
    try:
        await bot.ready()
        fake.request_url = "" if "SLACK_APP_TOKEN" in manner else bot.url
        yield bot
    finally:
        await bot.stop()


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/guidebot.db"


class Person:
    """Somebody in the workspace, with a direct message and a channel to themselves."""

    def __init__(self, fake: FakeSlack, **profile: Any) -> None:
        number = next(_NUMBERS)
        self.fake = fake
        self.id, self.channel, self.direct = f"U0P{number:04}", f"C0P{number:04}", f"D0P{number:04}"
        fake.users[self.id] = {"locale": "fr-FR", **profile}
        fake.members.add(self.channel)

    def mention(self, words: str, **more: Any) -> dict[str, Any]:
        return payloads.mention(words, user=self.id, **{"channel": self.channel, **more})

    def message(self, words: str, **more: Any) -> dict[str, Any]:
        return payloads.direct(words, user=self.id, channel=self.direct, **more)

    async def mentions(self, words: str, **more: Any) -> Posted:
        return await self.gets(self.mention(words, **more))

    async def writes(self, words: str) -> Posted:
        return await self.gets(self.message(words))

    async def commands(self, name: str, words: str = "") -> Posted:
        return await self.gets(payloads.command(name, words, user=self.id, channel=self.channel))

    async def presses(self, posted: Posted, label: str) -> Posted:
        return await self.gets(payloads.press(posted, posted.button(label), user=self.id))

    async def opens_home(self) -> Posted:
        return await self.gets(payloads.home_opened(user=self.id))

    async def gets(self, payload: dict[str, Any]) -> Posted:
        """What the bot says to a payload, which it must acknowledge first."""
        before = len(self.fake.sent)
        assert await self.fake.deliver(payload) == 200
        return await self.fake.said(self.concerned, since=before, within=ANSWER_SECONDS)

    def concerned(self, posted: Posted) -> bool:
        return posted.user == self.id or posted.channel in {self.id, self.channel, self.direct}

    def heard(self) -> list[Posted]:
        return [posted for posted in self.fake.sent if self.concerned(posted)]
