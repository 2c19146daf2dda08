"""Closing a gap, and telling those who asked: the letters are stored with the closing, or neither is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.answers import Paragraph, Part
from bot.core.assistant import Assistant
from bot.core.messages import Address
from bot.core.ports import Asked, Work
from bot.service.reporting import for_one

ANSWERED, DUPLICATE, OUTSIDE = "answered", "duplicate", "outside"


async def close_gap(
    work: Work,
    assistant: Callable[[], Assistant],
    gap: int,
    how: str,
    *,
    by: str,
    entry: str = "",
    into: int | None = None,
) -> int | None:
    """Close an open gap; how many askers are told, None where it couldn't be closed so.

    Where an entry answers it, or the gap that it joins, each asker gets that entry once. Then nobody's address is kept
    any more, unless the gap joins an open one.
    """
    await work.open_gaps()  # nobody joins it meanwhile
    asked = await work.gap_questions(gap)
    if not await work.close_gap(gap, how, by=by, entry=entry, into=into):
        return None
    closed = await work.gap(gap)
    if closed and closed.merged_into is not None:
        closed = await work.gap(closed.merged_into)
    answer = closed.entry if closed and closed.status == ANSWERED else ""
    return await _tell(work, assistant(), gap, answer, asked) if answer else 0


async def _tell(work: Work, assistant: Assistant, gap: int, entry: str, asked: Sequence[Asked]) -> int:
    """Queue a letter for each person who can still be reached, about the question that they asked last."""
    if entry not in assistant.knowledge.entries:
        return 0
    last = {one.asker: one for one in asked if one.asker and one.address.platform}
    for one in last.values():
        parts = (_opening(assistant, one), *assistant.show(entry, one.language).parts)
        await work.queue(f"gap {gap} answered to question {one.id}", _where(one.address), one.language, parts)
    return len(last)


def _opening(assistant: Assistant, asked: Asked) -> Part:
    if not asked.text:
        return Paragraph(assistant.say("gap_told_wordless", asked.language))
    return Paragraph(assistant.say("gap_told", asked.language, question=asked.text))


def _where(address: Address) -> Address:
    """In the thread where it was asked; what was asked by a command, for one's own eyes, is answered so, too."""
    return address if address.direct or address.thread else for_one(address)
