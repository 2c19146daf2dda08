"""The outbox: letters queued in the transaction that caused them, sent by whoever claims them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.codec import UNREADABLE, dump_address, dump_parts, load_address, load_parts
from bot.adapters.sql_dialect import insert_into
from bot.adapters.tables import letters
from bot.core.answers import Language, Part
from bot.core.messages import Address
from bot.core.ports import Letter

QUEUED, SENT, DEAD = "queued", "sent", "dead"
LONGEST_ERROR = 500


async def queue(
    connection: AsyncConnection,
    key: str,
    address: Address,
    language: Language,
    parts: tuple[Part, ...],
    *,
    now: datetime,
) -> bool:
    queueing = insert_into(connection, letters).on_conflict_do_nothing(index_elements=["key"])
    letter = {
        "key": key,
        "address": dump_address(address),
        "language": language,
        "parts": dump_parts(parts),
        "state": QUEUED,
        "attempts": 0,
        "created_at": now,
        "next_at": now,
        "last_error": "",
    }
    return await connection.scalar(queueing.values(letter).returning(letters.c.id)) is not None


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta) -> Letter | None:
    """Take one letter that is due; those that this version can't read are dead, and hold up no other."""
    taking = _taking(now, lease)
    while row := (await connection.execute(taking)).one_or_none():
        try:
            return _read(row)
        except UNREADABLE as error:
            await failed(connection, row.id, error=f"unreadable: {type(error).__name__}", retry_at=None)
    return None


async def sent(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Keep that it was sent, so that it isn't queued again, and no longer what and to whom."""
    await connection.execute(
        update(letters)
        .where(letters.c.id == number)
        .values(state=SENT, sent_at=now, lease_until=None, address=None, parts=None)
    )


async def failed(connection: AsyncConnection, number: int, *, error: str, retry_at: datetime | None) -> None:
    changes: dict[str, Any] = {"state": DEAD} if retry_at is None else {"next_at": retry_at}
    await connection.execute(
        update(letters)
        .where(letters.c.id == number, letters.c.state == QUEUED)
        .values(lease_until=None, last_error=error[:LONGEST_ERROR], **changes)
    )


def _taking(now: datetime, lease: timedelta) -> Update:
    free = or_(letters.c.lease_until.is_(None), letters.c.lease_until <= now)
    due = select(letters.c.id).where(letters.c.state == QUEUED, letters.c.next_at <= now, free)
    first = due.order_by(letters.c.next_at, letters.c.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    return (
        update(letters)
        .where(letters.c.id == first)
        .values(lease_until=now + lease, attempts=letters.c.attempts + 1)
        .returning(*letters.c)
    )


def _read(row: Any) -> Letter:
    return Letter(
        id=row.id,
        key=row.key,
        address=load_address(row.address),
        language=row.language,
        parts=load_parts(row.parts),
        attempts=row.attempts,
        created_at=row.created_at,
    )
