"""What is left out together when phrasings are asked back of an index that doesn't hold them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.core.asked import is_topic
from bot.core.index import Phrasing

FOLDS = 8
_SEED = 2016
_SAME_CLUSTER = 0.5  # the share of words that two phrasings have in common


def folds(asked: Sequence[Phrasing]) -> Iterator[set[int]]:
    """What is left out together: clusters of alike phrasings first, then whole outside topics."""
    chance = random.Random(_SEED)  # noqa: S311 - folds must be the same each time
    by_bearer: dict[str, list[int]] = defaultdict(list)
    for number, phrasing in enumerate(asked):
        by_bearer[phrasing.bearer].append(number)
    clusters = [cluster for numbers in by_bearer.values() for cluster in _clusters(asked, numbers)]
    topics = [numbers for bearer, numbers in by_bearer.items() if is_topic(bearer)]
    for groups in (clusters, topics):
        chance.shuffle(groups)
        for fold in range(FOLDS):
            yield {number for group in groups[fold::FOLDS] for number in group}


def _clusters(asked: Sequence[Phrasing], numbers: Iterable[int]) -> list[list[int]]:
    clusters: list[tuple[list[int], list[set[str]]]] = []
    for number in numbers:
        words = set(asked[number].words)
        for members, bags in clusters:
            if any(len(words & bag) >= _SAME_CLUSTER * len(words | bag) for bag in bags):
                members.append(number)
                bags.append(words)
                break
        else:
            clusters.append(([number], [words]))
    return [members for members, _ in clusters]
