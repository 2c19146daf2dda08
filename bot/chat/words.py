"""Words on their way to people: what every platform's renderer does with them before its own markup."""

from __future__ import annotations

import re
from typing import Protocol

from bot.core.answers import Language

# Control characters, lone surrogates and the marks that turn the direction of what follows: no reader misses them.
_UNSEEMLY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Say(Protocol):
    """The bot's own labels: `Knowledge.say`."""

    def __call__(self, key: str, language: Language, /, **values: object) -> str: ...


def clean(text: str) -> str:
    return _UNSEEMLY.sub("", text.replace("\r\n", "\n")).strip()


def shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
