"""The index of phrasings: finds, for the words of a question, what may be asked for, with a few signals each.

Words find the candidates; comparison letter by letter (rapidfuzz) only ranks what the words returned, so that the
cost of a question hardly grows with the size of the knowledge. Phrasings, and what they ask for, are numbers inside.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from bot.core.bearers import Bearers, Question
from bot.core.features import Features, features_of, stems_of
from bot.core.lists import Floats, Integers
from bot.core.nearest import CLOSEST, Nearest
from bot.core.spelling import Speller
from bot.core.text import stem

_LIKELY = 8  # bearers that are looked at closely
_ALIKE = 80  # of 100: how near a known word must be to stand for an unknown one
_SHORTEST_MISSPELLED = 4
_ARTICLES = frozenset({"le", "la", "les", "un", "une", "des", "the", "a", "an"})
_MISSPELLED = 12  # words of one question that are looked up as misspelt, at most

# How well a bearer fits a question. Each signal is larger where it fits better.
SIGNALS = (
    "odds",  # log-odds of the question's features under the bearer's phrasings against under all phrasings
    "asking",  # the same of the common features alone: how something is asked, rather than what
    "kinship",  # cosine between the question and all the bearer's phrasings taken together (TF-IDF)
    "nearest",  # cosine between the question and the bearer's nearest phrasing
    "explained",  # share of the question's words, weighed by rarity, that the bearer's phrasings know
    "familiar",  # 1 where they know all its words, less by the rarity of the rarest unknown ("HR" in "HR contact")
    "owned",  # the bearer's share of the rarest known word: 1 where nobody else's phrasings have it
    "named",  # 1 where the question has one of the bearer's names: a term's, an office's
    "nearest3",  # mean of the cosines of its three nearest phrasings
    "letters",  # rapidfuzz ratio of the sorted words: the best of those three
    "letters3",  # mean over the three
)


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A way of asking, as words, and the id of what it asks for."""

    bearer: str
    text: str
    words: tuple[str, ...]


class Name(NamedTuple):
    """What something that can be asked for is called, in words, and its id."""

    bearer: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may have been asked for, and the phrasing that came nearest to the question."""

    bearer: str
    phrasing: str
    explained: float


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the index knows of a question: candidates, the share of its words that no phrasing knows, its words.

    `signals` has a row for each candidate and a column for each of SIGNALS. `exact` is what the question asks for word
    for word but for articles, as one bearer's phrasing and no other's does.
    """

    candidates: tuple[Candidate, ...]
    signals: Floats
    unknown: float
    words: tuple[str, ...]
    exact: str = ""


class Index:
    """Phrasings, and the names of what some of them ask for."""

    def __init__(self, phrasings: Iterable[Phrasing], names: Iterable[Name] = ()) -> None:
        asked = sorted(phrasings, key=attrgetter("bearer"))
        self._texts = [phrasing.text for phrasing in asked]
        self._exact = _exact(asked)
        self._ids = sorted({phrasing.bearer for phrasing in asked})
        self._speller = Speller((w for p in asked for w in p.words), alike=_ALIKE, shortest=_SHORTEST_MISSPELLED)
        features = [features_of(stems_of(phrasing.words)) for phrasing in asked]
        self._features = Features(features)
        of, phrasing = _pairs([self._features.numbers(own) for own in features])
        number = {bearer: number for number, bearer in enumerate(self._ids)}
        self._names = _longest_first(
            (" ".join(stems_of(words)), number[bearer]) for bearer, words in names if bearer in number
        )
        bearers = np.array([number[phrasing.bearer] for phrasing in asked], dtype=np.intp)
        starts = np.searchsorted(bearers, np.arange(len(self._ids)))
        self._bearers = Bearers(self._features, of, phrasing, bearers)
        self._nearest = Nearest(self._features, of, phrasing, starts, (phrasing.words for phrasing in asked))

    def find(self, words: Sequence[str]) -> Found:
        """The candidates for the words of a question, in no particular order."""
        spelt, stems = self._spelt(words)
        question = self._question(stems)
        sums, cosines = self._bearers.sums(question), self._nearest.cosines(question)
        nearest, explained = self._nearest.best(cosines), sums.explained / (question.mass or 1.0)
        likely = _largest(sums.kinship + (nearest + explained) / 2)
        closest = [self._nearest.closest(cosines, bearer) for bearer in likely.tolist()]
        rows = (sums.odds, sums.asking, sums.kinship, nearest, explained, sums.familiar, sums.owned, self._named(stems))
        signals = np.array([*(row[likely] for row in rows), *self._three(cosines, closest, spelt)]).T
        candidates = tuple(
            Candidate(self._ids[bearer], self._texts[phrasings[0]], share)
            for bearer, phrasings, share in zip(likely.tolist(), closest, explained[likely].tolist(), strict=True)
        )
        exact = self._exact.get(_bare(words), "")
        return Found(candidates, signals, question.unknown / question.mass if question.mass else 1.0, spelt, exact)

    def has(self, words: Sequence[str]) -> bool:
        """Whether the words are a phrasing, of one bearer and no other, but for articles."""
        return _bare(words) in self._exact

    def names(self, words: Sequence[str]) -> bool:
        """Whether the words hold the name of a term or an office."""
        return bool(self._named(self._spelt(words)[1]).any())

    def deciding(self, words: Sequence[str], bearer: str, most: int = 5) -> list[str]:
        """The words and word pairs of a question that speak most for a bearer, the strongest first."""
        if bearer not in self._ids:
            return []
        number = self._ids.index(bearer)
        known = [name for name in features_of(self._spelt(words)[1]) if name in self._features]
        slots = self._features.numbers(known)
        gains = {name: self._bearers.gain(number, slot) for name, slot in zip(known, slots, strict=True)}
        return sorted((name for name in known if gains[name] > 0), key=lambda name: -gains[name])[:most]

    def _spelt(self, words: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
        """The words, each misspelt one replaced by the known word that it is near to, and their stems."""
        spelt, stems, looked_up = list(words), stems_of(words), 0
        for at, (word, own) in enumerate(zip(words, stems, strict=True)):
            if own not in self._features and looked_up < _MISSPELLED:
                looked_up += 1
                if known := self._speller.nearest(word):
                    spelt[at], stems[at] = known, stem(known)
        return tuple(spelt), stems

    def _question(self, stems: Sequence[str]) -> Question:
        """The features of a question, weighed."""
        features = self._features
        numbers = sorted(features.numbers(features_of(stems)))
        weights = features.rarity[numbers]
        known = sorted(features.numbers(dict.fromkeys(stems)))
        unknown = features.rarest * (len(set(stems)) - len(known))
        mass = unknown + float(features.rarity[known].sum())
        vector = (weights / (math.sqrt(weights @ weights) or 1.0)).astype(np.float32)  # as the tables that it meets
        return Question(numbers, vector, known, mass, unknown)

    def _named(self, stems: Sequence[str]) -> Floats:
        """For each bearer, whether a question has one of its names; of two, one in the other, the longer counts."""
        named, text = np.zeros(len(self._ids)), f" {' '.join(stems)} "
        for name, bearer in self._names:
            if name in text:
                named[bearer] = 1.0
                text = text.replace(name, " | ")
        return named

    def _three(self, cosines: Floats, closest: Sequence[Sequence[int]], words: Sequence[str]) -> Sequence[Floats]:
        """The signals nearest3, letters and letters3 of bearers, given the phrasings of each that are closest."""
        phrasings = [number for numbers in closest for number in numbers]
        letters = self._nearest.letters(words, phrasings).reshape(-1, CLOSEST)
        near = cosines[phrasings].reshape(-1, CLOSEST)
        return near.sum(axis=1) / CLOSEST, letters.max(axis=1), letters.sum(axis=1) / CLOSEST


def _largest(values: Floats) -> Integers:
    """Where the largest of the values are that are above nothing."""
    found = values.argpartition(-_LIKELY)[-_LIKELY:] if len(values) > _LIKELY else np.arange(len(values))
    return found[values[found] > 0]


def _pairs(features: Sequence[Sequence[int]]) -> tuple[Integers, Integers]:
    """Each feature with each phrasing that has it, sorted by feature."""
    of = np.array([number for own in features for number in own], dtype=np.intp)
    phrasing = np.repeat(np.arange(len(features)), [len(own) for own in features])
    order = np.argsort(of, kind="stable")
    return of[order], phrasing[order]


def _longest_first(names: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted({(f" {name} ", bearer) for name, bearer in names if name}, key=lambda named: (-len(named[0]), named))


def _exact(asked: Iterable[Phrasing]) -> dict[str, str]:
    """Whom each phrasing asks for, by its words; without those that ask for several, a place or a name left open."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for phrasing in asked:
        bearers[_bare(phrasing.words)].add(phrasing.bearer)
    return {words: next(iter(own)) for words, own in bearers.items() if words and len(own) == 1}


def _bare(words: Iterable[str]) -> str:
    """The words without articles: "le contact presse" is "contact presse"."""
    return " ".join([word for word in words if word not in _ARTICLES])
