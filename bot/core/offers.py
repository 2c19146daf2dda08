"""What an answer offers to be picked: numbered through all the answers of a message, whoever draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from bot.core.actions import Action, Choose, Look, Share
from bot.core.answers import Answer, Choice, Part, Pick


@dataclass(frozen=True, slots=True)
class Option:
    """What a number leads to, when it is typed."""

    number: int
    label: str
    action: Action


def options(answers: Sequence[Answer]) -> tuple[Option, ...]:
    """What can be picked by number, in the order in which it is shown."""
    numbers = count(1)
    offered = (option for answer in answers for part in answer.parts if (option := offer(part, answer)))
    return tuple(Option(next(numbers), label, action) for label, action in offered)


def offer(part: Part, answer: Answer) -> tuple[str, Action] | None:
    """The label and the action of a part that can be picked, None for all others."""
    match part:
        case Choice(_, entry, title):  # without a stored question there is nothing to choose among: the entry itself
            return title, Look(entry) if answer.question is None else Choose(answer.question, entry)
        case Pick(label, action) if not isinstance(action, Share):
            return label, action
    return None


def chooses(answer: Answer) -> bool:
    """Whether the answer asks which of its choices was meant."""
    return answer.question is not None and any(isinstance(part, Choice) for part in answer.parts)
