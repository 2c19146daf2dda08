"""Answers as Mattermost's Markdown, with buttons as attachments: pure functions, within Mattermost's limits.

Every text goes through `escape`: what people typed, and what the guide says, is words and never markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, assert_never

from bot.chat.mattermost_cards import cards
from bot.chat.mattermost_text import escape, one_line, target
from bot.chat.words import Say, clean, shorten
from bot.core.actions import (
    Action,
    AnswerGap,
    Choose,
    CloseCase,
    CloseGap,
    Forget,
    MergeGap,
    Rate,
    ReportAction,
    Share,
    TakeCase,
)
from bot.core.answers import (
    Answer,
    Audience,
    Bullets,
    Choice,
    ContactCard,
    Definition,
    FormPart,
    GapLine,
    Language,
    Manner,
    Note,
    Outcome,
    Paragraph,
    Part,
    Pick,
    Quote,
    Reply,
    SourceLine,
    Title,
)
from bot.core.offers import Option, chooses, offer, options
from bot.core.ports import Letter

MESSAGE = 16_383  # characters
LABEL = 60
MENU_FROM = 6  # picks from which on they are one menu instead of a button each

# Makes the `integration` of a button or a menu, which calls the bot back.
Bind = Callable[[Sequence[Action]], dict[str, Any]]
Button = tuple[str, Action]


@dataclass(frozen=True, slots=True)
class Message:
    """What Mattermost is given: Markdown, and the attachments that bear the buttons."""

    text: str
    attachments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Style:
    """How one message offers what a button would: buttons where `bind` makes them, else in words where `typed`."""

    bind: Bind | None = None
    typed: bool = False
    shareable: bool = False


def draw_reply(reply: Reply, say: Say, style: Style, *, sharer: str = "") -> Message:
    """A reply as one message; `sharer` is the name of the person who shares it."""
    pen = _Pen(say, style, options(reply.answers), shared=reply.manner is Manner.SHARE)
    blocks: list[str] = []
    if sharer and reply.answers:
        blocks.append("*" + pen.sharer(sharer, reply.answers[0].language) + "*")
    for number, answer in enumerate(reply.answers):
        blocks += ["---"] * (number > 0) + list(pen.answer(answer))
    return Message(_fit(blocks, pen.hints), pen.attachments)


def draw_letter(letter: Letter, say: Say, style: Style) -> Message:
    return draw_reply(Reply((Answer(Outcome.NOTICE, letter.parts, letter.language),)), say, style)


class _Pen:
    """Draws one message, and gathers its buttons, or the words that stand for them."""

    def __init__(self, say: Say, style: Style, offered: Sequence[Option], *, shared: bool) -> None:
        self.attachments: list[dict[str, Any]] = []
        self.hints: list[str] = []
        self._say = say
        self._style = style
        self._numbered = iter(offered)
        self._shared = shared
        self._count = 0

    def sharer(self, name: str, language: Language) -> str:
        return self._say("shared_by", language, user=f"@{name}")

    def answer(self, answer: Answer) -> Iterator[str]:
        for kind, parts in groupby(answer.parts, _kind):
            group = list(parts)
            if kind is ContactCard:
                yield from cards([part for part in group if isinstance(part, ContactCard)], answer.language, self._say)
            elif kind in {Choice, Pick}:
                yield from self._offers(group, answer)
            else:
                yield from (drawn for part in group for drawn in self._part(part, answer.language) if drawn)
        self._close(answer)

    def _part(self, part: Part, language: Language) -> Iterator[str]:  # noqa: C901 - a case for each kind of part
        match part:
            case Title(text):
                yield f"#### {one_line(text)}" if one_line(text) else ""
            case Paragraph(text):
                yield escape(text)
            case Bullets(items):
                yield "\n".join(f"- {line}" for line in map(one_line, items) if line)
            case Definition(term, text):
                yield "\n".join(line for line in (_bold(term), escape(text)) if line)
            case SourceLine(text, url):
                yield _source(text, url)
            case Note(text):
                yield "\n".join(f"> {line}" for line in escape(text).splitlines() if line.strip())
            case GapLine():
                yield self._gap(part, language)
            case Quote(text):
                yield f"```\n{clean(text).replace('`', '’')}\n```"
            case FormPart():
                return  # a dialog, or asked field by field
            case ContactCard() | Choice() | Pick():
                return  # drawn together with those beside them
            case _:
                assert_never(part)

    def _offers(self, parts: Sequence[Part], answer: Answer) -> Iterator[str]:
        """Choices and picks: buttons, or one menu, or a list of which a number can be typed."""
        offered = [made for part in parts if (made := offer(part, answer))]
        choosing = chooses(answer) and isinstance(parts[0], Choice)
        if self._style.bind is None:
            yield self._listed([next(self._numbered) for _ in offered], answer.language, choosing=choosing)
        elif len(offered) >= MENU_FROM:
            self._menu(offered, answer.language)
        else:
            none = [(self._say("none_of_these", answer.language), Choose(answer.question or 0))] if choosing else []
            self._buttons([*offered, *none])

    def _listed(self, offered: Sequence[Option], language: Language, *, choosing: bool) -> str:
        actions = [option.action for option in offered]
        if not self._style.typed:
            return "\n".join(f"- {one_line(option.label)}" for option in offered)
        if case := next((one.case for one in actions if isinstance(one, TakeCase | CloseCase)), ""):
            self.hints.append(self._say("mattermost_type_case", language, number=case))
            return ""
        if any(isinstance(action, Forget) for action in actions):
            self.hints.append(self._say("mattermost_type_forget", language))
            return ""
        if any(isinstance(action, AnswerGap | MergeGap) for action in actions):
            self.hints.append(self._say("mattermost_type_closing", language))
            ways = ((option.label, self._closing(option.action, language)) for option in offered)
            return "\n".join(f"- {one_line(label)} : `{way}`" for label, way in ways)
        acts = any(isinstance(action, ReportAction) for action in actions)
        key = "mattermost_type_choice" if choosing else "mattermost_type_act" if acts else "mattermost_type_pick"
        self.hints.append(self._say(key, language))
        return "\n".join(f"{option.number}. {one_line(option.label)}" for option in offered)

    def _closing(self, action: Action, language: Language) -> str:
        """What is typed to close a gap so."""
        match action:
            case AnswerGap(gap, entry):
                how = entry or self._say("gap_word_otherwise", language)
                return self._say("mattermost_type_answer", language, gap=gap, entry=how)
            case MergeGap(gap, into):
                return self._say("mattermost_type_merge", language, gap=gap, into=into)
            case _:
                return ""

    def _close(self, answer: Answer) -> None:
        """What stands under an answer: an opinion, and sharing what only one person sees."""
        if answer.question is None or chooses(answer):
            return
        question, language = answer.question, answer.language
        private = answer.audience is Audience.ONLY_YOU and answer.outcome is Outcome.ANSWER
        share = self._style.shareable and not self._shared and private
        rate = answer.outcome not in {Outcome.NOTICE, Outcome.SMALLTALK}
        if self._style.bind is None:
            self._type(language, share=share, rate=rate)
            return
        buttons: list[Button] = [(self._say("share", language), Share(question))] if share else []
        if rate:
            buttons.append((self._say("useful", language), Rate(question, useful=True)))
            buttons.append((self._say("not_useful", language), Rate(question, useful=False)))
        self._buttons(buttons)

    def _type(self, language: Language, *, share: bool, rate: bool) -> None:
        if self._style.typed and rate:
            self.hints.append(self._say("mattermost_type_rate", language))
        if self._style.typed and share:
            self.hints.append(self._say("mattermost_type_share", language))

    def _gap(self, gap: GapLine, language: Language) -> str:
        figures = self._say("gap_figures", language, times=gap.times, people=gap.people, last=gap.last)
        if self._style.bind:
            ways = ("answered", "duplicate", "outside")
            labels = [(f"#{gap.gap} {self._say(f'gap_{how}', language)}", CloseGap(gap.gap, how)) for how in ways]
            self._buttons(labels)
        elif self._style.typed:
            hint = self._say("mattermost_type_gap", language)
            self.hints += [hint] if hint not in self.hints else []
        return f"**#{gap.gap}** {one_line(shorten(clean(gap.text), 600))}\n{one_line(figures)}"

    def _buttons(self, buttons: Sequence[Button]) -> None:
        if buttons:
            self._attach([self._action(label, [action], type="button") for label, action in buttons])

    def _menu(self, offered: Sequence[Button], language: Language) -> None:
        """A menu's options are numbers: what they stand for stays with the server, where nobody can change it."""
        options = [{"text": _label(label), "value": str(number)} for number, (label, _) in enumerate(offered)]
        name = self._say("mattermost_menu", language)
        self._attach([self._action(name, [action for _, action in offered], type="select", options=options)])

    def _action(self, label: str, actions: Sequence[Action], **more: Any) -> dict[str, Any]:
        self._count += 1
        integration = self._style.bind(actions) if self._style.bind else {}
        return {"id": f"a{self._count}", "name": _label(label), "integration": integration, **more}

    def _attach(self, actions: list[dict[str, Any]]) -> None:
        self.attachments.append({"fallback": " · ".join(action["name"] for action in actions), "actions": actions})


def _kind(part: Part) -> type[Part]:
    return type(part)


def _label(text: str) -> str:
    return shorten(" ".join(clean(text).split()), LABEL).replace("@", "@\u200b") or "…"


def _bold(text: str) -> str:
    return f"**{one_line(text)}**" if one_line(text) else ""


def _source(text: str, url: str) -> str:
    words = one_line(text)
    if words and url.startswith(("https://", "http://")):
        return f"[{words}]({target(url)})"
    return f"*{words}*" if words else ""


def _fit(blocks: Sequence[str], hints: Sequence[str]) -> str:
    """As much as one message holds; the hints at its end stay, words before them go."""
    said = "\n".join(f"*{hint}*" for hint in dict.fromkeys(hints))
    text = "\n\n".join(block for block in blocks if block)
    room = MESSAGE - len(said) - 4
    if len(text) > room:
        cut = max(text.rfind("\n", 0, room - 2), text.rfind(" ", 0, room - 2))
        text = text[: cut if cut > room // 2 else room - 2].rstrip().rstrip("\\") + "\n…"
    return "\n\n".join(part for part in (text, said) if part) or "…"
