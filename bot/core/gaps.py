"""Which unanswered questions ask the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from rapidfuzz import fuzz

from bot.core.text import stem, tokens

_SAME = 80  # of 100: how alike the words of two questions must be, whatever their order
_SHORT = 2  # letters of a word that says little


class _Asked(Protocol):
    @property
    def text(self) -> str: ...


G = TypeVar("G", bound=_Asked)


def resembling(text: str, gaps: Iterable[G]) -> G | None:
    """The gap whose question is most like the text, if one is like enough."""
    words = _gist(text)
    alike = [(fuzz.token_sort_ratio(words, _gist(gap.text)), gap) for gap in gaps if gap.text]
    best = max(alike, key=lambda pair: pair[0], default=None)
    return best[1] if best and words and best[0] >= _SAME else None


def _gist(text: str) -> str:
    return " ".join(stem(word) for word in tokens(text) if len(word) > _SHORT)
