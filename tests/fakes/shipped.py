"""The knowledge that is shipped, read once for all the tests of a process."""

from __future__ import annotations

from functools import cache

from bot.adapters import knowledge_files
from bot.core.assistant import Assistant, Options, Prepared, prepare
from bot.core.knowledge import Knowledge
from bot.settings import ROOT


@cache
def shipped_knowledge() -> Knowledge:
    return knowledge_files.load(ROOT / "knowledge")


@cache
def prepared_knowledge() -> Prepared:
    return prepare(shipped_knowledge())


@cache
def shipped_assistant() -> Assistant:
    return Assistant(prepared_knowledge(), Options())
