"""Which of the two languages a question is in, by the words of our own phrasings and by who asks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.core.answers import Language

_ENOUGH = 1.6  # log-odds from which the words decide by themselves: five to one
_PRIOR = 0.5  # occurrences that a word is credited with in each language


class LanguageTeller:
    """Tells French from English by how often each word stands in phrasings of either (naive Bayes)."""

    def __init__(self, texts: Iterable[tuple[Language, Sequence[str]]]) -> None:
        counts: dict[Language, Counter[str]] = {"fr": Counter(), "en": Counter()}
        for language, words in texts:
            counts[language].update(words)
        french, english = counts["fr"], counts["en"]
        scale = math.log((english.total() + 1) / (french.total() + 1))
        self._odds = {
            word: math.log((french[word] + _PRIOR) / (english[word] + _PRIOR)) + scale
            for word in french.keys() | english.keys()
        }

    def tell(self, words: Sequence[str], *, locale: str = "", previous: Language | None = None) -> Language:
        """The language of the words; where they don't decide, of the person, of the previous turn, or French."""
        odds = sum(self._odds.get(word, 0.0) for word in words)
        if abs(odds) >= _ENOUGH:
            return "fr" if odds > 0 else "en"
        hint = locale.lower()[:2]
        if hint in {"fr", "en"}:
            return "fr" if hint == "fr" else "en"
        return previous or ("en" if odds < 0 and words else "fr")
