"""The index of phrasings: finds, for the words of a question, what may be asked for, with a few signals each.

Words find the candidates; comparison letter by letter (rapidfuzz) only ranks what the words returned, so that the
cost of a question hardly grows with the size of the knowledge. Phrasings, and what they ask for, are numbers inside.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

from bot.core.bearers import Bearers, Question, Sums
from bot.core.features import Features, features_of, stems_of
from bot.core.nearest import Near, Nearest
from bot.core.spelling import Speller
from bot.core.text import stem

_LIKELY = 10  # bearers that are looked at closely for their words; those of the nearest phrasings come on top
_ALIKE = 80  # of 100: how near a known word must be to stand for an unknown one
_SHORTEST_MISSPELLED = 4
_MISSPELLED = 12  # words of one question that are looked up as misspelt, at most


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A way of asking, as words, and the id of what it asks for."""

    bearer: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """How well a bearer fits a question. Each is larger where it fits better.

    odds      log-odds of the question's features under the bearer's phrasings against under all phrasings
    asking    the same of the common features alone: how something is asked, rather than what
    kinship   cosine between the question and all the bearer's phrasings taken together (TF-IDF)
    nearest   cosine between the question and the bearer's nearest phrasing
    nearest3  mean over its three nearest
    letters   rapidfuzz ratio of the sorted words with the phrasing that is nearest in that sense
    letters3  mean over the three nearest
    explained share of the question's words, weighed by rarity, that the bearer's phrasings know
    familiar  1 where they know all its words, less by the rarity of the rarest that they don't ("HR" in "HR contact")
    """

    odds: float
    asking: float
    kinship: float
    nearest: float
    nearest3: float
    letters: float
    letters3: float
    explained: float
    familiar: float


SIGNALS = tuple(field.name for field in fields(Signals))
signal_values = attrgetter(*SIGNALS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may have been asked for, its signals, and the phrasing that came nearest to the question."""

    bearer: str
    signals: Signals
    phrasing: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the index knows of a question: candidates, the share of its words that no phrasing knows, its words.

    `exact` is what the question asks for word for word, as one bearer's phrasing and no other's does.
    """

    candidates: tuple[Candidate, ...]
    unknown: float
    words: tuple[str, ...]
    exact: str = ""


class Index:
    def __init__(self, phrasings: Iterable[Phrasing]) -> None:
        asked = list(phrasings)
        self._texts = [phrasing.text for phrasing in asked]
        self._exact = _exact(asked)
        self._ids = sorted({phrasing.bearer for phrasing in asked})
        self._speller = Speller((w for p in asked for w in p.words), alike=_ALIKE, shortest=_SHORTEST_MISSPELLED)
        names = [features_of(stems_of(phrasing.words)) for phrasing in asked]
        self._features = Features(names)
        numbers = [self._features.numbers(own) for own in names]
        bearers = {bearer: number for number, bearer in enumerate(self._ids)}
        self._bearer_of = array("H", (bearers[phrasing.bearer] for phrasing in asked))
        self._bearers = Bearers(self._features, numbers, self._bearer_of)
        self._nearest = Nearest(self._features, numbers, (phrasing.words for phrasing in asked))

    def find(self, words: Sequence[str]) -> Found:
        """The candidates for the words of a question, in no particular order."""
        spelt = self._spelt(words)
        stems = stems_of(spelt)
        vector, rarity = self._features.vector(stems), self._features.rarity
        known = sorted(set(self._features.numbers(stems)), key=rarity.__getitem__, reverse=True)
        missing = self._features.rarest * (len(set(stems)) - len(known))
        mass = missing + sum([rarity[number] for number in known])
        question = Question(vector, known, sum([number < self._features.common for number in vector]))
        near = self._nearest_of(vector, spelt)
        likely = dict.fromkeys([*self._bearers.likely(vector, _LIKELY), *near])
        candidates = tuple(
            self._candidate(bearer, self._bearers.sums(bearer, question), near.get(bearer, []), mass)
            for bearer in likely
        )
        exact = self._exact.get(" ".join(words), "")
        return Found(candidates, missing / mass if mass else 1.0, spelt, exact)

    def deciding(self, words: Sequence[str], bearer: str, most: int = 5) -> list[str]:
        """The words and word pairs of a question that speak most for a bearer, the strongest first."""
        if bearer not in self._ids:
            return []
        number = self._ids.index(bearer)
        known = [name for name in features_of(stems_of(self._spelt(words))) if name in self._features]
        slots = self._features.numbers(known)
        gains = {name: self._bearers.gain(number, slot) for name, slot in zip(known, slots, strict=True)}
        return sorted((name for name in known if gains[name] > 0), key=lambda name: -gains[name])[:most]

    def _spelt(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, each misspelt one replaced by the known word that it is near to."""
        looked_up, spelt = 0, []
        for word in words:
            if stem(word) in self._features or looked_up >= _MISSPELLED:
                spelt.append(word)
            else:
                looked_up += 1
                spelt.append(self._speller.nearest(word) or word)
        return tuple(spelt)

    def _nearest_of(self, question: dict[int, float], words: Sequence[str]) -> dict[int, list[Near]]:
        """The nearest phrasings by bearer, that of the nearest first."""
        near: dict[int, list[Near]] = defaultdict(list)
        for one in sorted(self._nearest.near(question, words), key=attrgetter("cosine"), reverse=True):
            near[self._bearer_of[one.number]].append(one)
        return near

    def _candidate(self, bearer: int, sums: Sums, near: Sequence[Near], mass: float) -> Candidate:
        letters = sorted([one.letters for one in near], reverse=True)
        signals = Signals(
            odds=sums.odds,
            asking=sums.asking,
            kinship=sums.kinship,
            nearest=near[0].cosine if near else 0.0,
            nearest3=sum([one.cosine for one in near[:3]]) / 3,
            letters=letters[0] if near else 0.0,
            letters3=sum(letters[:3]) / 3,
            explained=sums.explained / mass if mass else 0.0,
            familiar=1 - sums.strange / self._features.rarest,
        )
        return Candidate(self._ids[bearer], signals, self._texts[near[0].number] if near else "")


def _exact(asked: Iterable[Phrasing]) -> dict[str, str]:
    """Whom each phrasing asks for, by its words; without those that ask for several, a place or a name left open."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for phrasing in asked:
        bearers[" ".join(phrasing.words)].add(phrasing.bearer)
    return {words: next(iter(own)) for words, own in bearers.items() if words and len(own) == 1}
