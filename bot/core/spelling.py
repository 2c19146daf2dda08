"""Known words for misspelt ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process


class Speller:
    """Finds the known word nearest to a misspelt one, among those of the same first letter and about its length.

    `alike` (of 100) is how near it must be, `shortest` the length below which a word is taken as it stands.
    """

    def __init__(self, words: Iterable[str], *, alike: float, shortest: int) -> None:
        self._alike, self._shortest = alike, shortest
        self._shelves: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if word.isalpha() and len(word) >= shortest - 1:
                self._shelves[word[0], len(word)].append(word)

    def nearest(self, word: str) -> str | None:
        """The nearest known word, or None where none is near enough."""
        if len(word) < self._shortest or not word.isalpha():
            return None
        near = [known for size in (-1, 0, 1) for known in self._shelves.get((word[0], len(word) + size), ())]
        best = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=self._alike)
        return best[0] if best else None
