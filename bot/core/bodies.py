"""Other institutes in a question: research bodies, universities, agencies, companies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.text import tokens

BODY = "otherbody"  # stands for any of them among the words of a question


class BodyFinder:
    """Finds other bodies by their names, the longest first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {tuple(words) for name in names if (words := tokens(name))}
        self._longest: dict[str, int] = {}  # words of the longest name that begins with that word
        for first, *others in self._names:
            self._longest[first] = max(1 + len(others), self._longest.get(first, 0))

    def replaced(self, words: Sequence[str]) -> list[str]:
        """The words with one BODY in the stead of each name."""
        if self._longest.keys().isdisjoint(words):
            return list(words)
        result, at = [], 0
        while at < len(words):
            end = self._end(words, at)
            result.append(BODY if end else words[at])
            at = end or at + 1
        return result

    def _end(self, words: Sequence[str], at: int) -> int:
        """Where the longest name ends that begins there; 0 if none does."""
        ends = range(min(len(words), at + self._longest.get(words[at], 0)), at, -1)
        return next((end for end in ends if tuple(words[at:end]) in self._names), 0)
