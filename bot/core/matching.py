"""From a question to what it asks for, with one calibrated probability for each possibility.

The index proposes candidates with their signals (bot.core.index). A conditional logit (McFadden 1974) over them and
over "nothing that is known" turns the signals into probabilities; its few weights are fitted by cross-validation over
the phrasings (bot.service.fitting) and stand in `knowledge/fit.json`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from bot.core.bodies import BODY, names_us
from bot.core.errors import KnowledgeError
from bot.core.index import SIGNALS, Candidate, Index, Name, Phrasing
from bot.core.index import Found as Proposed
from bot.core.knowledge import REGIONAL_LIST, REPORT, Knowledge
from bot.core.lists import Floats
from bot.core.people import PERSON
from bot.core.places import PLACE
from bot.core.reading import Reader, Reading
from bot.core.splitting import last_asking
from bot.core.text import tokens

OUTSIDE = "none"  # stands for everything that the guide does not answer
ELSEWHERE = "outside/elsewhere"  # the contact of a place for which the guide has none
SMALLTALK = "smalltalk"
ANY_PLACE = "contact/{place}"  # bears the ways of asking for a place's contact
ANY_PERSON = "contact/{person}"  # bears the phrasings that name one of the guide's people
KINDS = ("guide", "glossary", "contact", "a place's contact", "a person", "report", "smalltalk")
BESIDE = tuple(f"{kind} beside another body" for kind in ("guide", "glossary", "contact", "report"))
OURS = tuple(f"{kind} about us" for kind in ("guide", "glossary", "contact", "report", "outside"))
LAG = "behind "  # how far a candidate's signal lies behind the best of the candidates
LEAD = "ahead "  # how far it lies ahead of the best of the other side: what the guide answers, and what it doesn't
NOTHING = (
    *(
        "nothing",
        "unknown words",
        "names a place",
        "names a person",
        "names another body",
        "names us",
        "length",
        "length squared",
    ),
    *(f"best {name}" for name in SIGNALS),
)
_DOUBTFUL = 0.5  # the probability of what is outside, up to which no topic is named
_SURE = 0.95  # the probability from which a text need not be read a second time
_FEWEST = 3  # words of a sentence that can be read by itself
_MOSTLY = 0.7  # of a question: what explains less of it may be named after another question's words
WEIGHTS = (
    *SIGNALS,
    *(LAG + name for name in SIGNALS),
    *(LEAD + name for name in SIGNALS),
    *KINDS,
    *BESIDE,
    *OURS,
    *NOTHING,
)
_AT = {name: WEIGHTS.index(name) for name in (*KINDS, *BESIDE, *OURS)}


@dataclass(frozen=True)
class Fit:
    """What was fitted: a weight for each signal, the temperature of the probabilities, the cost of a wrong answer.

    `cost` is in units of a right answer: at 2, a wrong answer takes away as much as two right ones give.
    """

    weights: Mapping[str, float]
    temperature: float = 1.0
    cost: float = 2.0

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Fit:
        """The fit that `knowledge/fit.json` holds; raise KnowledgeError if this version can't use it."""
        weights, values = stored.get("weights"), (stored.get("temperature"), stored.get("cost"))
        if not isinstance(weights, Mapping) or set(weights) != set(WEIGHTS):
            raise KnowledgeError(["fit.json:1: missing, or made by another version: run `guidebot knowledge fit`"])
        temperature, cost = (float(value) if isinstance(value, int | float) else 1.0 for value in values)
        return cls({str(name): float(weight) for name, weight in weights.items()}, temperature, cost)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Something that may be asked for: an entry's id, "report", a courtesy's id, or an outside topic's.

    `explained` is the share of the question's words, by rarity, that its phrasings have.
    """

    id: str
    probability: float
    phrasing: str
    explained: float = 0.0


class _Names(NamedTuple):
    """What a question names: a place, a person of the guide, another body, the institute itself or a part of it."""

    place: bool
    person: bool
    body: bool
    us: bool


@dataclass(frozen=True, slots=True)
class Match:
    """What a question may ask for, the likeliest first; `outside` is the probability that nothing here answers it."""

    ranked: tuple[Ranked, ...]
    topics: tuple[Ranked, ...]
    outside: float
    reading: Reading
    words: tuple[str, ...] = field(default=())
    unknown: float = 0.0

    @property
    def topic(self) -> str:
        """The outside topic that is likelier than all the others and explains most of the question, or none.

        None, too, where something that the guide answers is as likely as not.
        """
        best = self.topics[0] if self.topics and self.outside > _DOUBTFUL else None
        others = sum(topic.probability for topic in self.topics[1:])
        return best.id if best and best.probability > others and best.explained >= _MOSTLY else ""

    @property
    def sureness(self) -> float:
        """The probability of the likeliest possibility, that nothing here answers among them."""
        return max(self.outside, self.ranked[0].probability if self.ranked else 0.0)

    @property
    def reports(self) -> bool:
        """Whether a report is likelier than everything else together."""
        return bool(self.ranked) and self.ranked[0].id == REPORT and self.ranked[0].probability > _DOUBTFUL


class Matcher:
    """Matches questions against the phrasings of a knowledge base."""

    def __init__(self, reader: Reader, index: Index, fit: Fit) -> None:
        self.reader, self.index, self.fit = reader, index, fit
        self._weights = np.array([fit.weights[name] for name in WEIGHTS])

    @classmethod
    def over(cls, knowledge: Knowledge) -> Matcher:
        """The matcher of a knowledge base, with the fit that is stored beside it."""
        fit, reader = Fit.read(knowledge.fit), Reader(knowledge)
        return cls(reader, Index(phrasings(knowledge, reader), names(knowledge)), fit)

    def match(self, text: str) -> Match:
        """What the text may ask for."""
        return self.surest(proposed(self.reader, self.index, text))

    def surest(self, proposals: Iterable[tuple[Reading, Proposed]]) -> Match:
        """What a text may ask for, as the surest of its readings has it; the first is that of the whole text.

        A report is told in more than one sentence, so none is given up for the last of them.
        """
        matches: list[Match] = []
        for reading, found in proposals:
            matches.append(self.matched(reading, found))
            if matches[0].sureness >= _SURE or matches[0].reports:
                break
        return max(matches, key=attrgetter("sureness"))

    def matched(self, reading: Reading, found: Proposed) -> Match:
        """What a text that was read so may ask for, given what the index found for its words."""
        ranked, topics, outside = [], [], 1.0
        # A topic's phrasing about one place says little of another (Institut Curie is no town): probability decides.
        exact = "" if reading.places and is_topic(found.exact) else found.exact
        certain = [candidate for candidate in found.candidates if candidate.bearer == exact]
        likely = [(candidate, 1.0) for candidate in certain] or self._probabilities(found)
        for option in _merged(likely, reading):
            if is_topic(option.id):
                topics.append(option)
            elif option.id != OUTSIDE:
                ranked.append(option)
                outside -= option.probability
        key = _by_probability
        return Match(
            tuple(sorted(ranked, key=key)), tuple(sorted(topics, key=key)), outside, reading, found.words, found.unknown
        )

    def _probabilities(self, found: Proposed) -> list[tuple[Candidate | None, float]]:
        """The probability of each candidate and, last, of none of them."""
        scores = design(found) @ self._weights / self.fit.temperature
        likelihoods = np.exp(scores - scores.max())
        return list(zip([*found.candidates, None], (likelihoods / likelihoods.sum()).tolist(), strict=True))


def proposed(reader: Reader, index: Index, text: str) -> Iterator[tuple[Reading, Proposed]]:
    """The readings of a text, each with what the index finds for it: the whole, then the sentence in which it asks.

    What is told before a question often says little of what is asked; but a place or a person does.
    """
    text = text.replace("{", " ")  # only phrasings leave a place open
    whole = reader.read(text)
    yield whole, index.find(whole.asking)
    sentence = reader.read(last_asking(text))
    names_all = len(sentence.places) == len(whole.places) and sentence.people == whole.people
    if names_all and len(sentence.asking) >= _FEWEST:
        yield sentence, index.find(sentence.asking)


def phrasings(knowledge: Knowledge, reader: Reader) -> Iterator[Phrasing]:
    """Everything by which something can be asked for, read as questions are."""
    regional = {entry.id for entry in knowledge.delegations}
    for bearer, _, text in knowledge.asked():
        reading = reader.read(text)
        yield Phrasing(_shared(bearer, reading, regional), text, reading.asking)
        if kind_of(bearer) == SMALLTALK and reading.asking != reading.words:
            yield Phrasing(bearer, text, reading.words)  # courtesies are what it is made of
    for texts in knowledge.ways.values():
        yield from (Phrasing(ANY_PLACE, text, reader.read(text).asking) for text in texts)


def names(knowledge: Knowledge) -> list[Name]:
    """What terms and offices are called, in either language and in the spellings that people use.

    Not by a sign alone: "@" and "#" stand in questions about anybody and anything.
    """
    called = [(entry.id, tokens(name)) for entry in knowledge.entries.values() for name in entry.names]
    return [Name(bearer, tuple(words)) for bearer, words in called if any(word.isalnum() for word in words)]


@cache
def is_topic(bearer: str) -> bool:
    return bearer.startswith(("outside/", "not-report/"))


def design(found: Proposed) -> Floats:
    """The values that WEIGHTS weigh: a row for each candidate and, last, one for "nothing that is known"."""
    values, width = found.signals, len(SIGNALS)
    topics = np.array([is_topic(candidate.bearer) for candidate in found.candidates], dtype=bool)
    best = values.max(axis=0, initial=0.0)
    rows = np.zeros((len(values) + 1, len(WEIGHTS)))
    rows[:-1, :width] = values
    rows[:-1, width : 2 * width] = values - best
    inside, outside = (values[side].max(axis=0, initial=0.0) for side in (~topics, topics))
    rows[:-1, 2 * width : 3 * width] = values - np.where(topics[:, None], inside, outside)
    words = found.words
    names = _Names(PLACE in words, PERSON in words, BODY in words, names_us(words))
    for row, candidate in zip(rows, found.candidates, strict=False):
        for at in _marks(candidate.bearer, names):
            row[at] = 1.0
    length = math.log1p(len(words))
    rows[-1, -len(NOTHING) :] = (1.0, found.unknown, *names, length, length**2, *best)
    return rows


@cache
def kind_of(bearer: str) -> str:
    return bearer.partition("/")[0]


def _shared(bearer: str, reading: Reading, regional: Collection[str]) -> str:
    """What bears a phrasing: the contacts share those from which their person's name, or their place's, is read."""
    if reading.people and bearer.startswith("contact/"):
        return ANY_PERSON
    return ANY_PLACE if reading.places and bearer in regional else bearer


@cache
def _marks(bearer: str, names: _Names) -> tuple[int, ...]:
    """Which columns mark a candidate: its kind, and with whom the question has to do besides."""
    kind = "outside" if is_topic(bearer) else kind_of(bearer)
    marks = [_manner(bearer, names)]
    marks += [f"{kind} beside another body"] if names.body else []
    marks += [f"{kind} about us"] if names.us else []
    return tuple(_AT[mark] for mark in marks if mark in _AT)


def _manner(bearer: str, names: _Names) -> str:
    """The kind of a candidate; the contact of a place or a person is of its own where the question names one."""
    if bearer == ANY_PLACE and names.place:
        return "a place's contact"
    if bearer == ANY_PERSON and names.person:
        return "a person"
    return kind_of(bearer)


def meant(bearer: str, reading: Reading) -> str:
    """What a bearer of phrasings stands for, given the places and people of the question."""
    if bearer == ANY_PERSON:
        return reading.people[0] if reading.people else OUTSIDE
    if bearer in {ANY_PLACE, REGIONAL_LIST}:  # the list is for those who name no place
        contacts = [contact for place in reading.places for contact in place.contacts]
        return contacts[0] if contacts else ELSEWHERE if reading.places else REGIONAL_LIST
    return bearer


def _merged(likely: Sequence[tuple[Candidate | None, float]], reading: Reading) -> list[Ranked]:
    """One option for each thing that can be answered: a place's contact and that place's person are the same."""
    probabilities: dict[str, float] = defaultdict(float)
    nearest: dict[str, str] = {}
    explained: dict[str, float] = {}
    for candidate, probability in likely:
        option = meant(candidate.bearer, reading) if candidate else OUTSIDE
        probabilities[option] += probability
        if candidate and candidate.phrasing:
            nearest.setdefault(option, candidate.phrasing)
        if candidate:
            explained.setdefault(option, candidate.explained)
    return [
        Ranked(option, probability, nearest.get(option, ""), explained.get(option, 0.0))
        for option, probability in probabilities.items()
    ]


def _by_probability(ranked: Ranked) -> float:
    return -ranked.probability
