"""Questions with their outcome, choices and opinions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.codec import dump_address, load_address
from bot.adapters.sql_dialect import insert_into, possible
from bot.adapters.tables import feedback, questions
from bot.core.answers import Outcome
from bot.core.messages import Address
from bot.core.ports import Asked, NewQuestion


async def find(connection: AsyncConnection, number: int) -> Asked | None:
    if not possible(number):
        return None
    row = (await connection.execute(select(questions).where(questions.c.id == number))).one_or_none()
    return None if row is None else read(row)


async def last(connection: AsyncConnection, asker: str, address: Address) -> Asked | None:
    same = {name: getattr(address, name) for name in ("platform", "team", "channel", "thread")}
    there = (questions.c.address[name].as_string() == value for name, value in same.items())
    statement = select(questions).where(questions.c.asker == asker, *there).order_by(questions.c.id.desc()).limit(1)
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else read(row)


async def add(connection: AsyncConnection, inbox: int, asked: NewQuestion, now: datetime) -> int:
    adding = insert_into(connection, questions).on_conflict_do_nothing(index_elements=["inbox", "number"])
    new = await connection.scalar(adding.values(_row(inbox, asked, now)).returning(questions.c.id))
    if new is not None:
        return int(new)
    stored = select(questions.c.id).where(questions.c.inbox == inbox, questions.c.number == asked.number)
    return int((await connection.execute(stored)).scalar_one())


async def choose(connection: AsyncConnection, number: int, entry: str) -> None:
    await connection.execute(update(questions).where(questions.c.id == number).values(chosen=entry))


async def rate(connection: AsyncConnection, number: int, asker: str, *, useful: bool, now: datetime) -> None:
    rating = insert_into(connection, feedback).values(question=number, asker=asker, useful=useful, at=now)
    await connection.execute(
        rating.on_conflict_do_update(
            index_elements=["question", "asker"], set_={"useful": rating.excluded.useful, "at": rating.excluded.at}
        )
    )


async def topic_counts(connection: AsyncConnection, since: datetime) -> Mapping[str, int]:
    counting = (
        select(questions.c.topic, func.count().label("times"))
        .where(questions.c.topic != "", questions.c.at >= since)
        .group_by(questions.c.topic)
    )
    return {row.topic: row.times for row in await connection.execute(counting)}


async def last_unanswered(connection: AsyncConnection) -> datetime | None:
    moment: datetime | None = await connection.scalar(
        select(func.max(questions.c.at)).where(questions.c.outcome == Outcome.UNANSWERED)
    )
    return moment


def read(row: Row[Any]) -> Asked:
    return Asked(
        id=row.id,
        inbox=row.inbox,
        number=row.number,
        at=row.at,
        address=load_address(row.address),
        asker=row.asker or "",
        language=row.language,
        outcome=Outcome(row.outcome),
        entries=tuple(row.entries),
        confidence=row.confidence,
        topic=row.topic,
        text=row.text or "",
        gap=row.gap,
        chosen=row.chosen,
    )


def _row(inbox: int, asked: NewQuestion, now: datetime) -> dict[str, Any]:
    return {
        "inbox": inbox,
        "number": asked.number,
        "at": now,
        "address": dump_address(asked.address),
        "asker": asked.asker or None,
        "language": asked.language,
        "outcome": asked.outcome.value,
        "entries": asked.entries,
        "confidence": asked.confidence,
        "topic": asked.topic,
        "text": asked.text or None,
    }
