"""The bot in a terminal: the whole of it, without an account anywhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

from rich.console import Console
from rich.text import Text

from bot.chat.terminal_drawing import Say, draw_answers, draw_parts
from bot.chat.terminal_files import read_file, upload_of
from bot.core.actions import Action, Choose, Rate
from bot.core.answers import Answer, Choice, FormPart, Language, Outcome, Reply
from bot.core.attachments import LARGEST, AttachmentError, media_type
from bot.core.errors import GuidebotError
from bot.core.forms import Upload
from bot.core.interview import FILES, Interview, stops
from bot.core.messages import REPORT_COMMANDS, Address, Incoming, Kind, Visitor
from bot.core.offers import Option, options
from bot.core.ports import Letter
from bot.core.text import clean, fold

PLATFORM = "terminal"
COMMANDS = ("/glossary", "/glossaire", "/contact", "/guide", *REPORT_COMMANDS)
LEAVING = frozenset({"/quit", "/exit", "/q", "quit", "exit", "quitter"})
NONE = frozenset({"0", "aucun", "aucune", "aucun de ces sujets", "none", "none of these"})
RATES = {"utile": True, "useful": True, "pas utile": False, "inutile": False, "not useful": False}


class Desk(Protocol):
    """Where messages are taken and answered: `bot.service.desk.Desk`."""

    async def accept(self, incoming: Incoming) -> bool: ...
    async def drain(self) -> None: ...


def language_of(environment: Mapping[str, str]) -> str:
    """The locale that the environment names, as platforms write it (fr-FR); empty where it names none."""
    name = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(key))), "")
    found = re.match(r"([a-z]{2})(?:_([A-Z]{2}))?\b", name)
    return "-".join(part for part in found.groups() if part) if found else ""


class TerminalMouth:
    """Draws replies on a console, and remembers what can be picked and rated by typing."""

    def __init__(self, out: Console, say: Say, *, locale: str = "") -> None:
        self.options: tuple[Option, ...] = ()
        self.choosing: tuple[int, ...] = ()  # the questions that wait for a choice
        self.rateable: tuple[int, ...] = ()
        self.interview: Interview | None = None  # the form that is being filled in
        self.replies = 0
        self._out = out
        self._say = say
        self._locale = locale
        self._hinted: set[str] = set()

    @property
    def language(self) -> Language:
        return "en" if self._locale.startswith("en") else "fr"

    async def visitor(self, address: Address) -> Visitor:
        return Visitor(self._locale, name=address.user)  # there is nobody else at this keyboard

    async def reply(self, incoming: Incoming, reply: Reply) -> None:
        del incoming
        self.replies += 1
        self._stand_apart()
        draw_answers(reply.answers, self._say, self._out)
        self._remember(reply.answers)
        self._hint(reply.answers)
        self._begin_form(reply.answers)

    def ask(self) -> None:
        """Ask for the field of the form whose turn it is."""
        if self.interview:
            shown = self._held(self.interview)
            default = self._say("form_default", self.language, value=shown) if shown else ""
            asked = self._say(f"form_{self.interview.field}", self.language)
            lines = (self.interview.problem, " ".join(filter(None, (asked, default))))
            self._out.print(Text("\n".join(filter(None, lines))), soft_wrap=not self._out.is_terminal)

    def _held(self, interview: Interview) -> str:
        """What the field holds already, in words."""
        match interview.value:
            case bool(ticked):
                return self._say("form_yes" if ticked else "form_no", self.language)
            case str(words):
                return words
            case uploads:
                return ", ".join(upload.name for upload in uploads)

    def _begin_form(self, answers: Sequence[Answer]) -> None:
        part = next((part for answer in answers for part in answer.parts if isinstance(part, FormPart)), None)
        if part:
            self.interview = Interview.over(part)
            self._out.print(Text(self._say("form_intro", self.language), "dim"), soft_wrap=not self._out.is_terminal)
            self.ask()

    async def fetch(self, upload: Upload, longest: int) -> bytes:
        return await asyncio.to_thread(read_file, upload.ref, longest)

    async def send(self, letter: Letter) -> None:
        draw_parts(letter.parts, letter.language, self._say, self._out)

    def tell(self, key: str, **values: object) -> None:
        """Say something of the terminal's own."""
        self._stand_apart()
        self._out.print(Text(self._say(key, self.language, **values)), soft_wrap=not self._out.is_terminal)
        self._out.print()

    def _stand_apart(self) -> None:
        if self._out.is_terminal:  # from what was typed
            self._out.print()

    def _remember(self, answers: Sequence[Answer]) -> None:
        """What is said about an answer (thanks for an opinion) leaves what can be picked as it was."""
        offered = options(answers)
        stored = [answer for answer in answers if answer.question is not None]
        if offered or stored:
            self.options = offered
            self.choosing = tuple(a.question for a in stored if a.question is not None and _asks(a))
        if stored:
            self.rateable = tuple(a.question for a in stored if a.question is not None and _rateable(a))

    def _hint(self, answers: Sequence[Answer]) -> None:
        """Tell once what can be typed, to a person; a pipe needs no hint."""
        if not self._out.is_terminal or not answers:
            return
        key = "terminal_pick_hint" if self.options else "terminal_rate_hint" if self.rateable else ""
        if key and key not in self._hinted:
            self._hinted.add(key)
            self._out.print(Text(self._say(key, answers[0].language), "dim italic"))
            self._out.print()


class Conversation:
    """Takes lines as they are typed, and sees to it that each gets a reply or a clear error."""

    def __init__(self, desk: Desk, mouth: TerminalMouth, *, user: str) -> None:
        self.failed = False
        self._desk = desk
        self._mouth = mouth
        self._address = Address(PLATFORM, channel=uuid4().hex, user=user, direct=True)

    async def hear(self, line: str) -> bool:
        """Answer a line; False when it says goodbye."""
        words = clean(line)
        short = " ".join(fold(words).split())
        if short in LEAVING:
            return False
        if self._mouth.interview:
            await self._fill_in(self._mouth.interview, line.strip() if self._mouth.interview.field == FILES else words)
            return True
        labelled = next((o for o in self._mouth.options if fold(o.label) == short), None)
        if labelled:
            await self._press([labelled.action])
            return True
        if words.startswith("/"):
            await self._command(words)
        elif self._mouth.choosing and short in NONE:
            await self._press([Choose(question) for question in self._mouth.choosing])
        elif self._mouth.options and re.fullmatch(r"[0-9]|1[0-9]", short):
            await self._pick(int(short))
        elif short in RATES:
            await self._rate(useful=RATES[short])
        elif words:
            await self._send(self._incoming(Kind.QUESTION, text=words))
        return True

    async def _fill_in(self, interview: Interview, words: str) -> None:
        """Take what was typed for the field whose turn it is; the whole form is sent when none is left."""
        if stops(words):
            self._mouth.interview = None
            self._mouth.tell("form_stopped")
            return
        self._mouth.interview = interview.answered(words) or await self._with_file(interview, words) or interview
        if self._mouth.interview.field:
            self._mouth.ask()
            return
        filled, self._mouth.interview = self._mouth.interview, None
        await self._send(replace(self._incoming(Kind.FORM), form=filled.form, report=filled.report))

    async def _with_file(self, interview: Interview, words: str) -> Interview | None:
        """With the file of that path, where a file is asked and can be sent; a mistyped path is asked again."""
        if interview.field != FILES:
            return None
        upload = upload_of(words)
        try:
            media_type(await self._mouth.fetch(upload, LARGEST))
        except AttachmentError as error:
            self._mouth.tell(f"problem_{error.problem}")
            return None
        return interview.given((upload,))

    async def _command(self, words: str) -> None:
        command, _, rest = words.partition(" ")
        if command in COMMANDS:
            await self._send(self._incoming(Kind.COMMAND, command=command, text=rest.strip()))
        elif command in {"/help", "/aide"}:
            self._mouth.tell("terminal_help")
        else:
            self._mouth.tell("terminal_unknown_command", command=command)

    async def _pick(self, number: int) -> None:
        picked = next((option.action for option in self._mouth.options if option.number == number), None)
        if picked:
            await self._press([picked])
        else:
            self._mouth.tell("terminal_no_such_number", number=number)

    async def _rate(self, *, useful: bool) -> None:
        if not self._mouth.rateable:
            self._mouth.tell("terminal_nothing_to_rate")
        await self._press([Rate(question, useful) for question in self._mouth.rateable])

    async def _press(self, actions: Sequence[Action]) -> None:
        for action in actions:
            await self._send(self._incoming(Kind.PRESS, action=action))

    def _incoming(self, kind: Kind, *, text: str = "", command: str = "", action: Action | None = None) -> Incoming:
        key = f"{PLATFORM}:{uuid4().hex}"
        return Incoming(key, kind, self._address, text=text, command=command, action=action)

    async def _send(self, incoming: Incoming) -> None:
        before, reason = self._mouth.replies, ""
        try:
            await self._desk.accept(incoming)
            await self._desk.drain()
        except GuidebotError as error:
            reason = str(error)
        if self._mouth.replies == before:
            self.failed = True
            self._mouth.tell("terminal_failed", reason=reason or "?")


def _asks(answer: Answer) -> bool:
    return any(isinstance(part, Choice) for part in answer.parts)


def _rateable(answer: Answer) -> bool:
    return answer.outcome not in {Outcome.NOTICE, Outcome.SMALLTALK} and not _asks(answer)
