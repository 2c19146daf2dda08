"""What a button, or its typed twin, asks for; small values that travel inside the platforms' messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar

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
    """Close a gap; `how` is answered, duplicate or outside."""

    NAME: ClassVar = "close-gap"
    gap: int
    how: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase what is kept about the person who asks."""

    NAME: ClassVar = "forget"


Action = Choose | Rate | Share | Look | CloseGap | Forget
KINDS: dict[str, type[Action]] = {kind.NAME: kind for kind in (Choose, Rate, Share, Look, CloseGap, Forget)}


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
