"""Gaps. Their figures are computed from their questions, so that joining a gap again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters import sql_questions
from bot.adapters.sql_dialect import insert_into, is_postgresql, possible
from bot.adapters.tables import gaps, questions
from bot.core.answers import Language
from bot.core.ports import Asked, Gap

OPEN = "open"
LOCK = 7_215_002  # any number that nothing else in this database uses

_TIMES = func.count(questions.c.id)
_PEOPLE = func.count(questions.c.asker.distinct()) + gaps.c.people_gone
_LAST = func.coalesce(func.max(questions.c.at), gaps.c.opened_at)


async def open_ones(connection: AsyncConnection) -> Sequence[Gap]:
    """The open gaps; on SQLite every transaction is alone anyway."""
    if is_postgresql(connection):
        await connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    return await some(connection, status=OPEN)


async def some(connection: AsyncConnection, *, since: datetime | None = None, status: str = "") -> Sequence[Gap]:
    statement = _counted().order_by(_TIMES.desc(), _LAST.desc(), gaps.c.id)
    if since is not None:
        statement = statement.having(since <= _LAST)
    if status:
        statement = statement.where(gaps.c.status == status)
    return [_read(row) for row in await connection.execute(statement)]


async def find(connection: AsyncConnection, number: int) -> Gap | None:
    if not possible(number):
        return None
    row = (await connection.execute(_counted().where(gaps.c.id == number))).one_or_none()
    return None if row is None else _read(row)


async def asked_in(connection: AsyncConnection, number: int) -> Sequence[Asked]:
    rows = await connection.execute(select(questions).where(questions.c.gap == number).order_by(questions.c.id))
    return [sql_questions.read(row) for row in rows]


async def open_one(connection: AsyncConnection, text: str, language: Language, now: datetime) -> int:
    opening = insert_into(connection, gaps).values(
        text=text, language=language, status=OPEN, opened_at=now, closed_by="", entry="", people_gone=0
    )
    return int((await connection.execute(opening.returning(gaps.c.id))).scalar_one())


async def join(connection: AsyncConnection, question: int, gap: int) -> None:
    await connection.execute(update(questions).where(questions.c.id == question).values(gap=gap))


async def close(
    connection: AsyncConnection, number: int, status: str, *, by: str, entry: str, into: int | None, now: datetime
) -> bool:
    target = await _final(connection, into)
    if not possible(number) or target == number or (into is not None and target is None):
        return False
    closing = (
        update(gaps)
        .where(gaps.c.id == number, gaps.c.status == OPEN)
        .values(status=status, closed_at=now, closed_by=by, entry=entry, merged_into=target)
    )
    if await connection.scalar(closing.returning(gaps.c.id)) is None:
        return False
    if target is not None:
        await _move(connection, number, target)
    await _drop_addresses(connection, number if target is None else target)
    return True


async def _drop_addresses(connection: AsyncConnection, number: int) -> None:
    """Nobody is answered once a gap is closed."""
    closed = exists().where(gaps.c.id == number, gaps.c.status != OPEN)
    theirs = (questions.c.gap == number, questions.c.address.is_not(None))
    await connection.execute(update(questions).where(*theirs, closed).values(address=None))


async def _final(connection: AsyncConnection, number: int | None) -> int | None:
    """The gap that gathers this one's questions by now, itself merged or not."""
    while number is not None:
        found = await find(connection, number)
        if found is None:
            return None
        if found.merged_into is None:
            return found.id
        number = found.merged_into
    return None


async def _move(connection: AsyncConnection, number: int, target: int) -> None:
    gone = select(gaps.c.people_gone).where(gaps.c.id == number).scalar_subquery()
    await connection.execute(update(gaps).where(gaps.c.id == target).values(people_gone=gaps.c.people_gone + gone))
    await connection.execute(update(gaps).where(gaps.c.id == number).values(people_gone=0))
    await connection.execute(update(questions).where(questions.c.gap == number).values(gap=target))


def _counted() -> Select[Any]:
    return (
        select(gaps, _TIMES.label("times"), _PEOPLE.label("people"), _LAST.label("last_at"))
        .select_from(gaps.outerjoin(questions, questions.c.gap == gaps.c.id))
        .group_by(gaps.c.id)
    )


def _read(row: Row[Any]) -> Gap:
    return Gap(
        id=row.id,
        text=row.text or "",
        language=row.language,
        status=row.status,
        opened_at=row.opened_at,
        last_at=row.last_at,
        times=row.times,
        people=row.people,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        entry=row.entry,
        merged_into=row.merged_into,
    )
