"""The weekly letter to the DISC: what was asked and the guide doesn't answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.answers import Bullets, GapLine, Language, Paragraph, Part, Title
from bot.core.assistant import Assistant
from bot.core.messages import Address
from bot.core.ports import Store, Work

LANGUAGE: Language = "fr"  # that of the department
WEEK = timedelta(days=7)
MOST_GAPS = 15
MOST_TOPICS = 15
_DAY = "%d/%m/%Y"


class Digest:
    """Tells a channel of the open gaps, most asked first, and of how often the outside topics were asked."""

    def __init__(self, channel: Address) -> None:
        self._channel = channel

    async def queue(self, store: Store, assistant: Assistant, due: datetime) -> bool:
        """Queue the letter that was due at that moment, also when there is nothing to tell; False if it was queued."""
        async with store.work() as work:
            parts = await compose(work, assistant, due - WEEK)
            return await work.queue(f"digest:{due:%Y-%m-%d}", self._channel, LANGUAGE, parts)


async def compose(work: Work, assistant: Assistant, since: datetime) -> tuple[Part, ...]:
    """The digest of what was asked since then."""
    gaps = await work.gaps(status="open")
    asked = await work.gaps(since=since, status="open")
    parts: list[Part] = [Title(assistant.say("digest_title", LANGUAGE, since=since.strftime(_DAY)))]
    if not asked:
        parts.append(await _nothing_new(work, assistant))
    if gaps:
        parts.append(Paragraph(assistant.say("digest_open", LANGUAGE, open=len(gaps))))
        lines = (GapLine(g.id, g.text, g.times, g.people, g.last_at.strftime(_DAY)) for g in gaps[:MOST_GAPS])
        parts += lines
    topics = await work.topic_counts(since)
    named = [(assistant.topic_title(topic, LANGUAGE), times) for topic, times in topics.items()]
    if named:
        most = sorted(named, key=lambda pair: -pair[1])[:MOST_TOPICS]
        parts.append(Paragraph(assistant.say("digest_topics", LANGUAGE)))
        parts.append(Bullets(tuple(f"{title} : {times}" for title, times in most)))
    return tuple(parts)


async def _nothing_new(work: Work, assistant: Assistant) -> Part:
    last = await work.last_unanswered()
    if last is None:
        return Paragraph(assistant.say("digest_never", LANGUAGE))
    return Paragraph(assistant.say("digest_none", LANGUAGE, last=last.strftime(_DAY)))
