"""The ways by which a person reaches the bot. Each says a turn and tells what came back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from io import StringIO
from itertools import count
from typing import Any, Protocol

from rich.console import Console

from bot.adapters.sql_store import SqlStore
from bot.chat.mattermost_events import Self, from_post
from bot.chat.mattermost_events import from_command as from_mattermost_command
from bot.chat.mattermost_markdown import Style
from bot.chat.mattermost_markdown import draw_reply as draw_markdown
from bot.chat.slack_blocks import draw_reply
from bot.chat.slack_events import from_command, from_event, from_press
from bot.chat.terminal import Conversation, TerminalMouth
from bot.core.actions import Action, Choose, Rate, encode
from bot.core.answers import Answer, Reply, plain_text
from bot.core.messages import Incoming, Kind
from bot.core.offers import options
from bot.core.ports import Mouth
from bot.service.desk import Desk
from bot.service.replies import Replies
from tests.adapters.samples import LEASE, Clock
from tests.fakes.migrated import memory_engine
from tests.fakes.mouth import RecordingMouth
from tests.fakes.shipped import shipped_assistant


@dataclass(frozen=True)
class Seen:
    """What came back for one turn: the answers, and all that can be read."""

    answers: tuple[Answer, ...]
    text: str


class Way(Protocol):
    async def say(self, words: str) -> Seen: ...


NewWay = Callable[[str], AbstractAsyncContextManager[Way]]


@asynccontextmanager
async def _desk(platform: str, mouth: Mouth) -> AsyncIterator[Desk]:
    engine = memory_engine()
    clock = Clock()
    store = SqlStore(engine, clock=clock, lease=LEASE)
    replies = Replies(shipped_assistant, key=b"a key of at least 16 bytes", clock=clock)
    try:
        yield Desk(store, {platform: mouth}, replies)
    finally:
        await engine.dispose()


class _Typed(TerminalMouth):
    """The terminal's mouth, with the answers as values besides."""

    def __init__(self, out: Console, locale: str) -> None:
        super().__init__(out, shipped_assistant().say, locale=locale)
        self.answers: tuple[Answer, ...] = ()

    async def reply(self, incoming: Incoming, reply: Reply) -> None:
        self.answers = reply.answers
        await super().reply(incoming, reply)


@dataclass
class _Terminal:
    talk: Conversation
    mouth: _Typed
    screen: StringIO

    async def say(self, words: str) -> Seen:
        self.mouth.answers = ()
        start = self.screen.tell()
        assert await self.talk.hear(words)
        return Seen(self.mouth.answers, self.screen.getvalue()[start:])


@asynccontextmanager
async def terminal(locale: str) -> AsyncIterator[Way]:
    screen = StringIO()
    mouth = _Typed(Console(file=screen, width=10_000, highlight=False, markup=False, emoji=False), locale)
    async with _desk("terminal", mouth) as desk:
        yield _Terminal(Conversation(desk, mouth, user="anne"), mouth, screen)


class _Slack:
    """Slack's payloads, read as they are in earnest; numbers and opinions are the buttons that bear them."""

    def __init__(self, desk: Desk, mouth: RecordingMouth, *, direct: bool) -> None:
        self._desk = desk
        self._mouth = mouth
        self._channel = "D1" if direct else "C1"
        self._thread = "" if direct else "17.0"
        self._numbers = count(1)

    async def say(self, words: str) -> Seen:
        incoming = self._incoming(words)
        assert incoming is not None
        before = len(self._mouth.said)
        await self._desk.accept(incoming)
        await self._desk.drain()
        assert len(self._mouth.said) == before + 1
        reply = self._mouth.last
        self._draw(reply)
        return Seen(reply.answers, "\n".join(plain_text(answer) for answer in reply.answers))

    def _draw(self, reply: Reply) -> None:
        draw_reply(reply, shipped_assistant().say)

    def _incoming(self, words: str) -> Incoming | None:
        number = next(self._numbers)
        if words.startswith("/"):
            return from_command(self._command(number, *words.split(" ", 1)))
        if action := self._action(words):
            return from_press(self._press(number, action))
        return from_event(self._event(number, words), "UBOT")

    def _action(self, words: str) -> Action | None:
        answers = self._answered()
        if words in {"useful", "not useful"}:
            return Rate(answers[0].question or 0, words == "useful")
        if words == "0":
            return Choose(answers[0].question or 0)
        offered = {str(option.number): option.action for option in options(answers)}
        return offered.get(words)

    def _answered(self) -> Sequence[Answer]:
        return self._mouth.last.answers if self._mouth.said else ()

    def _event(self, number: int, words: str) -> dict[str, Any]:
        said = {"user": "U1", "channel": self._channel, "ts": f"18.{number}", "text": words}
        if self._thread:
            sort = {"type": "app_mention", "thread_ts": self._thread, "text": f"<@UBOT> {words}"}
        else:
            sort = {"type": "message", "channel_type": "im"}
        return {"team_id": "T1", "event_id": f"Ev{number}", "event": {**said, **sort}}

    def _command(self, number: int, command: str, text: str = "") -> dict[str, Any]:
        where = {"team_id": "T1", "channel_id": self._channel, "user_id": "U1"}
        return {**where, "trigger_id": f"Tr{number}", "command": command, "text": text, "response_url": "https://x"}

    def _press(self, number: int, action: Action) -> dict[str, Any]:
        shown = {"type": "message", "message_ts": f"19.{number}", "channel_id": self._channel}
        return {
            "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"},
            "channel": {"id": self._channel},
            "container": {**shown, **({"thread_ts": self._thread} if self._thread else {})},
            "actions": [{"value": encode(action), "action_ts": f"20.{number}"}],
        }


class _Mattermost(_Slack):
    """Mattermost's payloads: opinions and "none" are typed as words like all others, picks are buttons."""

    _BOT = Self("bot", "guidebot")

    def _draw(self, reply: Reply) -> None:
        draw_markdown(reply, shipped_assistant().say, Style(typed=True))

    def _incoming(self, words: str) -> Incoming | None:
        number = next(self._numbers)
        if words.startswith("/"):
            command, _, text = words.partition(" ")
            form = {"user_id": "u1", "channel_id": self._channel, "command": command, "text": text}
            return from_mattermost_command({**form, "trigger_id": f"t{number}", "root_id": self._thread}, self._BOT, "")
        said = words if not self._thread else f"@guidebot {words}"
        post = {"id": f"p{number}", "user_id": "u1", "channel_id": self._channel, "message": said}
        spoken = from_post({**post, "root_id": self._thread}, "O" if self._thread else "D", self._BOT)
        if spoken and words.isdigit() and words != "0":
            return replace(spoken, kind=Kind.PRESS, text="", action=self._action(words))
        return spoken


@asynccontextmanager
async def mattermost_direct(locale: str) -> AsyncIterator[Way]:
    mouth = RecordingMouth(locale)
    async with _desk("mattermost", mouth) as desk:
        yield _Mattermost(desk, mouth, direct=True)


@asynccontextmanager
async def mattermost_mention(locale: str) -> AsyncIterator[Way]:
    mouth = RecordingMouth(locale)
    async with _desk("mattermost", mouth) as desk:
        yield _Mattermost(desk, mouth, direct=False)


@asynccontextmanager
async def slack_direct(locale: str) -> AsyncIterator[Way]:
    mouth = RecordingMouth(locale)
    async with _desk("slack", mouth) as desk:
        yield _Slack(desk, mouth, direct=True)


@asynccontextmanager
async def slack_mention(locale: str) -> AsyncIterator[Way]:
    mouth = RecordingMouth(locale)
    async with _desk("slack", mouth) as desk:
        yield _Slack(desk, mouth, direct=False)


DIRECT: tuple[NewWay, ...] = (terminal, slack_direct, mattermost_direct)
IN_CHANNELS: tuple[NewWay, ...] = (slack_mention, mattermost_mention)
