"""What the bot says: values that every mouth draws in its own manner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from bot.core.actions import Action
from bot.core.forms import Form
from bot.core.messages import Said

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, Language] = ("fr", "en")


class Say(Protocol):
    """The bot's own sentences and labels: `Assistant.say`."""

    def __call__(self, key: str, language: Language, **values: object) -> str: ...


class Outcome(StrEnum):
    """How a message ended, as the person sees it."""

    ANSWER = "answer"
    CHOICES = "choices"
    REPORT = "report"
    SMALLTALK = "smalltalk"
    UNANSWERED = "unanswered"
    NOTICE = "notice"  # a page or a word of the bot's own (my data, a refusal): never the outcome of a question


class Audience(StrEnum):
    HERE = "here"
    ONLY_YOU = "only you"


@dataclass(frozen=True, slots=True)
class Title:
    """A heading; an urgent one makes the message that begins with it urgent, where a platform knows such messages."""

    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    mail: str
    phone: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    """One place's people. `serves` and `age` are sentences for people, empty where there is nothing to say."""

    place: str
    people: tuple[Person, ...]
    serves: str = ""
    age: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of at most three entries among which the person picks; `number` is what one types to pick it."""

    number: int
    entry: str
    title: str


@dataclass(frozen=True, slots=True)
class Pick:
    """A button that leads on: an entry to look at, something to do."""

    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class SourceLine:
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class GapLine:
    """A gap as the DISC sees it in the digest: how often it was asked, by how many people, when last (a date)."""

    gap: int
    text: str
    times: int
    people: int
    last: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A text shown to the letter: what a mail will say."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form with the sentence that says what is wrong with it."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class FormPart:
    """The form of a report, to be filled in; `report` is the draft that it changes, 0 for a new one.

    `left` are the fields that somebody who types has still to be asked, where the others were.
    """

    form: Form
    report: int = 0
    problems: tuple[Field, ...] = ()
    left: tuple[str, ...] = ()


Part = (
    Title
    | Paragraph
    | Bullets
    | Definition
    | ContactCard
    | Choice
    | Pick
    | SourceLine
    | Note
    | GapLine
    | Quote
    | FormPart
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one question.

    `confidence` runs from 0 to 1; `entries` are ids, best first; `topic` is the outside topic that was recognised;
    `gap` tells that the DISC shall hear of the question, `asked` what it was; `question` is its number once stored.
    """

    outcome: Outcome
    parts: tuple[Part, ...]
    language: Language
    entries: tuple[str, ...] = ()
    confidence: float = 0.0
    audience: Audience = Audience.HERE
    topic: str = ""
    gap: bool = False
    asked: str = ""
    question: int | None = None


class Manner(StrEnum):
    """How a reply reaches people."""

    SAY = "say"  # where the message was said; for its author alone where an answer's audience says so
    REPLACE = "replace"  # in place of the message whose button was pressed
    SHARE = "share"  # to the channel, naming who asked


@dataclass(frozen=True, slots=True)
class Reply:
    """What one message gets: an answer to each question in it. `shared_by` is the user who shares an answer.

    `about` is the report that it shows to its author, 0 for none; `replaces` is a message of the bot's whose place it
    takes, where that isn't the one whose button was pressed.
    """

    answers: tuple[Answer, ...]
    manner: Manner = Manner.SAY
    shared_by: str = ""
    about: int = 0
    replaces: Said | None = None


def plain(part: Part) -> str:
    """A part as plain text, for logs that people read, mail and `text` beside a platform's blocks."""
    match part:
        case Title(text) | Paragraph(text) | Note(text) | SourceLine(text) | Quote(text):
            return text
        case Bullets(items):
            return "\n".join(f"• {item}" for item in items)
        case Definition(term, text):
            return f"{term}: {text}"
        case ContactCard(place, people, serves, age):
            lines = [place, *(f"{p.name} · {p.mail} · {p.phone}" for p in people), serves, age]
            return "\n".join(line for line in lines if line)
        case Choice(number, _, title):
            return f"{number}. {title}"
        case Pick(label):
            return f"• {label}"
        case GapLine(gap, text, times, people, last):
            return f"#{gap} ×{times} ({people}) {last}: {text}"
        case FormPart(_, _, problems):
            return "\n".join(field.problem for field in problems)


def plain_text(answer: Answer) -> str:
    """The whole answer as plain text: a line or a paragraph for each part."""
    return "\n\n".join(plain(part) for part in answer.parts if not isinstance(part, Choice | Pick)) + "".join(
        "\n" + plain(part) for part in answer.parts if isinstance(part, Choice | Pick)
    )
