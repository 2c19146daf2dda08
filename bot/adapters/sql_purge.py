"""Erasing what is past its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters import sql_talks
from bot.adapters.sql_gaps import OPEN
from bot.adapters.sql_inbox import WAITING
from bot.adapters.sql_letters import QUEUED
from bot.adapters.tables import feedback, gaps, inbox, letters, questions

INBOX_KEPT = timedelta(days=7)
LETTERS_KEPT = timedelta(days=90)
TALKS_KEPT = timedelta(days=1)

_IN_OPEN_GAP = exists().where(gaps.c.id == questions.c.gap, gaps.c.status == OPEN)
_REFUSED = and_(questions.c.chosen.is_not(None), questions.c.chosen == "")
_NOT_USEFUL = exists().where(feedback.c.question == questions.c.id, feedback.c.useful.is_(False))
_SOMETHING_LEFT = or_(questions.c.text.is_not(None), questions.c.address.is_not(None), questions.c.asker.is_not(None))


async def purge(
    connection: AsyncConnection, *, texts_before: datetime, gaps_before: datetime, now: datetime
) -> Mapping[str, int]:
    """Erase, and tell how many rows of each kind were concerned."""
    return {
        "gaps": await _erase_gaps(connection, gaps_before),
        "questions": await _erase_people(connection, gaps_before),
        "texts": await _erase_texts(connection, texts_before),
        "feedback": (await connection.execute(delete(feedback).where(feedback.c.at < gaps_before))).rowcount,
        "inbox": await _drop_events(connection, now - INBOX_KEPT),
        "talks": await sql_talks.drop(connection, now - TALKS_KEPT),
        "letters": await _drop_letters(connection, now - LETTERS_KEPT),
    }


async def _erase_gaps(connection: AsyncConnection, before: datetime) -> int:
    """Erase the words of gaps closed long ago, and who asked; how many people they were goes on counting."""
    old = and_(gaps.c.status != OPEN, gaps.c.closed_at < before)
    here = questions.c.gap == gaps.c.id
    people = select(func.count(questions.c.asker.distinct())).where(here).correlate(gaps).scalar_subquery()
    await connection.execute(update(gaps).where(old).values(people_gone=gaps.c.people_gone + people))
    await _erase(connection, exists().where(here, old).correlate(questions))
    return (await connection.execute(update(gaps).where(old, gaps.c.text.is_not(None)).values(text=None))).rowcount


async def _erase_people(connection: AsyncConnection, before: datetime) -> int:
    return await _erase(connection, and_(questions.c.gap.is_(None), questions.c.at < before))


async def _erase(connection: AsyncConnection, concerned: ColumnElement[bool]) -> int:
    erasing = update(questions).where(concerned, _SOMETHING_LEFT).values(text=None, address=None, asker=None)
    return (await connection.execute(erasing)).rowcount


async def _erase_texts(connection: AsyncConnection, before: datetime) -> int:
    """Erase addresses that nobody answers to any more, and texts that nobody has to read."""
    idle = and_(questions.c.at < before, ~_IN_OPEN_GAP)
    await connection.execute(update(questions).where(idle, questions.c.address.is_not(None)).values(address=None))
    unneeded = (idle, questions.c.text.is_not(None), ~_REFUSED, ~_NOT_USEFUL)
    return (await connection.execute(update(questions).where(*unneeded).values(text=None))).rowcount


async def _drop_events(connection: AsyncConnection, before: datetime) -> int:
    """Drop what is done or was put aside: by then no platform delivers it again."""
    old = (inbox.c.state != WAITING, inbox.c.finished_at < before)
    return (await connection.execute(delete(inbox).where(*old))).rowcount


async def _drop_letters(connection: AsyncConnection, before: datetime) -> int:
    """Letters of a case stay as long as it does."""
    done = (letters.c.state != QUEUED, letters.c.case.is_(None))
    old = (*done, func.coalesce(letters.c.sent_at, letters.c.created_at) < before)
    return (await connection.execute(delete(letters).where(*old))).rowcount
