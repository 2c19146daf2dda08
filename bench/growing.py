"""More phrasings than anybody wrote: the shipped ones recombined, with a vocabulary that grows as it does in text.

Heaps' law says that N running words have about K·N^β different ones. K and β are fitted to the shipped phrasings in
random order. A new phrasing is the beginning of one and the end of another of the same bearer. Where the vocabulary
lags behind the law, one of its words becomes a word that was never seen, made of the beginning and the end of two known
ones; as often one becomes a word that was made before, so that made words recur as others do.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count, islice

from bot.core.index import Phrasing

SEED = 2016

Words = tuple[str, ...]


def heaps(asked: Sequence[Phrasing]) -> tuple[float, float]:
    """K and β of the phrasings, by least squares over the logarithms at twenty lengths."""
    texts = [one.words for one in asked]
    random.Random(SEED).shuffle(texts)
    steps = {len(texts) * n // 20 for n in range(1, 21)}
    seen: set[str] = set()
    points, running = [], 0
    for number, words in enumerate(texts, 1):
        seen.update(words)
        running += len(words)
        if number in steps:
            points.append((math.log(running), math.log(len(seen))))
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    beta = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)
    return math.exp(y - beta * x), beta


def grown(asked: Sequence[Phrasing], size: int) -> list[Phrasing]:
    """That many phrasings, with as many to a bearer as there are: a bearer whose turn comes again is another one."""
    chance, (scale, power) = random.Random(SEED), heaps(asked)
    known = sorted({word for one in asked for word in one.words})
    made: list[str] = []
    seen: set[str] = set()
    running, result = 0, []
    for bearer, spliced in islice(_recombined(asked, chance), size):
        words = list(spliced)
        running += len(words)
        if len(seen) < scale * running**power:  # behind the law
            made.append(_new_word(chance, known))
            words[chance.randrange(len(words))] = made[-1]
            if chance.random() < 0.5:
                words[chance.randrange(len(words))] = chance.choice(made)
        seen.update(words)
        result.append(Phrasing(bearer, " ".join(words), tuple(words)))
    return result


def _recombined(asked: Sequence[Phrasing], chance: random.Random) -> Iterator[tuple[str, Words]]:
    """Without end: each bearer as often as it has phrasings, in random order, then all of them anew."""
    by_bearer: dict[str, list[Words]] = defaultdict(list)
    for one in asked:
        if one.words:
            by_bearer[one.bearer].append(one.words)
    bearers = list(by_bearer)
    for turn in count():
        chance.shuffle(bearers)
        for bearer in bearers:
            own = by_bearer[bearer]
            for _ in own:
                yield f"{bearer}~{turn}", _spliced(chance.choice(own), chance.choice(own), chance)


def _spliced(one: Words, other: Words, chance: random.Random) -> Words:
    return one[: chance.randint(1, len(one))] + other[chance.randint(1, len(other)) :]


def _new_word(chance: random.Random, known: Sequence[str]) -> str:
    one, other = chance.choice(known), chance.choice(known)
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]
