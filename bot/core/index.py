"""The index of phrasings: finds, for the words of a question, the entries that may be meant, with a few signals each.

Words find the candidates; comparison letter by letter (rapidfuzz) only ranks what the words returned, so that the
cost of a question grows with the number of entries that share its rarer words and not with the size of the knowledge.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from operator import attrgetter, itemgetter

from rapidfuzz import fuzz, process

from bot.core.text import stem

CANDIDATES = 24  # bearers that are looked at closely
_PHRASINGS = 40  # phrasings that are compared letter by letter
_POSTINGS = 1_500  # places in the lists of words that are read for one question, the rarest words first
_PRIOR = 300.0  # features that a bearer is credited with beforehand, spread as in all phrasings: see `_Bearer`
_ALIKE = 80  # of 100: how near a known word must be to stand for an unknown one
_SHORTEST_MISSPELLED = 4


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A way of asking, as words, and the id of what it asks for."""

    bearer: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """How well a bearer fits a question. Each is larger where it fits better.

    odds      log-odds of the question's words and word pairs under the bearer's phrasings against under all
    kinship   cosine between the question and all the bearer's phrasings taken together (TF-IDF)
    nearest   cosine between the question and the bearer's nearest phrasing
    nearest3  mean over its three nearest
    letters   rapidfuzz ratio, in letters, with the phrasing that is nearest in that sense
    letters3  mean over the three nearest
    explained share of the question's words, weighed by rarity, that the bearer's phrasings know
    """

    odds: float
    kinship: float
    nearest: float
    nearest3: float
    letters: float
    letters3: float
    explained: float


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
    """What the index knows of a question: candidates, and the share of its words that no phrasing knows."""

    candidates: tuple[Candidate, ...]
    unknown: float
    words: tuple[str, ...]


class Index:
    def __init__(self, phrasings: Iterable[Phrasing]) -> None:
        self._phrasings = tuple(phrasings)
        self._features = [_features(_stems(phrasing.words)) for phrasing in self._phrasings]
        self._texts = [" ".join(phrasing.words) for phrasing in self._phrasings]
        self.vocabulary = {word for phrasing in self._phrasings for word in phrasing.words}
        self._count_features()
        self._weigh_phrasings()
        self._weigh_bearers()
        self._shelve_words()

    def find(self, words: Sequence[str]) -> Found:
        """The candidates for the words of a question, in no particular order."""
        spelt = tuple(self._known(word) for word in words)
        stems = _stems(spelt)
        known = [feature for feature in _features(stems) if feature in self._rarity]
        weights = {feature: self._rarity[feature] for feature in known}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        question = {feature: weight / length for feature, weight in weights.items()}
        near = self._near_phrasings(question, " ".join(spelt))
        bearers = self._likely_bearers(question, near)
        missing = sum(self._rarest for word in stems if word not in self._rarity)
        mass = missing + sum(weights[word] for word in stems if word in weights)
        candidates = tuple(self._candidate(bearer, question, near.get(bearer, []), mass) for bearer in bearers)
        return Found(candidates, missing / mass if mass else 1.0, spelt)

    def deciding(self, words: Sequence[str], bearer: str, most: int = 5) -> list[str]:
        """The words and word pairs of a question that speak most for a bearer, the strongest first."""
        features = _features(_stems([self._known(word) for word in words]))
        gains = {feature: self._bearers_of.get(feature, {}).get(bearer, (0.0, 0.0))[0] for feature in features}
        return sorted((f for f in gains if gains[f] > 0), key=lambda f: -gains[f])[:most]

    def _count_features(self) -> None:
        spread = Counter(feature for features in self._features for feature in features)
        total = len(self._phrasings)
        self._rarest = math.log(1 + total) + 1
        self._rarity = {feature: math.log((1 + total) / (1 + n)) + 1 for feature, n in spread.items()}
        everything = spread.total()
        self._share = {feature: n / everything for feature, n in spread.items()}

    def _weigh_phrasings(self) -> None:
        """Lists of the phrasings that hold each feature, and the TF-IDF length of each phrasing."""
        self._holders: dict[str, list[int]] = defaultdict(list)
        self._lengths: list[float] = []
        for number, features in enumerate(self._features):
            self._lengths.append(math.sqrt(sum(self._rarity[f] ** 2 for f in features)) or 1.0)
            for feature in features:
                self._holders[feature].append(number)

    def _weigh_bearers(self) -> None:
        """For each feature, its gain in log-odds and its TF-IDF weight under each bearer that has it.

        The log-odds are those of a multinomial model whose prior is the distribution over all phrasings (Monroe,
        Colaresi and Quinn, "Fightin' Words", 2008, section 3.3), so that a bearer of few phrasings is not believed.
        """
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for phrasing, features, length in zip(self._phrasings, self._features, self._lengths, strict=True):
            counts[phrasing.bearer].update(features)
            for feature in features:
                sums[phrasing.bearer][feature] += self._rarity[feature] / length
        self._bearers_of: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
        self._absent: dict[str, float] = {}
        for bearer, count in counts.items():
            mass = sum(count.values()) + _PRIOR
            self._absent[bearer] = math.log(_PRIOR / mass)
            norm = math.sqrt(sum(weight * weight for weight in sums[bearer].values())) or 1.0
            for feature, n in count.items():
                gain = math.log(n / (_PRIOR * self._share[feature]) + 1)
                self._bearers_of[feature][bearer] = (gain, sums[bearer][feature] / norm)

    def _shelve_words(self) -> None:
        self._shelves: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(self.vocabulary):
            if word.isalpha() and len(word) >= _SHORTEST_MISSPELLED:
                self._shelves[word[0], len(word)].append(word)

    def _known(self, word: str) -> str:
        """The word, or the known word that it is a misspelling of."""
        if len(word) < _SHORTEST_MISSPELLED or not word.isalpha() or stem(word) in self._rarity:
            return word
        near = [w for size in (-1, 0, 1) for w in self._shelves.get((word[0], len(word) + size), ())]
        best = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return best[0] if best else word

    def _near_phrasings(self, question: Mapping[str, float], text: str) -> dict[str, list[tuple[float, float, int]]]:
        """The nearest phrasings by bearer, as (cosine, ratio in letters, number)."""
        scores: dict[int, float] = defaultdict(float)
        read = 0
        for feature in sorted(question, key=lambda f: len(self._holders[f])):
            holders = self._holders[feature]
            if read and read + len(holders) > _POSTINGS:
                break
            read += len(holders)
            weight = question[feature] * self._rarity[feature]
            for number in holders[:_POSTINGS]:
                scores[number] += weight
        best = sorted(((s / self._lengths[n], n) for n, s in scores.items()), reverse=True)[:_PHRASINGS]
        near: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
        for _, number in best:
            cosine = sum(question.get(f, 0.0) * self._rarity[f] for f in self._features[number]) / self._lengths[number]
            letters = fuzz.token_sort_ratio(text, self._texts[number]) / 100
            near[self._phrasings[number].bearer].append((cosine, letters, number))
        return near

    def _likely_bearers(self, question: Mapping[str, float], near: Mapping[str, object]) -> list[str]:
        """Those with the best log-odds by the rarer words, and those of the nearest phrasings."""
        gains: dict[str, float] = defaultdict(float)
        read = 0
        for feature in sorted(question, key=lambda f: len(self._bearers_of[f])):
            bearers = self._bearers_of[feature]
            if read and read + len(bearers) > _POSTINGS:
                break
            read += len(bearers)
            for bearer, (gain, _) in bearers.items():
                gains[bearer] += gain
        absent, n = self._absent, len(question)
        best = sorted(((gain + n * absent[b], b) for b, gain in gains.items()), reverse=True)[:CANDIDATES]
        return list(dict.fromkeys([*(bearer for _, bearer in best), *near]))

    def _candidate(
        self, bearer: str, question: Mapping[str, float], near: list[tuple[float, float, int]], mass: float
    ) -> Candidate:
        gain = kinship = explained = 0.0
        for feature, weight in question.items():
            held = self._bearers_of[feature].get(bearer)
            if held:
                gain += held[0]
                kinship += weight * held[1]
                if " " not in feature:
                    explained += self._rarity[feature]
        cosines = sorted(map(itemgetter(0), near), reverse=True)
        letters = sorted(map(itemgetter(1), near), reverse=True)
        signals = Signals(
            odds=(gain + len(question) * self._absent[bearer]) / math.sqrt(len(question) or 1),
            kinship=kinship,
            nearest=cosines[0] if near else 0.0,
            nearest3=sum(cosines[:3]) / 3,
            letters=letters[0] if near else 0.0,
            letters3=sum(letters[:3]) / 3,
            explained=explained / mass if mass else 0.0,
        )
        return Candidate(bearer, signals, self._phrasings[max(near)[2]].text if near else "")


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(word) for word in words]


def _features(stems: Sequence[str]) -> list[str]:
    """The different words of a text and its pairs of neighbours, in the order in which they stand."""
    return list(dict.fromkeys([*stems, *(f"{a} {b}" for a, b in pairwise(("^", *stems)))]))
