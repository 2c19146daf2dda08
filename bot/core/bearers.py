"""What the features of a question say of each bearer: of each thing that phrasings ask for."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from bot.core.features import Features
from bot.core.lists import Array, Floats, Integers, Lists, gathered, sizes, table, totals

_RAREST = 12  # words of a question of which the rarest unknown one may be
_PRIOR = 300.0  # features that a bearer is credited with beforehand, spread as in all phrasings: see `gains`


@dataclass(frozen=True, slots=True)
class Question:
    """A question's features, the most frequent first, with its TF-IDF vector; and those of them that are words.

    `mass` is the rarity of all its words together, `unknown` that of the words which no phrasing has.
    """

    numbers: list[int]
    vector: Array
    words: list[int]
    mass: float
    unknown: float


@dataclass(frozen=True, slots=True)
class Sums:
    """What a question's features add up to under each bearer: arrays of one value for each.

    `odds` are log-odds against all phrasings, `asking` those of the common features alone, `kinship` is a cosine;
    `explained` is the rarity of the words that the bearer knows; `familiar` is 1 where it knows all of them, less by
    the rarity of the rarest unknown, and 0 where no word could be rarer; `owned` is the bearer's share of the rarest
    word that any phrasing has: of its uses, if all bearers had as many phrasings.
    """

    odds: Floats
    asking: Floats
    kinship: Floats
    explained: Floats
    familiar: Floats
    owned: Floats


class Bearers:
    """A table of features and bearers: under each feature the bearers that know it, and what it says of each."""

    def __init__(self, features: Features, of: Integers, phrasing: Integers, bearer_of: Integers) -> None:
        """Weigh the features for the bearers. `of` and `phrasing` are the pairs of a feature and a phrasing with it.

        `bearer_of` has the bearer (a number) of each phrasing.
        """
        self._features = features
        self._size = size = int(bearer_of.max(initial=-1)) + 1
        rarity = features.rarity[of]
        length = np.sqrt(totals(phrasing, rarity**2, len(bearer_of)))
        pairs, place, counts = np.unique(of * size + bearer_of[phrasing], return_inverse=True, return_counts=True)
        feature, bearer = np.divmod(pairs, size) if size else (pairs, pairs)
        weight = totals(place, rarity / length[phrasing], len(pairs))
        kinship = weight / np.sqrt(totals(bearer, weight**2, size))[bearer]
        rate = counts / totals(bearer_of, np.ones(len(bearer_of)), size)[bearer]
        self._lists = Lists(feature, len(features))
        share = rate / totals(feature, rate, len(features))[feature]
        self._table = table(bearer, _gains(counts, features.share[feature]), kinship, share)
        self._absent = np.log(_PRIOR / (totals(bearer, counts, size) + _PRIOR))
        self._word = np.cumsum(features.is_word, dtype=np.int32) - 1
        self._known = _bits(self._word[feature], bearer, features.is_word[feature], size)

    def sums(self, question: Question) -> Sums:
        """What the features of a question add up to under each bearer."""
        slices, size = self._lists.slices(question.numbers), self._size
        long, number = sizes(slices), len(slices)
        numbers, gains, kinship, _ = gathered(self._table, slices)
        bearers = numbers.astype(np.intp)
        common = bisect_left(question.numbers, self._features.common)
        of_common = sum(long[:common])
        odds = totals(bearers, gains, size) + number * self._absent
        asking = totals(bearers[:of_common], gains[:of_common], size) + common * self._absent
        explained, familiar, owned = self._words(question.words)
        kin = totals(bearers, kinship * np.repeat(question.vector, long), size)
        return Sums(odds / math.sqrt(number or 1), asking / math.sqrt(common or 1), kin, explained, familiar, owned)

    def gain(self, bearer: int, number: int) -> float:
        """How much a feature speaks for a bearer, in log-odds; 0 where the bearer has never seen it."""
        (own,) = self._lists.slices([number])
        bearers, gains, *_ = self._table[own].T
        return float(gains[bearers == bearer].sum())

    def _words(self, words: list[int]) -> tuple[Floats, Floats, Floats]:
        """How much of the words each bearer knows: `explained`, `familiar` and `owned` of Sums."""
        rarity = self._features.rarity[words].astype(np.float32)
        known = np.unpackbits(self._known[self._word[words]], axis=1, count=self._size).astype(np.float32)
        rarest = slice(-_RAREST, None)
        strange: Floats = ((1 - known[rarest]) * rarity[rarest, None]).max(axis=0, initial=0.0)
        owned = np.zeros(self._size)
        for own in self._lists.slices(words[-1:]):
            bearers, _, _, shares = self._table[own].T
            owned[bearers.astype(np.intp)] = shares
        explained: Floats = (rarity @ known).astype(np.float64)
        return explained, 1.0 - strange / self._features.rarest, owned


def _bits(rows: Array, bearers: Integers, chosen: Array, size: int) -> Array:
    """A row of bits for each word: which bearers know it."""
    rows, bearers = rows[chosen], bearers[chosen]
    bits = np.zeros((int(rows.max(initial=-1)) + 1, -(-size // 8)), dtype=np.uint8)
    np.bitwise_or.at(bits, (rows, bearers // 8), 128 >> bearers % 8)
    return bits


def _gains(counts: Integers, shares: Floats) -> Floats:
    """What a feature adds to a bearer's log-odds, beside what each feature takes away for being one (`_absent`).

    The log-odds are those of a multinomial model whose prior is the distribution over all phrasings (Monroe, Colaresi
    and Quinn, "Fightin' Words", 2008, section 3.3), so that a bearer of few phrasings is not believed.
    """
    gains: Floats = np.log(counts / (_PRIOR * shares) + 1)
    return gains
