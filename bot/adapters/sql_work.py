"""One transaction over everything that answering a message touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.adapters import sql_gaps, sql_inbox, sql_letters, sql_people, sql_questions, sql_talks
from bot.adapters.codec import dump_said
from bot.adapters.sql_alerts import SqlAlertWork
from bot.core.answers import Language, Part
from bot.core.messages import Address, Said
from bot.core.ports import Asked, Gap, Kept, NewQuestion
from bot.core.typed import Talk


class SqlWork(SqlAlertWork):
    """A Work, on a transaction that SqlStore begins and ends."""

    async def question(self, question: int) -> Asked | None:
        return await sql_questions.find(self._connection, question)

    async def last_question(self, asker: str, address: Address) -> Asked | None:
        return await sql_questions.last(self._connection, asker, address)

    async def add_question(self, inbox: int, asked: NewQuestion) -> int:
        return await sql_questions.add(self._connection, inbox, asked, self._clock())

    async def choose(self, question: int, entry: str) -> None:
        await sql_questions.choose(self._connection, question, entry)

    async def rate(self, question: int, asker: str, *, useful: bool) -> None:
        await sql_questions.rate(self._connection, question, asker, useful=useful, now=self._clock())

    async def open_gaps(self) -> Sequence[Gap]:
        return await sql_gaps.open_ones(self._connection)

    async def open_gap(self, text: str, language: Language) -> int:
        return await sql_gaps.open_one(self._connection, text, language, self._clock())

    async def join_gap(self, question: int, gap: int) -> None:
        await sql_gaps.join(self._connection, question, gap)

    async def close_gap(self, gap: int, status: str, *, by: str, entry: str = "", into: int | None = None) -> bool:
        now = self._clock()
        return await sql_gaps.close(self._connection, gap, status, by=by, entry=entry, into=into, now=now)

    async def gap(self, gap: int) -> Gap | None:
        return await sql_gaps.find(self._connection, gap)

    async def gaps(self, *, since: datetime | None = None, status: str = "") -> Sequence[Gap]:
        return await sql_gaps.some(self._connection, since=since, status=status)

    async def gap_questions(self, gap: int) -> Sequence[Asked]:
        return await sql_gaps.asked_in(self._connection, gap)

    async def topic_counts(self, since: datetime) -> Mapping[str, int]:
        return await sql_questions.topic_counts(self._connection, since)

    async def last_unanswered(self) -> datetime | None:
        return await sql_questions.last_unanswered(self._connection)

    async def kept(self, asker: str) -> Kept:
        return await sql_people.kept(self._connection, asker)

    async def forget(self, asker: str) -> None:
        await sql_people.forget(self._connection, asker)

    async def talk(self, asker: str, place: str, *, inbox: int) -> tuple[datetime, Talk] | None:
        return await sql_talks.find(self._connection, asker, place, inbox)

    async def keep_talk(self, asker: str, place: str, talk: Talk | None, *, inbox: int) -> None:
        await sql_talks.keep(self._connection, asker, place, talk, inbox=inbox, at=self._clock())

    async def queue(
        self, key: str, address: Address, language: Language, parts: tuple[Part, ...], *, replaces: Said | None = None
    ) -> bool:
        self.queued_to.add(address.platform)
        more = {"replaces": dump_said(replaces)}
        return await sql_letters.queue(self._connection, key, address, language, parts, now=self._clock(), **more)

    async def finish(self, inbox: int) -> None:
        await sql_inbox.finish(self._connection, inbox, self._clock())
