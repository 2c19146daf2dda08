"""Answers as Slack's Block Kit: pure functions, within all of Slack's limits.

Texts go into `plain_text` and `rich_text`, where Slack reads no markup; `mrkdwn` is used only for links of our own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import assert_never

from bot.chat.slack_kit import (
    BUTTON,
    LINE,
    Block,
    aside,
    bold,
    bullets,
    card,
    context,
    header,
    linked,
    pieces,
    preformatted,
    rich,
    section,
    source,
    words,
)
from bot.chat.slack_text import escape
from bot.chat.words import Say, clean, shorten
from bot.core.actions import Action, Change, Choose, CloseGap, Look, Prepare, Rate, Share, encode
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
    plain_text,
)
from bot.core.ports import Letter

BUTTONS_IN_A_ROW = 25
MENU_FROM = 12  # picks from which on they are one menu instead of a button each
OPTIONS = 50
BLOCKS_IN_A_MESSAGE, BLOCKS_AT_HOME = 50, 100
CHARACTERS = 13_000  # of all blocks together: Slack refuses somewhat more than 13,200
TEXT = 3000  # of the text beside the blocks, before it is escaped


@dataclass(frozen=True, slots=True)
class Message:
    """What Slack is given: blocks, and the text that notifications and screen readers take."""

    text: str
    blocks: list[Block]


def draw_reply(reply: Reply, say: Say, *, shareable: bool = True) -> Message:
    """A reply as one message; `shareable` tells that there is a channel with which an answer could be shared."""
    pen = _Pen(say, shareable=shareable and reply.manner is not Manner.SHARE)
    groups = [group for number, answer in enumerate(reply.answers) for group in pen.answer(answer, first=number == 0)]
    if reply.shared_by and reply.answers:
        groups.insert(0, pen.sharer(reply.shared_by, reply.answers[0].language))
    return Message(_beside(reply.answers), _fit(groups, BLOCKS_IN_A_MESSAGE))


def draw_letter(letter: Letter, say: Say) -> Message:
    answer = Answer(Outcome.NOTICE, letter.parts, letter.language)
    return draw_reply(Reply((answer,)), say, shareable=False)


def draw_home(reply: Reply, say: Say) -> Block:
    """A reply as the view of the App Home."""
    pen = _Pen(say, shareable=False)
    groups = [group for number, answer in enumerate(reply.answers) for group in pen.answer(answer, first=number == 0)]
    return {"type": "home", "blocks": _fit(groups, BLOCKS_AT_HOME)}


@dataclass(frozen=True, slots=True)
class _Group:
    """Blocks that stand or fall together; buttons stay when a message is too long, words go."""

    blocks: list[Block]
    needed: bool = False


class _Pen:
    """Draws one message. It counts the buttons, whose ids must differ within a message."""

    def __init__(self, say: Say, *, shareable: bool) -> None:
        self._say = say
        self._shareable = shareable
        self._numbers = count(1)

    def answer(self, answer: Answer, *, first: bool) -> Iterator[_Group]:
        if not first:
            yield _Group([{"type": "divider"}])
        for row, parts in groupby(answer.parts, _row):
            if row:
                yield from self._offer([self._button_of(part, answer) for part in parts], answer.language)
            else:
                yield from (group for part in parts for group in self._groups(part, answer.language))
        if any(isinstance(part, Choice) for part in answer.parts):
            yield from self._none_of_these(answer)
        yield from self._rows(self._closing(answer))

    def sharer(self, user: str, language: Language) -> _Group:
        return _Group([context(self._say("shared_by", language, user=f"<@{escape(clean(user))}>"))], needed=True)

    def _groups(self, part: Part, language: Language) -> list[_Group]:
        """A text may be cut between its blocks; a card, or a gap and its buttons, may not."""
        blocks = self._part(part, language)
        return [_Group([block]) for block in blocks] if isinstance(part, Paragraph | Definition) else [_Group(blocks)]

    def _part(self, part: Part, language: Language) -> list[Block]:  # noqa: C901 - a case for each kind of part
        match part:
            case Title(text):
                return header(text)
            case Paragraph(text):
                return [rich(section(linked(piece))) for piece in pieces(text)]
            case Bullets(items):
                return bullets(items)
            case Definition(term, text):
                head, *rest = pieces(text) or [""]
                blocks = [rich(section([*bold(shorten(clean(term), LINE)), *linked("\n" + head)]))]
                return blocks + [rich(section(linked(piece))) for piece in rest]
            case ContactCard():
                return card(part)
            case SourceLine(text, url):
                return source(text, url)
            case Note(text):
                return [aside(text)] if clean(text) else []
            case GapLine():
                return self._gap(part, language)
            case Quote(text):
                return [preformatted(piece) for piece in pieces(text)]
            case FormPart():
                return []  # a button that opens it, drawn by _button_of
            case Choice() | Pick():
                return []  # a row of buttons, drawn by _button_of
        assert_never(part)

    def _button_of(self, part: Part, answer: Answer) -> Block:
        if isinstance(part, Pick):
            return self._button(part.label, part.action)
        if isinstance(part, FormPart):
            action = Change(part.report) if part.report else Prepare()
            return self._button(self._say("report_form", answer.language), action)
        choice = part if isinstance(part, Choice) else Choice(0, "", "")
        if answer.question is None:  # not stored, so there is nothing to choose among: the entry itself
            return self._button(choice.title, Look(choice.entry))
        return self._button(choice.title, Choose(answer.question, choice.entry))

    def _none_of_these(self, answer: Answer) -> Iterator[_Group]:
        if answer.question is not None:
            label = self._say("none_of_these", answer.language)
            yield from self._rows([self._button(label, Choose(answer.question))])

    def _closing(self, answer: Answer) -> list[Block]:
        """The buttons under an answer: an opinion, and sharing what only one person sees."""
        if answer.question is None or any(isinstance(part, Choice) for part in answer.parts):
            return []
        buttons = []
        if self._shareable and answer.audience is Audience.ONLY_YOU and answer.outcome is Outcome.ANSWER:
            buttons.append(self._button(self._say("share", answer.language), Share(answer.question)))
        if answer.outcome not in {Outcome.NOTICE, Outcome.SMALLTALK}:
            buttons.append(self._button(self._say("useful", answer.language), Rate(answer.question, useful=True)))
            buttons.append(self._button(self._say("not_useful", answer.language), Rate(answer.question, useful=False)))
        return buttons

    def _gap(self, gap: GapLine, language: Language) -> list[Block]:
        figures = self._say("gap_figures", language, times=gap.times, people=gap.people, last=gap.last)
        line = [*bold(f"#{gap.gap} "), *words(shorten(clean(gap.text), LINE)), *words("\n" + clean(figures))]
        ways = ("answered", "duplicate", "outside")
        labels = [self._say(f"gap_{how}", language) for how in ways]
        closing = zip(labels, ways, strict=True)
        buttons = [self._button(label[:1].upper() + label[1:], CloseGap(gap.gap, how)) for label, how in closing]
        return [rich(section(line)), {"type": "actions", "elements": buttons}]

    def _button(self, label: str, action: Action) -> Block:
        return {
            "type": "button",
            "text": {"type": "plain_text", "text": shorten(clean(label), BUTTON) or "…", "emoji": False},
            "action_id": f"{action.NAME}:{next(self._numbers)}",
            "value": encode(action),
        }

    def _offer(self, buttons: Sequence[Block], language: Language) -> Iterator[_Group]:
        return self._rows(buttons if len(buttons) < MENU_FROM else [self._menu(buttons, language)])

    def _menu(self, buttons: Sequence[Block], language: Language) -> Block:
        """One menu for many buttons."""
        return {
            "type": "static_select",
            "placeholder": {"type": "plain_text", "text": shorten(clean(self._say("menu", language)), BUTTON) or "…"},
            "action_id": f"menu:{next(self._numbers)}",
            "options": [{"text": button["text"], "value": button["value"]} for button in buttons[:OPTIONS]],
        }

    @staticmethod
    def _rows(buttons: Sequence[Block]) -> Iterator[_Group]:
        for start in range(0, len(buttons), BUTTONS_IN_A_ROW):
            row = list(buttons[start : start + BUTTONS_IN_A_ROW])
            yield _Group([{"type": "actions", "elements": row}], needed=True)


def _row(part: Part) -> bool:
    return isinstance(part, Choice | Pick | FormPart)


def _beside(answers: Sequence[Answer]) -> str:
    return escape(shorten(clean("\n\n".join(plain_text(answer) for answer in answers)), TEXT)) or "…"


def _fit(groups: Sequence[_Group], blocks: int) -> list[Block]:
    """As many of the blocks as Slack takes: all that is needed, then the words from the top down."""
    marker = aside("…")
    room, left = CHARACTERS - _size([marker]), blocks - 1
    needed = [group for group in groups if group.needed]
    room, left = room - sum(_size(group.blocks) for group in needed), left - sum(len(group.blocks) for group in needed)
    kept: list[Block] = []
    cut = False
    for group in groups:
        size = _size(group.blocks)
        if group.needed:
            kept += group.blocks
        elif not cut and size <= room and len(group.blocks) <= left:
            kept += group.blocks
            room, left = room - size, left - len(group.blocks)
        elif not cut:
            cut = True
            kept.append(marker)
    return kept[:blocks] or [marker]


def _size(blocks: list[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))
