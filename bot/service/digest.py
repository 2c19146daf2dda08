"""Queues the weekly digest: to a channel, by mail, or both, each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.alert_ports import LetterKind
from bot.core.assistant import Assistant
from bot.core.digest import LANGUAGE, Week, digest_mail, digest_parts
from bot.core.mail_text import Letterhead
from bot.core.messages import Address
from bot.core.ports import Store, Work

WEEK = timedelta(days=7)


class Digest:
    """Tells of the open gaps, and of how often the outside topics were asked: a channel, a mail address, or both."""

    def __init__(self, head: Letterhead, *, channel: Address | None = None, mail_to: str = "") -> None:
        self._head = head
        self._channel = channel
        self._mail_to = mail_to

    async def queue(self, store: Store, assistant: Assistant, due: datetime) -> None:
        """Queue what was due at that moment, also when there is nothing to tell; what was queued isn't again."""
        async with store.work() as work:
            week, key = await _week(work, assistant, due - WEEK), f"digest:{due:%Y-%m-%d}"
            if self._channel:
                await work.queue(key, self._channel, LANGUAGE, digest_parts(week, assistant.say, self._head.zone))
            if self._mail_to:
                mail = digest_mail(week, assistant.say, self._head, due)
                await work.queue_mail(f"{key} by mail", self._mail_to, mail, kind=LetterKind.NOTICE)


async def _week(work: Work, assistant: Assistant, since: datetime) -> Week:
    topics = await work.topic_counts(since)
    named = [(assistant.topic_title(topic, LANGUAGE), times) for topic, times in topics.items()]
    return Week(
        since=since,
        gaps=await work.gaps(status="open"),
        calm=not await work.gaps(since=since, status="open"),
        topics=sorted(named, key=lambda pair: -pair[1]),
        last=await work.last_unanswered(),
    )
