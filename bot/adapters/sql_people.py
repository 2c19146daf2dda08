"""What is kept about one person, and erasing it."""

from __future__ import annotations

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters import sql_talks
from bot.adapters.sql_alert_purge import forget_author
from bot.adapters.tables import feedback, gaps, questions
from bot.core.ports import Kept


async def kept(connection: AsyncConnection, asker: str) -> Kept:
    theirs = questions.c.asker == asker
    times, since = (await connection.execute(select(func.count(), func.min(questions.c.at)).where(theirs))).one()
    rated = select(func.count(), func.min(feedback.c.at)).where(feedback.c.asker == asker)
    opinions, rated_since = (await connection.execute(rated)).one()
    texts = select(questions.c.text).where(theirs, questions.c.text.is_not(None)).order_by(questions.c.id)
    first = min((at for at in (since, rated_since) if at is not None), default=None)
    return Kept(times, opinions, tuple(await connection.scalars(texts)), first)


async def forget(connection: AsyncConnection, asker: str) -> None:
    """Erase a person; each gap goes on counting them, without knowing whom."""
    theirs = questions.c.asker == asker
    concerned = gaps.c.id.in_(select(questions.c.gap).where(theirs, questions.c.gap.is_not(None)))
    await _erase_gap_texts(connection, asker)
    await connection.execute(update(gaps).where(concerned).values(people_gone=gaps.c.people_gone + 1))
    await connection.execute(update(questions).where(theirs).values(asker=None, text=None, address=None))
    await connection.execute(delete(feedback).where(feedback.c.asker == asker))
    await sql_talks.forget(connection, asker)
    await forget_author(connection, asker)


async def _erase_gap_texts(connection: AsyncConnection, asker: str) -> None:
    """A gap that bears the person's words takes those of another asker, or none where nobody else asked."""
    here = questions.c.gap == gaps.c.id
    theirs = questions.c.asker == asker
    another = questions.c.asker.is_distinct_from(asker)
    words = (
        select(questions.c.text).where(here, another, questions.c.text.is_not(None)).order_by(questions.c.id).limit(1)
    )
    own = gaps.c.text.in_(select(questions.c.text).where(here, theirs).correlate(gaps))
    alone = ~exists().where(here, another).correlate(gaps)
    concerned = exists().where(here, theirs).correlate(gaps)
    await connection.execute(
        update(gaps).where(concerned, or_(own, alone)).values(text=words.correlate(gaps).scalar_subquery())
    )
