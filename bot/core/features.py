"""What questions and phrasings are compared by: the stems of a text, and its pairs of neighbouring stems.

Inside the index a feature is a number, the more frequent the smaller.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from bot.core.text import stem

_COMMON = 0.01  # of all phrasings: what as many have says how something is asked rather than what


class Features:
    """The features of all phrasings, with how rare each is."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """Number the features of texts that are given as theirs (`features_of`)."""
        spread = Counter(name for own in texts for name in own)
        total, everything = len(texts), max(1, spread.total())
        counted = spread.most_common()
        counts = np.array([count for _, count in counted], dtype=np.float64)
        self._numbers: Mapping[str, int] = {name: number for number, (name, _) in enumerate(counted)}
        self.rarity = np.log((1 + total) / (1 + counts)) + 1  # smoothed IDF
        self.share = counts / everything
        self.is_word = np.array([" " not in name for name, _ in counted], dtype=bool)
        self.common = int((counts >= _COMMON * total).sum())
        self.rarest = math.log(1 + total) + 1

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def numbers(self, names: Iterable[str]) -> list[int]:
        """The numbers of the features that are known."""
        return [number for name in names if (number := self._numbers.get(name)) is not None]


def stems_of(words: Iterable[str]) -> list[str]:
    return [stem(word) for word in words]


def features_of(stems: Sequence[str]) -> list[str]:
    """The different stems of a text and its pairs of neighbours, in the order in which they stand."""
    return list(dict.fromkeys([*stems, *(f"{a} {b}" for a, b in pairwise(("^", *stems)))]))
