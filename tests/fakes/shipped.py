"""The knowledge that is shipped, read once for all the tests of a process."""

from __future__ import annotations

from functools import cache

from bot.adapters import knowledge_files
from bot.adapters.knowledge_cache import prepared
from bot.core.answers import Language
from bot.core.assistant import Assistant, Options, Prepared
from bot.core.knowledge import Knowledge
from bot.settings import ROOT, VAR


@cache
def shipped_knowledge() -> Knowledge:
    return knowledge_files.load(ROOT / "knowledge")


@cache
def prepared_knowledge() -> Prepared:
    return prepared(ROOT / "knowledge", VAR / "cache")  # as the bot itself starts: once for all workers


@cache
def shipped_assistant() -> Assistant:
    return Assistant(prepared_knowledge(), Options())


def told(key: str, language: Language = "fr") -> str:
    """What is sure to be read where the bot says its sentence of that name: its longest piece without a value."""
    message = shipped_knowledge().messages[key][language].format_map(_Marked())
    return max(message.split(_VALUE), key=len).strip()


_VALUE = "\x00"


class _Marked(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _VALUE
