"""The phrasings nearest to a question, by words, and how near they are in letters."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import repeat

from rapidfuzz import fuzz

from bot.core.features import Features
from bot.core.lists import Lists

_COMPARED = 20  # phrasings that are compared letter by letter
_READ = 600  # places in the lists of features that are read for one question, the rarest features first
_LONGEST = 1_500  # places of the first of them, where even the rarest word of a question is common


@dataclass(frozen=True, slots=True)
class Near:
    """A phrasing near to a question: the cosine of their TF-IDF vectors, the rapidfuzz ratio of their sorted words."""

    number: int
    cosine: float
    letters: float


class Nearest:
    def __init__(self, features: Features, phrasings: Sequence[Sequence[int]], words: Iterable[Sequence[str]]) -> None:
        """List the phrasings under their features (numbers), the short ones first, which stay where a list is cut.

        `words` are those of the phrasings, in the same order.
        """
        self._rarity = features.rarity
        self._features = Lists(array("I"), phrasings)
        self._lengths = array("d", (math.hypot(*(features.rarity[n] for n in own)) or 1.0 for own in phrasings))
        self._sorted = [_sorted(own) for own in words]
        holders: list[list[int]] = [[] for _ in range(len(features))]
        for number in sorted(range(len(phrasings)), key=self._lengths.__getitem__):
            for feature in phrasings[number]:
                holders[feature].append(number)
        self._holders = Lists(array("I"), holders)

    def near(self, question: Mapping[int, float], words: Iterable[str]) -> list[Near]:
        """The phrasings nearest to a question, given as its TF-IDF vector and its words."""
        weights = {feature: weight * self._rarity[feature] for feature, weight in question.items()}
        scores: dict[int, float] = defaultdict(float)
        for feature, numbers in self._rarest(question):
            weight = weights[feature]
            for number in numbers:
                scores[number] += weight
        text, weight_of, lengths = _sorted(words), weights.get, self._lengths
        likely = nlargest(_COMPARED, [(score / lengths[number], number) for number, score in scores.items()])
        found = []
        for _, number in likely:
            shared = sum(map(weight_of, self._features[number], repeat(0.0)))
            letters = fuzz.ratio(text, self._sorted[number]) / 100
            found.append(Near(number, shared / lengths[number], letters))
        return found

    def _rarest(self, question: Iterable[int]) -> Iterator[tuple[int, Sequence[int]]]:
        """The features with the shortest lists, each with its list, as many as may be read for one question."""
        read = 0
        for size, feature in sorted((self._holders.size(feature), feature) for feature in question):
            if read and read + size > _READ:
                return
            read += size
            yield feature, self._holders[feature][:_LONGEST]


def _sorted(words: Iterable[str]) -> str:
    return " ".join(sorted(words))
