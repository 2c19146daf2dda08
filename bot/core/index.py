"""The index of phrasings: finds, for the words of a question, what may be asked for, with a few signals each.

Words find the candidates; comparison letter by letter (rapidfuzz) only ranks what the words returned, so that the
cost of a question grows with the number of entries that share its rarer words and not with the size of the knowledge.
A feature is a stem or a pair of neighbouring stems; features, phrasings and bearers are numbers inside.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from operator import attrgetter, itemgetter

from rapidfuzz import fuzz

from bot.core.lists import Lists
from bot.core.spelling import Speller
from bot.core.text import stem

_BEARERS = 16  # bearers that are looked at closely for their words; those of the nearest phrasings come on top
_PHRASINGS = 24  # phrasings that are compared letter by letter
_POSTINGS = 600  # places in the lists of features that are read for one question, the rarest features first
_LONGEST_LIST = 3_000  # places of the first of them, where even the rarest word of a question is common
_PRIOR = 300.0  # features that a bearer is credited with beforehand, spread as in all phrasings: see `_weigh_bearers`
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
    kinship   cosine between the question and all the bearer's phrasings taken together (TF-IDF)
    nearest   cosine between the question and the bearer's nearest phrasing
    nearest3  mean over its three nearest
    letters   rapidfuzz ratio, in letters, with the phrasing that is nearest in that sense
    letters3  mean over the three nearest
    explained share of the question's words, weighed by rarity, that the bearer's phrasings know
    familiar  1 where they know all its words, less by the rarity of the rarest that they don't ("HR" in "HR contact")
    """

    odds: float
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


@dataclass(frozen=True, slots=True)
class _Near:
    """A phrasing near to a question: its cosine, its ratio in letters, its number."""

    cosine: float
    letters: float
    number: int


@dataclass(slots=True)
class _Sums:
    """What the features of a question add up to under a bearer; `strange` is the rarity of its rarest unknown word."""

    gain: float = 0.0
    kinship: float = 0.0
    explained: float = 0.0
    strange: float = 0.0


class Index:
    def __init__(self, phrasings: Iterable[Phrasing]) -> None:
        asked = list(phrasings)
        features = [_features(_stems(phrasing.words)) for phrasing in asked]
        self._texts = [phrasing.text for phrasing in asked]
        self._folded = [" ".join(phrasing.words) for phrasing in asked]
        self._exact = _exact(asked)
        self._bearers = sorted({phrasing.bearer for phrasing in asked})
        self._slots = {name: slot for slot, name in enumerate(dict.fromkeys(f for own in features for f in own))}
        self._speller = Speller((w for p in asked for w in p.words), alike=_ALIKE, shortest=_SHORTEST_MISSPELLED)
        slots = [[self._slots[name] for name in own] for own in features]
        numbers = {bearer: number for number, bearer in enumerate(self._bearers)}
        self._bearer_of = array("H", (numbers[phrasing.bearer] for phrasing in asked))
        self._weigh_features(slots)
        self._list_phrasings(slots)
        self._weigh_bearers(slots)

    def find(self, words: Sequence[str]) -> Found:
        """The candidates for the words of a question, in no particular order."""
        spelt = self._spelt(words)
        stems = _stems(spelt)
        question = self._weighed(stems)
        near = self._near_phrasings(question, " ".join(spelt))
        known = {slot for word in set(stems) if (slot := self._slots.get(word)) is not None}
        missing = self._rarest * (len(set(stems)) - len(known))
        mass = missing + sum([self._rarity[slot] for slot in known])
        sums = self._summed(question, self._likely_bearers(question, near), known)
        candidates = tuple(self._candidate(b, held, near.get(b, []), len(question), mass) for b, held in sums.items())
        exact = self._exact.get(" ".join(words), "")
        return Found(candidates, missing / mass if mass else 1.0, spelt, exact)

    def deciding(self, words: Sequence[str], bearer: str, most: int = 5) -> list[str]:
        """The words and word pairs of a question that speak most for a bearer, the strongest first."""
        known = [name for name in _features(_stems(self._spelt(words))) if name in self._slots]
        gains: dict[str, float] = {}
        for name in known:
            bearers, gained, _ = self._held(self._slots[name])
            gains[name] = next((g for b, g in zip(bearers, gained, strict=True) if self._bearers[b] == bearer), 0.0)
        return sorted((name for name in known if gains[name] > 0), key=lambda name: -gains[name])[:most]

    def _weigh_features(self, slots: Sequence[Sequence[int]]) -> None:
        """How rare each feature is among phrasings (smoothed IDF), and its share of all features."""
        spread = Counter(slot for own in slots for slot in own)
        total, everything = len(slots), max(1, spread.total())
        self._rarest = math.log(1 + total) + 1
        self._rarity = array("d", (math.log((1 + total) / (1 + spread[slot])) + 1 for slot in range(len(spread))))
        self._share = array("d", (spread[slot] / everything for slot in range(len(spread))))

    def _list_phrasings(self, slots: Sequence[Sequence[int]]) -> None:
        """Which features each phrasing has, which phrasings each feature, and the TF-IDF length of each phrasing."""
        holders: list[list[int]] = [[] for _ in self._slots]
        for number, own in enumerate(slots):
            for slot in own:
                holders[slot].append(number)
        self._holders, self._features = Lists(array("I"), holders), Lists(array("I"), slots)
        self._lengths = array("d", (math.sqrt(sum(self._rarity[s] ** 2 for s in own)) or 1.0 for own in slots))

    def _weigh_bearers(self, slots: Sequence[Sequence[int]]) -> None:
        """For each feature, its gain in log-odds and its TF-IDF weight under each bearer that has it.

        The log-odds are those of a multinomial model whose prior is the distribution over all phrasings (Monroe,
        Colaresi and Quinn, "Fightin' Words", 2008, section 3.3), so that a bearer of few phrasings is not believed.
        """
        counts: list[Counter[int]] = [Counter() for _ in self._bearers]
        sums: list[dict[int, float]] = [defaultdict(float) for _ in self._bearers]
        for bearer, own, length in zip(self._bearer_of, slots, self._lengths, strict=True):
            counts[bearer].update(own)
            for slot in own:
                sums[bearer][slot] += self._rarity[slot] / length
        holding: list[list[int]] = [[] for _ in self._slots]
        gains: list[list[float]] = [[] for _ in self._slots]
        kinship: list[list[float]] = [[] for _ in self._slots]
        self._absent = array("d", (math.log(_PRIOR / (count.total() + _PRIOR)) for count in counts))
        for bearer, count in enumerate(counts):
            norm = math.sqrt(sum(weight * weight for weight in sums[bearer].values())) or 1.0
            for slot, n in count.items():
                holding[slot].append(bearer)
                gains[slot].append(math.log(n / (_PRIOR * self._share[slot]) + 1))
                kinship[slot].append(sums[bearer][slot] / norm)
        self._holding = Lists(array("H"), holding)
        self._gains, self._kinship = Lists(array("f"), gains), Lists(array("f"), kinship)

    def _held(self, slot: int) -> tuple[array[int], array[float], array[float]]:
        """The bearers that have a feature, with its gain and its weight under each."""
        return self._holding[slot], self._gains[slot], self._kinship[slot]

    def _spelt(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, each misspelt one replaced by the known word that it is near to."""
        looked_up, spelt = 0, []
        for word in words:
            if stem(word) in self._slots or looked_up >= _MISSPELLED:
                spelt.append(word)
            else:
                looked_up += 1
                spelt.append(self._speller.nearest(word) or word)
        return tuple(spelt)

    def _weighed(self, stems: Sequence[str]) -> dict[int, float]:
        """The TF-IDF vector of the words, of length 1, by feature."""
        slots = [slot for name in _features(stems) if (slot := self._slots.get(name)) is not None]
        length = math.sqrt(sum([self._rarity[slot] ** 2 for slot in slots])) or 1.0
        return {slot: self._rarity[slot] / length for slot in slots}

    def _near_phrasings(self, question: Mapping[int, float], text: str) -> dict[int, list[_Near]]:
        """The nearest phrasings by bearer."""
        scores: dict[int, float] = defaultdict(float)
        for slot in self._rarest_of(question, self._holders):
            weight = question[slot] * self._rarity[slot]
            for number in self._holders[slot][:_LONGEST_LIST]:
                scores[number] += weight
        near: dict[int, list[_Near]] = defaultdict(list)
        weights = {slot: weight * self._rarity[slot] for slot, weight in question.items()}
        for number, _ in sorted(scores.items(), key=itemgetter(1), reverse=True)[:_PHRASINGS]:
            shared = sum([weights[slot] for slot in self._features[number] if slot in weights])
            letters = fuzz.token_sort_ratio(text, self._folded[number]) / 100
            near[self._bearer_of[number]].append(_Near(shared / self._lengths[number], letters, number))
        return near

    def _likely_bearers(self, question: Mapping[int, float], near: Iterable[int]) -> Iterable[int]:
        """Those with the best log-odds by the rarer features, and those of the nearest phrasings."""
        gains: dict[int, float] = defaultdict(float)
        for slot in self._rarest_of(question, self._holding):
            for bearer, gain in zip(self._holding[slot], self._gains[slot], strict=True):
                gains[bearer] += gain
        n = len(question)
        odds = [(gain + n * self._absent[bearer], bearer) for bearer, gain in gains.items()]
        return dict.fromkeys([*(bearer for _, bearer in sorted(odds, reverse=True)[:_BEARERS]), *near])

    def _summed(self, question: Mapping[int, float], bearers: Iterable[int], words: set[int]) -> dict[int, _Sums]:
        """What the question's features add up to under each bearer, which is looked up among those that have them."""
        sums = {bearer: _Sums() for bearer in bearers}
        holding, gains, kinship = self._holding.items, self._gains.items, self._kinship.items
        for slot, weight in question.items():
            rarity = self._rarity[slot] if slot in words else 0.0
            start, end = self._holding.bounds(slot)
            for bearer, held in sums.items():
                at = bisect_left(holding, bearer, start, end)
                if at < end and holding[at] == bearer:
                    held.gain += gains[at]
                    held.kinship += weight * kinship[at]
                    held.explained += rarity
                elif rarity > held.strange:
                    held.strange = rarity
        return sums

    @staticmethod
    def _rarest_of(question: Iterable[int], lists: Lists[int]) -> Iterator[int]:
        """The features with the shortest lists, as many as may be read for one question."""
        read = 0
        for size, slot in sorted((lists.size(slot), slot) for slot in question):
            if read and read + size > _POSTINGS:
                return
            read += size
            yield slot

    def _candidate(self, bearer: int, sums: _Sums, near: list[_Near], features: int, mass: float) -> Candidate:
        cosines = sorted([one.cosine for one in near], reverse=True)
        letters = sorted([one.letters for one in near], reverse=True)
        signals = Signals(
            odds=(sums.gain + features * self._absent[bearer]) / math.sqrt(features or 1),
            kinship=sums.kinship,
            nearest=cosines[0] if near else 0.0,
            nearest3=sum(cosines[:3]) / 3,
            letters=letters[0] if near else 0.0,
            letters3=sum(letters[:3]) / 3,
            explained=sums.explained / mass if mass else 0.0,
            familiar=1 - sums.strange / self._rarest,
        )
        nearest = self._texts[max(near, key=attrgetter("cosine")).number] if near else ""
        return Candidate(self._bearers[bearer], signals, nearest)


def _exact(asked: Iterable[Phrasing]) -> dict[str, str]:
    """Whom each phrasing asks for, by its words; without those that ask for several, a place or a name left open."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for phrasing in asked:
        bearers[" ".join(phrasing.words)].add(phrasing.bearer)
    return {words: next(iter(own)) for words, own in bearers.items() if words and len(own) == 1}


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(word) for word in words]


def _features(stems: Sequence[str]) -> list[str]:
    """The different words of a text and its pairs of neighbours, in the order in which they stand."""
    return list(dict.fromkeys([*stems, *(f"{a} {b}" for a, b in pairwise(("^", *stems)))]))
