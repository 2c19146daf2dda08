"""The courtesies around a question: a greeting before it, thanks after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.knowledge import Wrapping
from bot.core.text import tokens

_FEWEST = 3  # words that ask
_JOINTS = frozenset({"et", "and"})  # between two of them


class Unwrapper:
    """Takes off a question what is said for courtesy's sake before and after it."""

    def __init__(self, wrapping: Wrapping) -> None:
        self._before = _Formulas(tokens(formula) for formula in wrapping.before)
        self._after = _Formulas(tokens(formula)[::-1] for formula in wrapping.after)

    def asking(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words that ask; all of them where hardly any would be left: "got it, thanks" is said as a whole."""
        inner = words[self._before.run(words) :]
        inner = inner[: len(inner) - self._after.run(inner[::-1])]
        return tuple(inner if len(inner) >= _FEWEST else words)


class _Formulas:
    """Fixed phrases, as words."""

    def __init__(self, formulas: Iterable[Sequence[str]]) -> None:
        self._known = {tuple(words) for words in formulas if words}
        self._longest = max(map(len, self._known), default=0)

    def run(self, words: Sequence[str]) -> int:
        """How many words make up the formulas with which a text begins, one behind the other or joined."""
        end = at = 0
        while length := self._length(words, at):
            end = at + length
            at = end + 1 if end < len(words) and words[end] in _JOINTS else end
        return end

    def _length(self, words: Sequence[str], at: int) -> int:
        """How long the longest formula is that begins there; 0 if none does."""
        lengths = range(min(self._longest, len(words) - at), 0, -1)
        return next((length for length in lengths if tuple(words[at : at + length]) in self._known), 0)
