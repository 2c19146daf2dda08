"""Whose a question is: the institute's own, or of another body, such as a university, an agency, a company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.core.text import tokens

BODY = "otherbody"  # stands for any of them among the words of a question

_US = frozenset({"inserm", "institut", "institute"})  # the name of another one that is listed has become BODY by then
_OUR = frozenset({"notre", "nos", "our"})  # right before one of these: "our lab", not "our small lab", to stay certain
_PARTS = frozenset(
    [
        *(
            "labo",
            "labos",
            "laboratoire",
            "equipe",
            "equipes",
            "unite",
            "unites",
            "institution",
            "chercheurs",
            "etudes",
        ),
        *("lab", "labs", "laboratory", "team", "teams", "unit", "units", "group", "groupe", "researchers", "studies"),
    ]
)


def names_us(words: Sequence[str]) -> bool:
    """Whether words that have been read name the institute, or a part of it as "ours"."""
    return not _US.isdisjoint(words) or any(one in _OUR and other in _PARTS for one, other in pairwise(words))


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
