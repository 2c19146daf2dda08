"""Cases: their numbers, their states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.codec import clean, load_address
from bot.adapters.sql_dialect import insert_into
from bot.adapters.sql_history import note
from bot.adapters.sql_letters import BOT
from bot.adapters.tables import case_years, cases, reports
from bot.core.alerts import SAME_LINK_FOR, Account, Case, CaseEnd, CaseState, ReportState, case_number
from bot.core.links import same_post

_LIVE = (CaseState.OPEN.value, CaseState.TAKEN.value)
_SENT_REPORTS = (
    select(func.count())
    .where(reports.c.case == cases.c.id, reports.c.state == ReportState.SENT.value)
    .correlate(cases)
    .scalar_subquery()
)


async def open_one(connection: AsyncConnection, account: Account, *, year: int, linked: str, now: datetime) -> Any:
    """A new draft of a case, as a row: its id and its number."""
    counting = insert_into(connection, case_years).values(year=year, last=1)
    counting = counting.on_conflict_do_update(index_elements=["year"], set_={"last": case_years.c.last + 1})
    serial = (await connection.execute(counting.returning(case_years.c.last))).scalar_one()
    opening = insert_into(connection, cases).values(
        number=case_number(year, serial),
        state=CaseState.DRAFT.value,
        opened_at=now,
        linked=linked,
        taken_by="",
        closed_by="",
        words="",
        card_message="",
        **described(account),
    )
    return (await connection.execute(opening.returning(cases.c.id, cases.c.number))).one()


def described(account: Account) -> dict[str, Any]:
    return {
        "link": account.link,
        "post": same_post(clean(account.link)),
        "platform": account.platform,
        "urgent": account.urgent,
    }


async def same_link(connection: AsyncConnection, link: str, now: datetime) -> Case | None:
    if not link:
        return None
    alike = (cases.c.post == same_post(clean(link)), cases.c.state.in_(_LIVE))
    recent = _counted().where(*alike, cases.c.last_report_at >= now - SAME_LINK_FOR)
    latest = recent.order_by(cases.c.last_report_at.desc(), cases.c.id.desc()).limit(1)
    row = (await connection.execute(latest)).first()
    return None if row is None else _read(row)


async def find(connection: AsyncConnection, number: str) -> Case | None:
    row = (await connection.execute(_counted().where(cases.c.number == clean(number)))).one_or_none()
    return None if row is None else _read(row)


async def some(connection: AsyncConnection, state: CaseState | None) -> Sequence[Case]:
    which = cases.c.state != CaseState.DRAFT.value if state is None else cases.c.state == state.value
    return [_read(row) for row in await connection.execute(_counted().where(which).order_by(cases.c.id.desc()))]


async def take(connection: AsyncConnection, number: str, *, who: str, now: datetime) -> bool:
    changes = {"state": CaseState.TAKEN.value, "taken_at": now, "taken_by": who}
    return await _change(
        connection, number, cases.c.state == CaseState.OPEN.value, changes, (who, "taken", ""), now=now
    )


async def close(connection: AsyncConnection, number: str, end: CaseEnd, *, who: str, words: str, now: datetime) -> bool:
    changes = {
        "state": CaseState.CLOSED.value,
        "closed_at": now,
        "closed_by": who,
        "end": end.value,
        "words": words,
    }
    told = f"{end.value}: {words}" if words else end.value
    return await _change(connection, number, cases.c.state.in_(_LIVE), changes, (who, "closed", told), now=now)


async def remind(connection: AsyncConnection, number: str, now: datetime) -> bool:
    which = (cases.c.state == CaseState.OPEN.value) & cases.c.reminded_at.is_(None)
    return await _change(connection, number, which, {"reminded_at": now}, (BOT, "reminded", ""), now=now)


async def _change(
    connection: AsyncConnection,
    number: str,
    which: ColumnElement[bool],
    changes: dict[str, Any],
    told: tuple[str, str, str],
    *,
    now: datetime,
) -> bool:
    changing = update(cases).where(cases.c.number == clean(number), which).values(changes).returning(cases.c.id)
    case = await connection.scalar(changing)
    if case is None:
        return False
    await note(connection, case, *told, now=now)
    return True


def _counted() -> Select[Any]:
    return select(cases, _SENT_REPORTS.label("reports"))


def _read(row: Any) -> Case:
    return Case(
        number=row.number,
        state=CaseState(row.state),
        link=row.link,
        platform=row.platform,
        urgent=row.urgent,
        opened_at=row.opened_at,
        last_report_at=row.last_report_at,
        reports=row.reports,
        linked=row.linked,
        taken_at=row.taken_at,
        taken_by=row.taken_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        end=CaseEnd(row.end) if row.end else None,
        words=row.words,
        reminded_at=row.reminded_at,
        card=load_address(row.card) if row.card else None,
        card_message=row.card_message,
    )
