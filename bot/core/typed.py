"""Buttons and commands by typing: what a short word means under what the bot said last, where no button is in reach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.actions import (
    Action,
    AnswerGap,
    Cancel,
    Change,
    Choose,
    CloseCase,
    CloseGap,
    Forget,
    Join,
    LeaveIt,
    MergeGap,
    Prepare,
    Rate,
    ReportAction,
    Send,
    Separate,
    Share,
    TakeCase,
)
from bot.core.answers import Answer, Language, Outcome
from bot.core.interview import Interview
from bot.core.links import first_link
from bot.core.offers import Option, chooses, options
from bot.core.text import fold

OPEN_FOR = timedelta(minutes=10)  # after which a "1" is a new question again

NONE = frozenset({"0", "aucun", "aucune", "aucun de ces sujets", "rien de cela", "none", "none of these", "neither"})
USEFUL = frozenset({"utile", "useful", "helpful"})
USELESS = frozenset({"pas utile", "inutile", "not useful", "useless", "unhelpful", "not helpful"})
SHARE = frozenset({"partager", "partager dans le canal", "share", "share in the channel"})
FORGET = frozenset({"effacer mes donnees", "tout effacer", "erase my data", "erase everything"})
MY_DATA = frozenset({"mes donnees", "my data", "mesdonnees", "mydata"})
WHY = frozenset({"pourquoi", "why"})

# What may be typed instead of a button's label. A report is sent by no less than its own word.
_WORDS: Mapping[str, tuple[type[ReportAction], ...]] = {
    "preparer": (Prepare,),
    "signaler": (Prepare,),
    "prepare": (Prepare,),
    "report": (Prepare,),
    "oui": (Prepare,),
    "yes": (Prepare,),
    "non": (LeaveIt,),
    "no": (LeaveIt,),
    "rien": (LeaveIt,),
    "envoyer": (Send,),
    "envoie": (Send,),
    "send": (Send,),
    "send it": (Send,),
    "modifier": (Change,),
    "corriger": (Change,),
    "change": (Change,),
    "edit": (Change,),
    "annuler": (Cancel, LeaveIt),
    "cancel": (Cancel, LeaveIt),
    "erreur": (Cancel,),
    "mistake": (Cancel,),
    "joindre": (Join,),
    "rejoindre": (Join,),
    "ajouter": (Join,),
    "join": (Join,),
    "a part": (Separate,),
    "apart": (Separate,),
    "separately": (Separate,),
}
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
_CASE = r"(?:l'alerte |le dossier |alerte |dossier |alert |case )?(?:n[o°]? ?)?#?(\d{4}-\d{3,6})"
_TAKE = re.compile(rf"(?:prendre|prends|je prends|take|i take) {_CASE}")
_END = re.compile(rf"(?:clore|fermer|close) {_CASE}(?: ?[:,]? (.+))?")
_ENDS = {
    "traite": "handled",
    "traitee": "handled",
    "handled": "handled",
    "connu": "known",
    "connue": "known",
    "deja connu": "known",
    "deja connue": "known",
    "known": "known",
    "already known": "known",
    "sans suite": "no action",
    "no action": "no action",
    "erreur": "mistake",
    "mistake": "mistake",
}
_REPORT = re.compile(
    r"/?(?:(signaler|signalement|faire un signalement|signaler (?:a la presse|cette publication|ce post|ce message))|"
    r"report|report (?:this|this post|it|a post))"
)
_PAGE = re.compile(r"/?(glossary|glossaire|guide)(?: (mes donnees|mes-donnees|my data|my-data|pourquoi|why))?")


@dataclass(frozen=True, slots=True)
class Talk:
    """What short words of one person in one place may be about: what the bot offered them last, or the form it asks.

    `choosing` are stored questions that wait for a choice, `rated` those on which an opinion may be given, `shared`
    the one whose answer may be shown to the channel, or 0.
    """

    language: Language
    options: tuple[Option, ...] = ()
    choosing: tuple[int, ...] = ()
    rated: tuple[int, ...] = ()
    shared: int = 0
    interview: Interview | None = None


def talk_about(answers: Iterable[Answer]) -> Talk | None:
    """What may be typed under these answers, None where they leave it as it was."""
    said = tuple(answers)
    offered = options(said)
    stored = [answer for answer in said if answer.question is not None]
    if not offered and not stored:
        return None
    numbers = [(answer, answer.question or 0) for answer in stored]
    return Talk(
        said[0].language,
        offered,
        choosing=tuple(number for answer, number in numbers if chooses(answer)),
        rated=tuple(number for answer, number in numbers if _rateable(answer)),
        shared=next((number for answer, number in numbers if answer.outcome is Outcome.ANSWER), 0),
    )


def still_open(at: datetime, now: datetime) -> bool:
    """Whether a short word may still be about what was said then."""
    return timedelta() <= now - at <= OPEN_FOR


def understood(text: str, talk: Talk | None) -> tuple[Action, ...]:
    """The buttons that the words stand for; several where they are about several answers."""
    words = _words(text)
    if (name := named(text)) is not None:
        return (name,)
    return _about(words, talk) if talk else ()


def named(text: str) -> Action | None:
    """The action of words that need nothing said before: they name what they are about."""
    words = _words(text)
    if words in FORGET:
        return Forget()
    if found := _TAKE.fullmatch(words):
        return TakeCase(found[1])
    if found := _END.fullmatch(words):
        return CloseCase(found[1], _ENDS.get(found[2] or "", ""))
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


def command(text: str) -> tuple[str, str] | None:
    """The slash command that words are without its slash, and what follows it; where no command can be had."""
    link = first_link(text)
    words = _words(text.replace(link, " ") if link else text).rstrip(" :")
    if found := _REPORT.fullmatch(words):
        return "/signaler" if found[1] else "/report", link
    if words in MY_DATA:
        return "/guide", words
    found = _PAGE.fullmatch(words)
    return (f"/{found[1]}", (found[2] or "").replace("-", " ")) if found else None


def _about(words: str, talk: Talk) -> tuple[Action, ...]:
    if talk.choosing and words in NONE:
        return tuple(Choose(question) for question in talk.choosing)
    if picked := _picked(words, talk.options):
        return (picked,)
    if words in USEFUL | USELESS:
        return tuple(Rate(question, useful=words in USEFUL) for question in talk.rated)
    return (Share(talk.shared),) if talk.shared and words in SHARE else ()


def _picked(words: str, offered: Iterable[Option]) -> Action | None:
    """What a number, a button's own label, or a word for it stands for."""
    number = _number(words)
    kinds = _WORDS.get(words, ())
    for option in offered:
        if option.number == number or _words(option.label) == words or isinstance(option.action, kinds):
            return option.action
    return None


def _rateable(answer: Answer) -> bool:
    return answer.outcome not in {Outcome.NOTICE, Outcome.SMALLTALK} and not chooses(answer)


def _number(words: str) -> int:
    found = _NUMBER.fullmatch(words)
    return int(found[1]) if found else 0


def _words(text: str) -> str:
    return " ".join(fold(text).strip(" \t\n.!«»\"'").split())
