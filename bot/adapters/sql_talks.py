"""What short words may be about: one row for each person and place, with what it was before the last event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.codec import UNREADABLE, dump_talk, load_talk
from bot.adapters.sql_dialect import insert_into
from bot.adapters.tables import talks
from bot.core.typed import Talk


async def find(connection: AsyncConnection, asker: str, place: str, inbox: int) -> tuple[datetime, Talk] | None:
    """The talk as it was before that event; None where there is none, or another version of the bot wrote it."""
    found = await connection.execute(select(talks).where(talks.c.asker == asker, talks.c.place == place))
    row = found.one_or_none()
    if row is None:
        return None
    at, stored = (row.before_at, row.before) if row.inbox == inbox else (row.at, row.talk)
    try:
        return (at, load_talk(stored)) if stored else None
    except UNREADABLE:
        return None


async def keep(connection: AsyncConnection, asker: str, place: str, talk: Talk | None, **event: Any) -> None:
    """Keep the talk; `event` is the `inbox` id of what it answers and the time `at`."""
    talk_now = dump_talk(talk) if talk else None
    adding = insert_into(connection, talks).values(asker=asker, place=place, talk=talk_now, **event)
    again = talks.c.inbox == adding.excluded.inbox
    changes = {
        "inbox": adding.excluded.inbox,
        "at": adding.excluded.at,
        "talk": adding.excluded.talk,
        "before_at": case((again, talks.c.before_at), else_=talks.c.at),
        "before": case((again, talks.c.before), else_=talks.c.talk),
    }
    await connection.execute(adding.on_conflict_do_update(index_elements=["asker", "place"], set_=changes))


async def forget(connection: AsyncConnection, asker: str) -> None:
    await connection.execute(delete(talks).where(talks.c.asker == asker))


async def drop(connection: AsyncConnection, before: datetime) -> int:
    return (await connection.execute(delete(talks).where(talks.c.at < before))).rowcount
