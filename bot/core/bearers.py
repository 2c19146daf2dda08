"""What the features of a question say of each bearer: of each thing that phrasings ask for."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter

from bot.core.features import Features
from bot.core.lists import Lists

_LEADING = 24  # bearers of a feature by which candidates are found: those for which it speaks most
_PRIOR = 300.0  # features that a bearer is credited with beforehand, spread as in all phrasings: see `_gain`


@dataclass(frozen=True, slots=True)
class Question:
    """The features of a question: its TF-IDF vector, those that are words, the rarest first, how many are common."""

    vector: Mapping[int, float]
    words: Sequence[int]
    common: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What a question's features add up to under one bearer.

    `odds` are log-odds against all phrasings, `asking` those of the common features alone, `kinship` is a cosine;
    `explained` is the rarity of the words that the bearer knows, `strange` that of the rarest which it doesn't.
    """

    odds: float
    asking: float
    kinship: float
    explained: float
    strange: float


class Bearers:
    """Two ways into one table of features and bearers: from a feature to those it speaks for, from a bearer to all."""

    def __init__(self, features: Features, phrasings: Sequence[Sequence[int]], bearer_of: Sequence[int]) -> None:
        """Weigh the features (numbers) of the phrasings for the bearer (a number) of each."""
        self._features = features
        counts, sums = _counted(features, phrasings, bearer_of)
        self._absent = array("d", (math.log(_PRIOR / (count.total() + _PRIOR)) for count in counts))
        own = [sorted(count) for count in counts]
        self._own = Lists(array("I"), own)
        self._gains, self._kinship = array("f"), array("f")
        leading: list[list[tuple[float, int]]] = [[] for _ in range(len(features))]
        for bearer, (numbers, count, weights) in enumerate(zip(own, counts, sums, strict=True)):
            length = math.hypot(*weights.values()) or 1.0
            for number in numbers:
                gain = _gain(count[number], features.share[number])
                self._gains.append(gain)
                self._kinship.append(weights[number] / length)
                leading[number].append((gain, bearer))
        best = [nlargest(_LEADING, gains) for gains in leading]
        self._leading = Lists(array("H"), ([bearer for _, bearer in gains] for gains in best))
        self._leads = Lists(array("f"), ([gain for gain, _ in gains] for gains in best))
        self._places: dict[int, dict[int, int]] = {}

    def likely(self, question: Collection[int], most: int) -> list[int]:
        """The bearers for which the features speak most."""
        gains: dict[int, float] = defaultdict(float)
        for number in question:
            for bearer, gain in zip(self._leading[number], self._leads[number], strict=True):
                gains[bearer] += gain
        absent = self._absent
        odds = [(bearer, gain + len(question) * absent[bearer]) for bearer, gain in gains.items()]
        return [bearer for bearer, _ in nlargest(most, odds, key=itemgetter(1))]

    def sums(self, bearer: int, question: Question) -> Sums:
        """What the features of a question add up to under one bearer."""
        places, rarity, common = self._placed(bearer), self._features.rarity, self._features.common
        gains, kinship, absent = self._gains, self._kinship, self._absent[bearer]
        vector, words = question.vector, question.words
        odds = asking = kin = 0.0
        for number in vector.keys() & places.keys():
            at = places[number]
            odds += gains[at]
            kin += vector[number] * kinship[at]
            if number < common:
                asking += gains[at]
        strange = [rarity[number] for number in words if number not in places]
        return Sums(
            odds=(odds + len(vector) * absent) / math.sqrt(len(vector) or 1),
            asking=(asking + question.common * absent) / math.sqrt(question.common or 1),
            kinship=kin,
            explained=sum([rarity[number] for number in words if number in places]),
            strange=strange[0] if strange else 0.0,
        )

    def gain(self, bearer: int, number: int) -> float:
        """How much a feature speaks for a bearer, in log-odds; 0 where the bearer has never seen it."""
        at = self._placed(bearer).get(number)
        return 0.0 if at is None else self._gains[at]

    def _placed(self, bearer: int) -> Mapping[int, int]:
        """Where in the arrays the features of a bearer stand; made when it is first needed, for a quick start."""
        if (places := self._places.get(bearer)) is None:
            start, end = self._own.bounds(bearer)
            places = self._places[bearer] = dict(zip(self._own[bearer], range(start, end), strict=True))
        return places


def _counted(
    features: Features, phrasings: Sequence[Sequence[int]], bearer_of: Sequence[int]
) -> tuple[list[Counter[int]], list[dict[int, float]]]:
    """For each bearer, how many of its phrasings have each feature, and the sum of their TF-IDF vectors."""
    size = max(bearer_of, default=-1) + 1
    counts: list[Counter[int]] = [Counter() for _ in range(size)]
    sums: list[dict[int, float]] = [defaultdict(float) for _ in range(size)]
    for bearer, own in zip(bearer_of, phrasings, strict=True):
        length = math.hypot(*(features.rarity[number] for number in own)) or 1.0
        counts[bearer].update(own)
        for number in own:
            sums[bearer][number] += features.rarity[number] / length
    return counts, sums


def _gain(count: int, share: float) -> float:
    """What a feature adds to a bearer's log-odds, beside what each feature takes away for being one (`_absent`).

    The log-odds are those of a multinomial model whose prior is the distribution over all phrasings (Monroe, Colaresi
    and Quinn, "Fightin' Words", 2008, section 3.3), so that a bearer of few phrasings is not believed.
    """
    return math.log(count / (_PRIOR * share) + 1)
