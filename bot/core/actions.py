"""What a button, or its typed twin, asks for; small values that travel inside the platforms' messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar, get_args

from bot.core.errors import ActionError

SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Choose:
    """One of the choices of a stored question; an empty entry is "none of these"."""

    NAME: ClassVar = "choose"
    question: int
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """A person's opinion of the answer to a stored question."""

    NAME: ClassVar = "rate"
    question: int
    useful: bool


@dataclass(frozen=True, slots=True)
class Share:
    """Repeat to the channel an answer that only its asker sees."""

    NAME: ClassVar = "share"
    question: int


@dataclass(frozen=True, slots=True)
class Look:
    """Show an entry of the knowledge base."""

    NAME: ClassVar = "look"
    entry: str


@dataclass(frozen=True, slots=True)
class CloseGap:
    """Close a gap as outside; ask by which entry it is answered, or of which gap it is the duplicate.

    `how` is answered, duplicate or outside.
    """

    NAME: ClassVar = "close-gap"
    gap: int
    how: str


@dataclass(frozen=True, slots=True)
class AnswerGap:
    """Close a gap as answered by that entry, which its askers get; an empty one is "otherwise": nobody is told."""

    NAME: ClassVar = "answer-gap"
    gap: int
    entry: str


@dataclass(frozen=True, slots=True)
class MergeGap:
    """Close a gap as the duplicate of that one, which its questions join; 0 is "of none that is open"."""

    NAME: ClassVar = "merge-gap"
    gap: int
    into: int


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase what is kept about the person who asks."""

    NAME: ClassVar = "forget"


@dataclass(frozen=True, slots=True)
class Prepare:
    """Begin a report with the words of a stored question, or with an empty form (0)."""

    NAME: ClassVar = "prepare"
    question: int = 0


@dataclass(frozen=True, slots=True)
class LeaveIt:
    """Report nothing."""

    NAME: ClassVar = "leave-it"
    question: int = 0


@dataclass(frozen=True, slots=True)
class Join:
    """Preview a draft as one more account of that case."""

    NAME: ClassVar = "join"
    report: int
    case: str


@dataclass(frozen=True, slots=True)
class Separate:
    """Preview a draft as a case of its own, linked to that one."""

    NAME: ClassVar = "separate"
    report: int
    case: str


@dataclass(frozen=True, slots=True)
class Change:
    """Fill in a draft's form anew."""

    NAME: ClassVar = "change"
    report: int


@dataclass(frozen=True, slots=True)
class Send:
    """Send a draft as that version's preview showed it."""

    NAME: ClassVar = "send"
    report: int
    version: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take a report back, sent or not."""

    NAME: ClassVar = "cancel"
    report: int


@dataclass(frozen=True, slots=True)
class TakeCase:
    """A person of the press office takes a case."""

    NAME: ClassVar = "take"
    case: str


@dataclass(frozen=True, slots=True)
class CloseCase:
    """The press office closes a case; `end` is handled, known, no action or mistake."""

    NAME: ClassVar = "close"
    case: str
    end: str


ReportAction = Prepare | LeaveIt | Join | Separate | Change | Send | Cancel | TakeCase | CloseCase
GapAction = CloseGap | AnswerGap | MergeGap
Action = Choose | Rate | Share | Look | GapAction | Forget | ReportAction
KINDS: dict[str, type[Action]] = {kind.NAME: kind for kind in get_args(Action)}


def leads_on(action: Action) -> bool:
    """Whether it only shows or asks something, and is meant again at each press; what decides counts once."""
    return isinstance(action, Look | Forget | Prepare | Change) or (
        isinstance(action, CloseGap) and action.how != "outside"
    )


def encode(action: Action) -> str:
    """The action as a short line of text: its name and its values, separated by bars."""
    values = (getattr(action, field.name) for field in fields(action))
    return SEPARATOR.join([action.NAME, *(str(int(v)) if isinstance(v, bool) else str(v) for v in values)])


def decode(text: str) -> Action:
    """The action that `encode` wrote; raise ActionError for anything else."""
    name, *values = text.split(SEPARATOR)
    kind: Callable[..., Action] | None = KINDS.get(name)
    if kind is None or len(values) != len(fields(KINDS[name])):
        raise ActionError(f"not an action of this bot: {text[:80]!r}")
    read: dict[str, Callable[[str], object]] = {"int": int, "bool": lambda value: bool(int(value)), "str": str}
    try:
        return kind(*(read[str(field.type)](value) for field, value in zip(fields(KINDS[name]), values, strict=True)))
    except ValueError as error:
        raise ActionError(f"not an action of this bot: {text[:80]!r}") from error
