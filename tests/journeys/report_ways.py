"""The ways by which a person reports a post: Slack's form, Mattermost's dialog, or typing alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from io import StringIO
from itertools import count
from typing import Any, Protocol, assert_never
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.adapters.database import create_engine
from bot.adapters.schema import upgrade_engine
from bot.adapters.sql_store import SqlStore
from bot.chat.mattermost_events import Self, from_post
from bot.chat.mattermost_events import from_command as from_mattermost_command
from bot.chat.mattermost_events import from_press as from_mattermost_press
from bot.chat.mattermost_events import from_submission as from_dialog
from bot.chat.mattermost_form import draw_form as draw_dialog
from bot.chat.mattermost_markdown import Style
from bot.chat.mattermost_markdown import draw_reply as draw_markdown
from bot.chat.mattermost_seal import Opened, OpenedForm, Place
from bot.chat.slack_blocks import draw_reply
from bot.chat.slack_events import from_command, from_event, from_press, from_submission
from bot.chat.slack_form import draw_form
from bot.chat.terminal import Conversation, TerminalMouth
from bot.core.actions import Action, Change, Prepare, encode
from bot.core.alert_ports import LetterKind
from bot.core.answers import FormPart, Language, plain_text
from bot.core.forms import Form
from bot.core.interview import FIELDS, FILES
from bot.core.messages import Incoming
from bot.core.offers import options
from bot.core.ports import Mouth
from bot.service.desk import Desk
from bot.service.form_desk import FormDesk
from bot.service.replies import Replies
from bot.service.reporting import Reporting
from tests.adapters.samples import LEASE, Clock
from tests.fakes.mouth import RecordingMouth
from tests.fakes.shipped import shipped_assistant, told
from tests.journeys.report_dialogues import Fills, Picks, Says, Step
from tests.mail.kit import ALERTS

BOT = Self("bot", "guidebot")


@dataclass(frozen=True)
class Came:
    """What came of a report: its cases as the press office has them, and whom each mail goes to."""

    cases: tuple[tuple[str, str, int, bool], ...]
    mails: tuple[str, ...]


class Reporter(Protocol):
    store: SqlStore

    async def take(self, step: Step) -> str:
        """Take a step, and tell what can be read then."""
        ...


NewReporter = Callable[[str], AbstractAsyncContextManager[Reporter]]


async def came_of(store: SqlStore) -> Came:
    async with store.work() as work:
        cases = tuple((one.number, one.state.value, one.reports, one.urgent) for one in await work.cases())
        letters = [letter for number, *_ in cases for letter in await work.case_letters(number)]
    mails = [
        letter.address.user for letter in letters if letter.kind is not LetterKind.NOTICE and letter.state == "queued"
    ]
    return Came(cases, tuple(mails))


@asynccontextmanager
async def _desk(platform: str, mouth: Mouth) -> AsyncIterator[tuple[Desk, SqlStore, FormDesk]]:
    engine = create_engine("sqlite://")
    await upgrade_engine(engine)
    clock = Clock()
    store = SqlStore(engine, clock=clock, lease=LEASE)
    reporting = Reporting(ALERTS, shipped_assistant, clock, ZoneInfo("Europe/Paris"))
    key = b"a key of at least 16 bytes"
    replies = Replies(shipped_assistant, key=key, clock=clock, reporting=reporting, by_typing=("mattermost",))
    try:
        yield Desk(store, {platform: mouth}, replies), store, FormDesk(store, reporting, replies.asker)
    finally:
        await engine.dispose()


@dataclass
class _Terminal:
    store: SqlStore
    talk: Conversation
    mouth: TerminalMouth
    screen: StringIO

    async def take(self, step: Step) -> str:
        start = self.screen.tell()
        match step:
            case Says(words):
                await self.talk.hear(words)
            case Picks(label):
                await self.talk.hear(shipped_assistant().say(label, self.mouth.language))
            case Fills(fields):
                interview = self.mouth.interview
                assert interview
                for name in interview.left:
                    await self.talk.hear(fields.get(name, ""))
            case _:
                assert_never(step)
        return self.screen.getvalue()[start:]


@asynccontextmanager
async def terminal(locale: str) -> AsyncIterator[Reporter]:
    screen = StringIO()
    mouth = TerminalMouth(Console(file=screen, width=10_000), shipped_assistant().say, locale=locale)
    async with _desk("terminal", mouth) as (desk, store, _):
        yield _Terminal(store, Conversation(desk, mouth, user="anne"), mouth, screen)


class _Chat:
    """What the platforms have in common here: events in, the last reply read back and drawn."""

    def __init__(self, desk: Desk, store: SqlStore, mouth: RecordingMouth, locale: str) -> None:
        self.store = store
        self.language: Language = "en" if locale.startswith("en") else "fr"
        self._desk = desk
        self._mouth = mouth
        self._numbers = count(1)

    async def take(self, step: Step) -> str:
        match step:
            case Says(words):
                return await self._gets(self._said(next(self._numbers), words))
            case Picks(label):
                return await self._pick(shipped_assistant().say(label, self.language))
            case Fills(fields):
                return await self._fill_in(dict(fields))
        assert_never(step)

    async def _gets(self, incoming: Incoming | None) -> str:
        assert incoming is not None
        before = len(self._mouth.said)
        await self._desk.accept(incoming)
        await self._desk.drain()
        assert len(self._mouth.said) == before + 1
        self._draw()
        return "\n".join(plain_text(answer) for answer in self._mouth.last.answers)

    async def _pick(self, label: str) -> str:
        found = next(option.action for option in options(self._mouth.last.answers) if option.label == label)
        return await self._gets(self._pressed(next(self._numbers), found))

    async def _fill_in(self, fields: dict[str, str]) -> str:
        part = next(p for answer in self._mouth.last.answers for p in answer.parts if isinstance(p, FormPart))
        return await self._gets(self._submitted(next(self._numbers), part, filled(part.form, fields)))

    def _draw(self) -> None:
        raise NotImplementedError

    def _said(self, number: int, words: str) -> Incoming | None:
        raise NotImplementedError

    def _pressed(self, number: int, action: Action) -> Incoming | None:
        raise NotImplementedError

    def _submitted(self, number: int, part: FormPart, form: Form) -> Incoming:
        raise NotImplementedError


def filled(form: Form, fields: dict[str, str]) -> Form:
    ticks = {name: words == "oui" for name, words in fields.items() if name in {"urgent", "copy_me"}}
    changes: dict[str, Any] = {**fields, **ticks}
    return replace(form, **changes)


class _Slack(_Chat):
    def _draw(self) -> None:
        draw_reply(self._mouth.last, shipped_assistant().say)

    def _said(self, number: int, words: str) -> Incoming | None:
        if words.startswith("/"):
            command, _, text = words.partition(" ")
            where = {"team_id": "T1", "channel_id": "D1", "user_id": "U1", "response_url": "https://x"}
            return from_command({**where, "trigger_id": f"Tr{number}", "command": command, "text": text})
        said = {"user": "U1", "channel": "D1", "ts": f"18.{number}", "text": words}
        event = {**said, "type": "message", "channel_type": "im"}
        return from_event({"team_id": "T1", "event_id": f"Ev{number}", "event": event}, "UBOT")

    def _pressed(self, number: int, action: Action) -> Incoming | None:
        return from_press(
            {
                "team": {"id": "T1"},
                "user": {"id": "U1", "team_id": "T1"},
                "channel": {"id": "D1"},
                "container": {"type": "message", "message_ts": f"19.{number}", "channel_id": "D1"},
                "actions": [{"value": encode(action), "action_ts": f"20.{number}"}],
            }
        )

    def _submitted(self, number: int, part: FormPart, form: Form) -> Incoming:
        assert draw_form(part, self.language, shipped_assistant().say, [], with_copy=True)
        body = {"view": {"id": f"V{number}"}, "user": {"id": "U1", "team_id": "T1"}}
        return from_submission(body, form, part.report)


class _Mattermost(_Chat):
    _PLACE = Place("dm", user="u1", direct=True)

    def _draw(self) -> None:
        draw_markdown(self._mouth.last, shipped_assistant().say, Style(typed=True))

    def _said(self, number: int, words: str) -> Incoming | None:
        if words.startswith("/"):
            command, _, text = words.partition(" ")
            form = {"user_id": "u1", "channel_id": "dm", "channel_name": "bot__u1", "command": command, "text": text}
            return from_mattermost_command({**form, "trigger_id": f"t{number}"}, BOT, "")
        return from_post({"id": f"p{number}", "user_id": "u1", "channel_id": "dm", "message": words}, "D", BOT)

    def _pressed(self, number: int, action: Action) -> Incoming | None:
        payload = {"post_id": f"b{number}", "user_id": "u1", "trigger_id": f"t{number}"}
        return from_mattermost_press(payload, Opened(action, self._PLACE))


class _MattermostTyped(_Mattermost):
    """By typing alone: labels for buttons, and the form field by field."""

    async def _pick(self, label: str) -> str:
        return await self._gets(self._said(next(self._numbers), label))

    async def _fill_in(self, fields: dict[str, str]) -> str:
        read = "\n".join(plain_text(answer) for answer in self._mouth.last.answers)
        for name in FIELDS:  # what is wrong is asked in a second round
            if name == self._asked(read):
                read = await self._gets(self._said(next(self._numbers), fields.get(name, "garder") or "-"))
        return read

    def _asked(self, read: str) -> str | None:
        names = {name: "form_files_posted" if name == FILES else f"form_{name}" for name in FIELDS}
        return next((name for name, key in names.items() if told(key, self.language) in read), None)


class _MattermostDialog(_MattermostTyped):
    """By buttons and dialogs, which open before anything is stored; a bare word opens none."""

    def __init__(self, desk: Desk, store: SqlStore, mouth: RecordingMouth, locale: str, forms: FormDesk) -> None:
        super().__init__(desk, store, mouth, locale)
        self._forms = forms
        self._open: FormPart | None = None

    async def take(self, step: Step) -> str:
        if isinstance(step, Says) and step.words.startswith("/signaler "):
            self._open = self._forms.with_words(step.words.partition(" ")[2])
            return ""
        return await super().take(step)

    async def _pick(self, label: str) -> str:
        action = next(option.action for option in options(self._mouth.last.answers) if option.label == label)
        pressed = self._pressed(next(self._numbers), action)
        assert pressed
        if not isinstance(action, Prepare | Change):
            return await self._gets(pressed)
        self._open = await self._forms.begin(action, pressed.address)
        return ""

    async def _fill_in(self, fields: dict[str, str]) -> str:
        part, self._open = self._open, None
        if part is None:
            return await super()._fill_in(fields)
        assert draw_dialog(part, self.language, shipped_assistant().say, self._forms.contacts(), with_copy=True)
        form = filled(part.form, fields)
        if problems := self._forms.problems(form, self.language):
            self._open = replace(part, form=form)
            return "\n".join(problems.values())
        opened = OpenedForm(self._PLACE, part.report, self.language, f"d{next(self._numbers)}")
        return await self._gets(from_dialog(opened, form))


@asynccontextmanager
async def slack(locale: str) -> AsyncIterator[Reporter]:
    mouth = RecordingMouth(locale)
    async with _desk("slack", mouth) as (desk, store, _):
        yield _Slack(desk, store, mouth, locale)


@asynccontextmanager
async def mattermost_dialog(locale: str) -> AsyncIterator[Reporter]:
    mouth = RecordingMouth(locale)
    async with _desk("mattermost", mouth) as (desk, store, forms):
        yield _MattermostDialog(desk, store, mouth, locale, forms)


@asynccontextmanager
async def mattermost_by_typing(locale: str) -> AsyncIterator[Reporter]:
    mouth = RecordingMouth(locale)
    async with _desk("mattermost", mouth) as (desk, store, _):
        yield _MattermostTyped(desk, store, mouth, locale)


WAYS: tuple[NewReporter, ...] = (terminal, slack, mattermost_dialog, mattermost_by_typing)
