"""The courtesies around a question: a greeting before it, thanks after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bot.core.knowledge import Wrapping
from bot.core.text import tokens

_SIGNATURE = 8  # words, at most
_JOINTS = frozenset({"et", "and"})  # between two of them


class Unwrapper:
    """Takes off a question what is said for courtesy's sake before and after it."""

    def __init__(self, wrapping: Wrapping) -> None:
        self._before = _Formulas(tokens(formula) for formula in wrapping.before)
        self._after = _Formulas(tokens(formula)[::-1] for formula in (*wrapping.after, *wrapping.signing))
        self._signing = _Formulas(map(tokens, wrapping.signing))

    def asking(self, words: Sequence[str], capitalised: Collection[str] = ()) -> tuple[str, ...]:
        """The words that ask; all of them where none would be left.

        `capitalised` are those words that bear a capital as names do: thanks may be signed with them.
        """
        inner = self._unsigned(words[self._before.run(words) :], capitalised)
        return tuple(inner[: len(inner) - self._after.run(inner[::-1])] or words)

    def _unsigned(self, words: Sequence[str], capitalised: Collection[str]) -> Sequence[str]:
        """The words up to a signature: what stands behind "best regards", or the names behind thanks."""
        for at in range(max(1, len(words) - _SIGNATURE), len(words)):
            if self._signing.run(words[at:]):
                return words[: at - 1] if words[at - 1] in _JOINTS else words[:at]
        names = next((n for n, word in enumerate(reversed(words)) if word not in capitalised), 0)
        thanked = len(words) - names
        return words[:thanked] if names and self._after.run(words[:thanked][::-1]) else words


class _Formulas:
    """Fixed phrases, as words."""

    def __init__(self, formulas: Iterable[Sequence[str]]) -> None:
        self._known = {tuple(words) for words in formulas if words}
        self._longest = max(map(len, self._known), default=0)
        self._first = {words[0] for words in self._known}

    def run(self, words: Sequence[str]) -> int:
        """How many words make up the formulas with which a text begins, one behind the other or joined."""
        end = at = 0
        while length := self._length(words, at):
            end = at + length
            at = end + 1 if end < len(words) and words[end] in _JOINTS else end
        return end

    def _length(self, words: Sequence[str], at: int) -> int:
        """How long the longest formula is that begins there; 0 if none does."""
        if at >= len(words) or words[at] not in self._first:
            return 0
        lengths = range(min(self._longest, len(words) - at), 0, -1)
        return next((length for length in lengths if tuple(words[at : at + length]) in self._known), 0)
