"""The inbox: events accepted, not yet answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.codec import UNREADABLE, clean, dump_incoming, load_incoming
from bot.adapters.sql_dialect import insert_into
from bot.adapters.tables import inbox
from bot.core.messages import Incoming
from bot.core.ports import Claimed

WAITING, DONE, FAILED = "waiting", "done", "failed"

_PLATFORM = inbox.c.payload["address"]["platform"].as_string()


async def accept(connection: AsyncConnection, events: Sequence[Incoming], now: datetime) -> list[int | None]:
    """Store the events that are new; sorted, since replicas that store the same ones crosswise would get stuck."""
    if not events:
        return []
    rows = sorted((_row(event, now) for event in events), key=itemgetter("key"))
    statement = insert_into(connection, inbox).on_conflict_do_nothing().returning(inbox.c.key, inbox.c.id)
    new: dict[str, int] = {row.key: row.id for row in await connection.execute(statement, rows)}
    return [new.pop(clean(event.key), None) for event in events]


async def claim(
    connection: AsyncConnection,
    now: datetime,
    lease: timedelta,
    *,
    number: int | None = None,
    platforms: Collection[str] | None = None,
) -> Claimed | None:
    """Take one event; those that this version can't read are put aside on the way."""
    which = [] if number is None else [inbox.c.id == number]
    if platforms is not None:
        which.append(or_(_PLATFORM.in_(platforms), _PLATFORM.is_(None)))
    free = or_(inbox.c.lease_until.is_(None), inbox.c.lease_until <= now)
    wanted = select(inbox.c.id).where(inbox.c.state == WAITING, free, *which)
    oldest = wanted.order_by(inbox.c.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    taking = (
        update(inbox)
        .where(inbox.c.id == oldest)
        .values(lease_until=now + lease, attempts=inbox.c.attempts + 1)
        .returning(inbox.c.id, inbox.c.payload, inbox.c.attempts)
    )
    while row := (await connection.execute(taking)).one_or_none():
        try:
            return Claimed(row.id, load_incoming(row.payload), row.attempts, now + lease)
        except UNREADABLE:
            await _end(connection, row.id, FAILED, now)
    return None


async def release(connection: AsyncConnection, number: int, *, until: datetime) -> None:
    """Give an event back; one that another process has finished meanwhile stays finished."""
    await connection.execute(
        update(inbox).where(inbox.c.id == number, inbox.c.state == WAITING).values(lease_until=until)
    )


async def put_aside(connection: AsyncConnection, number: int, now: datetime) -> None:
    await _end(connection, number, FAILED, now)


async def finish(connection: AsyncConnection, number: int, now: datetime) -> None:
    await _end(connection, number, DONE, now, payload=None)


async def _end(connection: AsyncConnection, number: int, state: str, now: datetime, **erased: None) -> None:
    await connection.execute(
        update(inbox)
        .where(inbox.c.id == number, inbox.c.state != DONE)
        .values(state=state, lease_until=None, finished_at=now, **erased)
    )


def _row(event: Incoming, now: datetime) -> dict[str, Any]:
    return {
        "key": clean(event.key),
        "second_key": event.second_key or None,
        "payload": dump_incoming(event),
        "state": WAITING,
        "attempts": 0,
        "accepted_at": now,
    }
