"""A message in pieces: the sentence in which it asks, and where two questions may be cut apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.text import tokens

MOST_QUESTIONS = 3

_LONGEST = 400  # characters: a longer message tells a story, and its sentences are no questions of their own
_MOST_CUTS = 4
_SENTENCE_END = re.compile(r"(?<=[?!…])\s+|(?<=[^\s.]{2}\.)\s+|\s*[\n;]+\s*")
_JOINT = re.compile(r"\s*,?\s+(?:et|and|puis|then|also|aussi|plus|\+)\s+(?:aussi\s+|also\s+)?", re.IGNORECASE)
_ASKING = frozenset(
    [
        *("qui", "que", "quoi", "quel", "quelle", "quels", "quelles", "ou", "quand", "comment", "combien", "pourquoi"),
        *("qu", "est", "c", "ki", "koi", "peut", "puis", "dois", "faut", "definition", "contact", "numero", "mail"),
        *("who", "whom", "what", "which", "where", "when", "why", "how", "is", "are", "can", "may", "should", "do"),
        *("does", "define", "meaning", "whos", "whats", "phone", "email", "explain", "tell", "give", "donne", "donnez"),
    ]
)


_OPENING = frozenset({"qui", "quoi", "quel", "quelle", "comment", "combien", "who", "what", "which", "how"})


def last_asking(text: str) -> str:
    """The last sentence with a question mark, else the last of all; empty where a text is but one sentence."""
    sentences = _sentences(text)
    asking = [sentence for sentence in sentences if sentence.endswith("?")] or sentences
    return asking[-1] if len(sentences) > 1 else ""


def cuts(text: str) -> Iterator[tuple[list[str], bool]]:
    """Ways of cutting a text into questions: at its sentences, then at one joint between two halves that both ask.

    Each with whether it is plain, as at "? et", ", and" or "et qui"; a bare "et" mostly joins words and not questions.
    """
    if len(text) > _LONGEST:
        return
    questions = [piece for piece in _sentences(text) if piece.endswith("?") and _asks(piece)]
    if len(questions) > 1:
        yield questions, True
    tried = 0
    for joint in _JOINT.finditer(text):
        halves = [text[: joint.start()].strip(), text[joint.end() :].strip()]
        if tried < _MOST_CUTS and all(_asks(half) for half in halves):
            tried += 1
            plain = joint[0].lstrip().startswith(",") or halves[0].endswith("?") or tokens(halves[1])[0] in _OPENING
            yield halves, plain


def _sentences(text: str) -> list[str]:
    return [piece.strip() for piece in _SENTENCE_END.split(text) if piece and piece.strip()]


def _asks(piece: str) -> bool:
    words = tokens(piece)
    return len(words) > 1 and not _ASKING.isdisjoint(words)
