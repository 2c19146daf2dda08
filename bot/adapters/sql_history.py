"""What happened to a case: who did what, when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.tables import case_history, cases
from bot.core.alerts import HistoryLine


async def note(connection: AsyncConnection, case: int, who: str, what: str, words: str, *, now: datetime) -> None:
    await connection.execute(insert(case_history).values(case=case, at=now, who=who, what=what, words=words))


async def of_case(connection: AsyncConnection, number: str) -> Sequence[HistoryLine]:
    here = select(case_history).join(cases, cases.c.id == case_history.c.case).where(cases.c.number == number)
    rows = await connection.execute(here.order_by(case_history.c.id))
    return [HistoryLine(row.at, row.who, row.what, row.words) for row in rows]
