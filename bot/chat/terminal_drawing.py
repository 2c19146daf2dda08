"""Answers as a person likes to read them in a terminal, and as plain lines where the output goes elsewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO, assert_never

from rich.console import Console
from rich.text import Text

from bot.core.answers import (
    Answer,
    Bullets,
    Choice,
    ContactCard,
    Definition,
    FormPart,
    GapLine,
    Language,
    Note,
    Outcome,
    Paragraph,
    Part,
    Person,
    Pick,
    Quote,
    SourceLine,
    Title,
)
from bot.core.offers import Option, chooses, offer, options

# Control characters, lone surrogates, and the marks that turn the direction of what follows.
_UNSEEMLY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
WIDEST = 92  # longer lines tire the eye, however wide the window


class Say(Protocol):
    """The bot's own labels: `Knowledge.say`."""

    def __call__(self, key: str, language: Language, /, **values: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text; `lead` stands before its first line, the others are indented as far. `close`: no line before.

    With `every_line` the lead stands before each of them.
    """

    text: Text
    lead: str = ""
    close: bool = False
    every_line: bool = False


def console(stream: TextIO | None = None) -> Console:
    """A console for people: it wraps lines and colours them on a terminal, and leaves them whole elsewhere."""
    made = Console(file=stream or sys.stdout, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, WIDEST) if made.is_terminal else made.width
    return made


def draw_answers(answers: Sequence[Answer], say: Say, out: Console) -> None:
    """Print the answers, one after the other."""
    numbers = iter(options(answers))
    for position, answer in enumerate(answers):
        if position:
            out.print(Text("· · ·", style="dim"), justify="center" if out.is_terminal else None)
            out.print()
        _print(_answer_blocks(answer, say, numbers), out)


def draw_parts(parts: Iterable[Part], language: Language, say: Say, out: Console) -> None:
    """Print parts that answer no question: a letter of the bot's own accord."""
    draw_answers((Answer(Outcome.NOTICE, tuple(parts), language),), say, out)


def _answer_blocks(answer: Answer, say: Say, numbers: Iterator[Option]) -> Iterator[Block]:
    for part in answer.parts:
        if not isinstance(part, Choice | Pick):
            yield from _blocks(part, answer.language, say)
        elif offer(part, answer):
            yield _numbered(next(numbers))
    if chooses(answer):
        yield Block(_text(say("none_of_these", answer.language)), "  0  ", close=True)


def _numbered(option: Option) -> Block:
    return Block(_text(option.label), f"{option.number:>3}  ", close=option.number > 1)


def _blocks(part: Part, language: Language, say: Say) -> Iterator[Block]:  # noqa: C901 - a case for each kind of part
    match part:
        case Title(text):
            yield Block(_text(text, "bold cyan"))
        case Paragraph(text):
            yield Block(_text(text))
        case Bullets(items):
            yield from (Block(_text(item), "  • ", close=n > 0) for n, item in enumerate(items))
        case Definition(term, text):
            yield Block(_text(term, "bold cyan"))
            yield Block(_text(text), close=True)
        case ContactCard():
            yield from _card(part)
        case SourceLine(text, url):
            yield Block(_text(f"{text} ({url})" if url else text, "dim"))
        case Note(text):
            yield Block(_text(text, "italic"), "  ")
        case Quote(text):
            yield Block(_text(text, "dim"), "  │ ", every_line=True)
        case FormPart():
            return  # asked field by field
        case GapLine(gap, text, times, people, last):
            figures = say("gap_figures", language, times=times, people=people, last=last)
            yield Block(Text.assemble((f"#{gap} ", "bold"), _text(text), _text(f"\n{figures}", "dim")))
        case Choice() | Pick():
            return  # numbered by _answer_blocks
        case _:
            assert_never(part)


def _text(words: str, style: str = "") -> Text:
    """Words on the screen: what could move the cursor or turn the direction of what follows is left out."""
    return Text(_UNSEEMLY.sub("", words), style)


def _card(card: ContactCard) -> Iterator[Block]:
    if card.place:
        yield Block(_text(card.place, "bold cyan"))
    for number, person in enumerate(card.people):
        yield Block(_person(person), "  ", close=bool(card.place or number))
    for aside in (card.serves, card.age):
        if aside:
            yield Block(_text(aside, "dim"), "  ", close=True)


def _person(person: Person) -> Text:
    known = [(person.name, "bold"), (person.mail, "green"), (person.phone, "green")]
    return Text("  ").join(_text(word, style) for word, style in known if word)


def _print(blocks: Iterable[Block], out: Console) -> None:
    for position, block in enumerate(blocks):
        if position and not block.close:
            out.print()
        room = max(20, out.width - len(block.lead))
        lines = block.text.wrap(out, room) if out.is_terminal else block.text.split("\n", allow_blank=True)
        for number, line in enumerate(lines):
            line.rstrip()
            lead = Text(block.lead if number == 0 or block.every_line else " " * len(block.lead))
            out.print(lead + line, soft_wrap=True)
    out.print()
