"""Two questions in one message: where it may be cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_QUESTIONS = 3

_SENTENCE_END = re.compile(r"(?<=[?!…])\s+|(?<=[^\s.]{2}\.)\s+|\s*[\n;]+\s*")
_JOINT = re.compile(r"\s*,?\s+(?:et|and|puis|then|also|aussi|ou|or|plus)\s+(?:aussi\s+|also\s+)?", re.IGNORECASE)
_SHORTEST = 2  # words of a piece that can be a question


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, without those of a single sign."""
    return [piece.strip() for piece in _SENTENCE_END.split(text) if piece and re.search(r"\w", piece)]


def cuts(text: str) -> Iterator[list[str]]:
    """Ways of cutting a text into questions: at its sentences, then at one "and" between two halves."""
    whole = sentences(text)
    if len(whole) > 1:
        yield whole
    for joint in _JOINT.finditer(text):
        halves = [text[: joint.start()].strip(), text[joint.end() :].strip()]
        if all(len(half.split()) >= _SHORTEST for half in halves):
            yield halves
