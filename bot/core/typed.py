"""Buttons by typing: what a short word means under the last answer, where no button can be pressed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.actions import Action, AnswerGap, Choose, CloseGap, Forget, Look, MergeGap, Rate, Share
from bot.core.answers import Outcome
from bot.core.ports import Asked
from bot.core.text import fold

OPEN_FOR = timedelta(minutes=10)  # after which a "1" is a new question again

NONE = frozenset({"0", "aucun", "aucune", "aucun de ces sujets", "rien de cela", "none", "none of these", "neither"})
USEFUL = frozenset({"utile", "useful", "helpful"})
USELESS = frozenset({"pas utile", "inutile", "not useful", "useless", "unhelpful", "not helpful"})
SHARE = frozenset({"partager", "partager dans le canal", "share", "share in the channel"})
FORGET = frozenset({"effacer mes donnees", "tout effacer", "erase my data", "erase everything"})

_NUMBER = re.compile(r"#?([1-9]|1[0-9])[.)]?")
_CLOSE = re.compile(r"(?:clore|close) (?:question |gap )?#?(\d{1,9}) (.+)")
_WITH = re.compile(r"(.+?) (?:(?:par|by|de|of) )?#?([a-z0-9/-]+)")  # a way, and the entry or the gap
_ID = re.compile(r"\d{1,9}")
_OTHERWISE = frozenset({"autrement", "otherwise"})  # than by an entry: nobody is told
_WAYS = {
    "repondue": "answered",
    "repondu": "answered",
    "answered": "answered",
    "en double": "duplicate",
    "doublon": "duplicate",
    "duplicate": "duplicate",
    "hors sujet": "outside",
    "hors guide": "outside",
    "outside": "outside",
    "outside the guide": "outside",
}


def understood(text: str, asked: Asked | None, offered: Sequence[str] = ()) -> Action | None:
    """The button that the words stand for, None if they stand for none.

    `asked` is the person's last stored question there, if it is recent (`still_open`); `offered` are the entries that
    its answer lists to be looked at, in their order. Some words need no question: they name what they are about.
    """
    words = _words(text)
    return _named(words) or (_about(words, asked, offered) if asked else None)


def still_open(asked: Asked, now: datetime) -> bool:
    """Whether a short word may still be about that question."""
    return timedelta() <= now - asked.at <= OPEN_FOR


def _named(words: str) -> Action | None:
    if words in FORGET:
        return Forget()
    found = _CLOSE.fullmatch(words)
    return _closing(int(found[1]), found[2]) if found else None


def _closing(gap: int, words: str) -> Action | None:
    """How a gap is to be closed: "repondue", "repondue guide/comments", "en double de 7"."""
    if words in _WAYS:
        return CloseGap(gap, _WAYS[words])
    found = _WITH.fullmatch(words)
    how = _WAYS.get(found[1]) if found else None
    if found and how == "answered" and (found[2] in _OTHERWISE or "/" in found[2]):
        return AnswerGap(gap, "" if found[2] in _OTHERWISE else found[2])
    return MergeGap(gap, int(found[2])) if found and how == "duplicate" and _ID.fullmatch(found[2]) else None


def _about(words: str, asked: Asked, offered: Sequence[str]) -> Action | None:
    if asked.outcome is Outcome.CHOICES and (choice := _choice(words, asked)):
        return choice
    decided = asked.outcome is not Outcome.CHOICES or asked.chosen is not None
    if decided and words in USEFUL | USELESS:
        return Rate(asked.id, useful=words in USEFUL)
    answered = asked.outcome is Outcome.ANSWER or bool(asked.chosen)
    if answered and words in SHARE:
        return Share(asked.id)
    number = _number(words)
    return Look(offered[number - 1]) if 0 < number <= len(offered) else None


def _choice(words: str, asked: Asked) -> Choose | None:
    if words in NONE:
        return Choose(asked.id)
    number = _number(words)
    return Choose(asked.id, asked.entries[number - 1]) if 0 < number <= len(asked.entries) else None


def _number(words: str) -> int:
    found = _NUMBER.fullmatch(words)
    return int(found[1]) if found else 0


def _words(text: str) -> str:
    return " ".join(fold(text).strip(" \t\n.!«»\"'").split())
