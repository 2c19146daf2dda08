"""Words, as the matching sees them: folded, split, stemmed; and what must not be kept of them, masked."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

LONGEST = 1_000  # characters of a question that are read; nobody reads further either

_BY_HAND = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "‘": "'", "ʼ": "'", "´": "'", "ß": "ss"}
_ODD = re.compile(f"[{''.join(_BY_HAND)}]")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_ELISION = re.compile(r"\b(?:qu|jusqu|lorsqu|puisqu|quelqu|[ldjmtsnc])'(?=\w)")
_CAPITALISED = re.compile(  # behind a sign that ends no sentence; or at the beginning, set off by a colon
    r"(?<=[\w,;:)][ '’-])[A-ZÀ-Þ][a-zß-ÿ]+\b|^[A-ZÀ-Þ][a-zß-ÿ]+(?=\s?:)"
)
_TOKEN = re.compile(r"[a-z0-9]+|[#@]")
MAIL = re.compile(r"[\w.+-]++@[\w-]+\.[\w.-]+")
PHONE = re.compile(r"(?<![\w/])(?:\+|00)?\(?\d(?:[\s.()/-]{0,2}\d){8,13}(?!\d)")
_SOCIAL_SECURITY = re.compile(r"(?<!\d)[12](?:[\s.]?\d){5}[\s.]?[\dABab](?:[\s.]?\d){6}(?:[\s.]?\d{2})?(?!\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without control and direction characters and lone surrogates, cut at LONGEST characters."""
    return _CONTROL.sub(" ", text[: 4 * LONGEST]).strip()[:LONGEST].rstrip()


def fold(text: str) -> str:
    """Lower case, without accents; ligatures and apostrophes made plain."""
    by_hand = _ODD.sub(lambda odd: _BY_HAND[odd[0]], text)  # few texts have any: str.translate looks at each letter
    flat = unicodedata.normalize("NFKD", by_hand).casefold()  # first plain letters, then small ones
    plain = flat if flat.isascii() else _ACCENTS.sub("", flat)
    return plain if plain.isascii() else "".join([char for char in plain if not unicodedata.combining(char)])


def tokens(text: str) -> list[str]:
    """The words of a text, folded, elisions split off; # and @ before a word stay as words of their own."""
    return _TOKEN.findall(_ELISION.sub("", _LINK.sub(" link ", fold(text))))


def capitalised(text: str) -> frozenset[str]:
    """The words, folded, that bear a capital as names do: within a sentence, or before a colon ("Nancy: who …?")."""
    return frozenset(fold(word) for word in _CAPITALISED.findall(text))


def mask(text: str) -> str:
    """The text with mail addresses, phone and social-security numbers replaced by what they are."""
    masked = _SOCIAL_SECURITY.sub("[n° SS]", MAIL.sub("[mail]", text))
    return PHONE.sub("[tél.]", masked)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A stem under which the word's French and English inflections meet: both stemmers, one after the other."""
    return _ENGLISH.stemWord(_FRENCH.stemWord(word)) if len(word) > _SHORT else word


def grams(word: str, size: int = 3) -> set[str]:
    """The runs of `size` letters of a word, its ends marked."""
    padded = f"^{word}$"
    return {padded[i : i + size] for i in range(max(1, len(padded) - size + 1))}


_SHORT = 3
_FRENCH = Stemmer.Stemmer("french")
_ENGLISH = Stemmer.Stemmer("english")
