"""The phrasings nearest to a question: by words, and in letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from bot.core.bearers import Question
from bot.core.features import Features
from bot.core.lists import Floats, Integers, Lists, gathered, sizes, table, totals

CLOSEST = 3  # phrasings of a bearer that are looked at
_READ = 6_000  # places in the lists of features that are read for one question, the rarest features first


class Nearest:
    """Phrasings are numbers, those of one bearer together."""

    def __init__(
        self, features: Features, of: Integers, phrasing: Integers, starts: Integers, words: Iterable[Sequence[str]]
    ) -> None:
        """`of` and `phrasing` are the pairs of a feature and a phrasing that has it, sorted by feature.

        `starts` says where each bearer's phrasings begin, and `words` what the words of each phrasing are.
        """
        self._sorted = [*(_sorted(own) for own in words), ""]  # the last stands where a bearer has too few
        self._starts = starts
        self._bounds = [*starts.tolist(), len(self._sorted) - 1]
        self._lists = Lists(of, len(features))
        lengths = np.sqrt(totals(phrasing, features.rarity[of] ** 2, len(self._sorted)))
        self._table = table(phrasing, features.rarity[of] / lengths[phrasing])

    def cosines(self, question: Question) -> Floats:
        """The cosine of every phrasing's TF-IDF vector with a question's, but for the question's commonest features."""
        slices = self._lists.slices(question.numbers)
        long = sizes(slices)
        read, first = 0, len(slices)
        while first and (not read or read + long[first - 1] <= _READ):
            first -= 1
            read += long[first]
        phrasings, weights = gathered(self._table, slices[first:])
        weights = weights * np.repeat(question.vector[first:], long[first:])
        return totals(phrasings.astype(np.intp), weights, len(self._sorted))

    def best(self, cosines: Floats) -> Floats:
        """The cosine of each bearer's nearest phrasing."""
        best: Floats = np.maximum.reduceat(cosines, self._starts) if len(cosines) else cosines
        return best

    def closest(self, cosines: Floats, bearer: int) -> list[int]:
        """The three nearest phrasings of a bearer, the nearest first; the one like none where it has fewer."""
        start, end = self._bounds[bearer : bearer + 2]
        own, found = cosines[start:end].copy(), [len(self._sorted) - 1] * CLOSEST
        for place in range(min(CLOSEST, end - start)):
            nearest = int(own.argmax())
            found[place] = start + nearest
            own[nearest] = -1.0
        return found

    def letters(self, words: Iterable[str], numbers: Iterable[int]) -> Floats:
        """How alike a question's sorted words and those of phrasings are in letters: rapidfuzz's ratio, from 0 to 1."""
        texts = [self._sorted[number] for number in numbers]
        letters: Floats = process.cdist([_sorted(words)], texts, scorer=fuzz.ratio)[0] / 100
        return letters


def _sorted(words: Iterable[str]) -> str:
    return " ".join(sorted(words))
