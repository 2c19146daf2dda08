"""The store over SQLAlchemy; SQLite in memory is the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters import sql_alert_purge, sql_files, sql_inbox, sql_letters, sql_purge
from bot.adapters.sql_gaps import OPEN
from bot.adapters.sql_work import SqlWork
from bot.adapters.tables import gaps, inbox, letters
from bot.core.attachments import Attachment
from bot.core.errors import StoreError
from bot.core.messages import Incoming, Said
from bot.core.ports import Claimed, Letter


class SqlStore:
    """A Store. Whatever the database fails at is a StoreError, whose message bears no stored value."""

    def __init__(self, engine: AsyncEngine, *, clock: Callable[[], datetime], lease: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._lease = lease
        self._wakes: list[Callable[[Collection[str]], None]] = []

    @asynccontextmanager
    async def work(self) -> AsyncIterator[SqlWork]:
        async with self._transaction() as connection:
            work = SqlWork(connection, self._clock)
            yield work
        for wake in self._wakes if work.queued_to else ():
            wake(work.queued_to)

    async def accept(self, events: Sequence[Incoming]) -> Sequence[int | None]:
        async with self._transaction() as connection:
            return await sql_inbox.accept(connection, events, self._clock())

    async def claim(self, inbox: int | None = None, *, platforms: Collection[str] | None = None) -> Claimed | None:
        async with self._transaction() as connection:
            return await sql_inbox.claim(connection, self._clock(), self._lease, number=inbox, platforms=platforms)

    async def release(self, inbox: int, *, after: float, failed: bool = False) -> None:
        async with self._transaction() as connection:
            if failed:
                await sql_inbox.put_aside(connection, inbox, self._clock())
            else:
                await sql_inbox.release(connection, inbox, until=self._clock() + timedelta(seconds=after))

    def when_queued(self, wake: Callable[[Collection[str]], None]) -> None:
        self._wakes.append(wake)

    async def claim_letter(self, platforms: Collection[str] | None = None) -> Letter | None:
        async with self._transaction() as connection:
            return await sql_letters.claim(connection, self._clock(), self._lease, platforms)

    async def letter_sent(self, letter: int, said: Said | None = None) -> None:
        async with self._transaction() as connection:
            await sql_letters.sent(connection, letter, self._clock(), said)

    async def letter_failed(
        self, letter: int, *, error: str, retry_at: datetime | None, attempt: int | None = None, doubtful: bool = False
    ) -> None:
        async with self._transaction() as connection:
            await sql_letters.failed(
                connection,
                letter,
                now=self._clock(),
                error=error,
                retry_at=retry_at,
                attempt=attempt,
                doubtful=doubtful,
            )

    async def attachments(self, ids: Sequence[int]) -> Sequence[Attachment]:
        async with self._transaction() as connection:
            return await sql_files.read(connection, ids)

    async def counts(self) -> Mapping[str, int]:
        wanted = {
            "inbox_waiting": inbox.c.state == sql_inbox.WAITING,
            "inbox_failed": inbox.c.state == sql_inbox.FAILED,
            "letters_queued": letters.c.state == sql_letters.QUEUED,
            "letters_dead": letters.c.state == sql_letters.DEAD,
            "gaps_open": gaps.c.status == OPEN,
        }
        counting = (select(func.count()).where(which).scalar_subquery().label(name) for name, which in wanted.items())
        async with self._transaction() as connection:
            return dict((await connection.execute(select(*counting))).mappings().one())

    async def purge(
        self,
        *,
        texts_before: datetime,
        gaps_before: datetime,
        alerts_before: datetime | None = None,
        files_before: datetime | None = None,
    ) -> Mapping[str, int]:
        now = self._clock()
        async with self._transaction() as connection:
            alerts = await sql_alert_purge.purge(connection, alerts_before, files_before, now)
            rest = await sql_purge.purge(connection, texts_before=texts_before, gaps_before=gaps_before, now=now)
            return {**rest, **alerts}

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(_reason(error)) from error


def _reason(error: SQLAlchemyError) -> str:
    """What went wrong. Only errors about the connection speak for themselves: the others may quote what was stored."""
    if isinstance(error, OperationalError | InterfaceError):
        return f"the database failed: {error.orig}"
    return f"the database failed: {type(error).__name__}"
