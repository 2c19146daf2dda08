"""Reports: drafts with what their authors were shown, sent once, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case as when
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters import sql_cases, sql_files
from bot.adapters.codec import (
    clean,
    dump_account,
    dump_author,
    dump_mail,
    dump_said,
    load_account,
    load_author,
    load_mail,
    load_said,
)
from bot.adapters.sql_dialect import insert_into, is_postgresql, possible
from bot.adapters.sql_history import note
from bot.adapters.tables import cases, reports
from bot.core.alerts import Account, Author, CaseState, Report, ReportState, gathered_span
from bot.core.attachments import AttachmentInfo
from bot.core.mail import Mail
from bot.core.messages import Said

LOCK = 7_215_003  # any number that nothing else in this database uses

_DRAFT, _SENT, _CANCELLED = (state.value for state in (ReportState.DRAFT, ReportState.SENT, ReportState.CANCELLED))


async def add(connection: AsyncConnection, key: str, author: Author, account: Account, now: datetime) -> int:
    adding = insert_into(connection, reports).on_conflict_do_nothing(index_elements=["key"])
    draft = {
        "key": key,
        "state": _DRAFT,
        "version": 1,
        "asker": author.asker,
        "author": dump_author(author),
        "account": dump_account(account),
        "at": now,
        "gathered": False,
        "in_letter": False,
    }
    new = await connection.scalar(adding.values(draft).returning(reports.c.id))
    known = select(reports.c.id).where(reports.c.key == clean(key))
    return int(new if new is not None else (await connection.execute(known)).scalar_one())


async def find(connection: AsyncConnection, number: int) -> Report | None:
    found = await _some(connection, reports.c.id == number) if possible(number) else []
    return found[0] if found else None


async def of_case(connection: AsyncConnection, number: str) -> Sequence[Report]:
    return await _some(connection, cases.c.number == clean(number))


async def change(connection: AsyncConnection, number: int, account: Account, now: datetime) -> int:
    """A new version of a draft; what a case's only report says of the post is what the case says."""
    changing = (
        update(reports)
        .where(reports.c.id == number, reports.c.state == _DRAFT)
        .values(account=dump_account(account), version=reports.c.version + 1, mail=None)
    )
    row = (await connection.execute(changing.returning(reports.c.version, reports.c.case))).one_or_none()
    if row is None:
        return 0
    if row.case is not None:
        draft = (cases.c.id == row.case, cases.c.state == CaseState.DRAFT.value)
        await connection.execute(update(cases).where(*draft).values(sql_cases.described(account)))
        await note(connection, row.case, "", "changed", "", now=now)
    return int(row.version)


async def open_case(connection: AsyncConnection, number: int, *, year: int, linked: str, now: datetime) -> str:
    """The number that the report has, else a new one. The report's row is locked: two calls give one number."""
    row = await _locked(connection, number)
    if row.number:
        return str(row.number)
    case = await sql_cases.open_one(connection, load_account(row.account), year=year, linked=linked, now=now)
    await connection.execute(update(reports).where(reports.c.id == number).values(case=case.id, ordinal=1))
    await note(connection, case.id, who_reported(row), "drafted", f"linked to {linked}" if linked else "", now=now)
    return str(case.number)


async def join_case(connection: AsyncConnection, number: int, case_number: str, now: datetime) -> str:
    row = await _locked(connection, number)
    if row.number:
        return str(row.number)
    live = cases.c.state.in_([CaseState.OPEN.value, CaseState.TAKEN.value])
    joined = select(cases.c.id).where(cases.c.number == clean(case_number), live).with_for_update()
    case = await connection.scalar(joined)
    if case is None:
        return ""
    last = await connection.scalar(select(func.max(reports.c.ordinal)).where(reports.c.case == case))
    await connection.execute(update(reports).where(reports.c.id == number).values(case=case, ordinal=(last or 0) + 1))
    await note(connection, case, who_reported(row), "joined", "", now=now)
    return case_number


async def of_person(connection: AsyncConnection, asker: str) -> Sequence[Report]:
    return sorted(await _some(connection, reports.c.asker == asker), key=lambda report: report.id)


async def drafts(connection: AsyncConnection, before: datetime) -> Sequence[Report]:
    return await _some(connection, (reports.c.state == _DRAFT) & (reports.c.at < before))


async def keep_shown(connection: AsyncConnection, number: int, said: Said) -> None:
    await connection.execute(update(reports).where(reports.c.id == number).values(shown=dump_said(said)))


async def keep_mail(connection: AsyncConnection, number: int, mail: Mail) -> None:
    showing = update(reports).where(reports.c.id == number, reports.c.state == _DRAFT)
    await connection.execute(showing.values(mail=dump_mail(mail)))


async def send(
    connection: AsyncConnection, number: int, version: int, *, who: str, gathered: bool, now: datetime
) -> bool:
    shown = (reports.c.version == version, reports.c.mail.is_not(None), reports.c.case.is_not(None))
    sending = (
        update(reports)
        .where(reports.c.id == number, reports.c.state == _DRAFT, *shown)
        .values(state=_SENT, sent_at=now, gathered=gathered)
        .returning(reports.c.case, reports.c.account)
    )
    row = (await connection.execute(sending)).one_or_none()
    if row is None:
        return False
    asleep = cases.c.state.in_([CaseState.DRAFT.value, CaseState.CANCELLED.value])
    state = when((asleep, CaseState.OPEN.value), else_=cases.c.state)
    urgent = cases.c.urgent | load_account(row.account).urgent
    await connection.execute(
        update(cases).where(cases.c.id == row.case).values(state=state, last_report_at=now, urgent=urgent)
    )
    await note(connection, row.case, who, "sent", "gathered with others" if gathered else "", now=now)
    return True


async def cancel(connection: AsyncConnection, number: int, *, who: str, now: datetime) -> bool:
    """The case goes with its last report, unless the press office has closed it."""
    cancelling = update(reports).where(reports.c.id == number, reports.c.state != _CANCELLED)
    row = (await connection.execute(cancelling.values(state=_CANCELLED).returning(reports.c.case))).one_or_none()
    if row is None:
        return False
    if row.case is not None:
        others = select(reports.c.id).where(reports.c.case == row.case, reports.c.state == _SENT)
        if (await connection.execute(others.limit(1))).first() is None:
            alone = (cases.c.id == row.case, cases.c.state != CaseState.CLOSED.value)
            ending = {"state": CaseState.CANCELLED.value, "closed_at": now, "closed_by": who}
            await connection.execute(update(cases).where(*alone).values(ending))
        await note(connection, row.case, who, "cancelled", "", now=now)
    return True


async def recent(connection: AsyncConnection, asker: str, since: datetime) -> tuple[int, int]:
    theirs = func.coalesce(func.sum(when((reports.c.asker == asker, 1), else_=0)), 0)
    counting = select(theirs, func.count()).where(reports.c.sent_at > since)
    by_author, by_all = (await connection.execute(counting)).one()
    return by_author, by_all


async def waiting_to_gather(connection: AsyncConnection) -> Sequence[Report]:
    if is_postgresql(connection):
        await connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    waiting = await _some(connection, reports.c.gathered & ~reports.c.in_letter & (reports.c.state == _SENT))
    return sorted(waiting, key=lambda report: report.id)


async def gathered_in(connection: AsyncConnection, key: str) -> Sequence[Report]:
    span = gathered_span(key)
    if span is None:
        return []
    held = await _some(connection, reports.c.in_letter & reports.c.id.between(*span) & (reports.c.state == _SENT))
    return sorted(held, key=lambda report: report.id)


async def gather(connection: AsyncConnection, numbers: Sequence[int]) -> None:
    await connection.execute(update(reports).where(reports.c.id.in_(numbers)).values(in_letter=True))


async def _locked(connection: AsyncConnection, number: int) -> Any:
    joined = reports.outerjoin(cases, cases.c.id == reports.c.case)
    wanted = select(reports, cases.c.number).select_from(joined).where(reports.c.id == number)
    return (await connection.execute(wanted.with_for_update(of=reports))).one()


async def _some(connection: AsyncConnection, which: Any) -> list[Report]:
    joined = reports.outerjoin(cases, cases.c.id == reports.c.case)
    wanted = select(reports, cases.c.number).select_from(joined).where(which).order_by(reports.c.ordinal, reports.c.id)
    rows = (await connection.execute(wanted)).all()
    held = await sql_files.held(connection, [row.id for row in rows])
    return [_read(row, held.get(row.id, ())) for row in rows]


def who_reported(row: Any) -> str:
    """A report's author in a case's history; empty where they were forgotten."""
    address = load_author(row.author).address
    return f"{address.platform}:{address.user}" if address.platform else ""


def _read(row: Any, held: tuple[AttachmentInfo, ...]) -> Report:
    return Report(
        id=row.id,
        author=load_author(row.author),
        account=load_account(row.account),
        state=ReportState(row.state),
        version=row.version,
        at=row.at,
        case=row.number or "",
        ordinal=row.ordinal or 1,
        mail=load_mail(row.mail),
        sent_at=row.sent_at,
        gathered=row.gathered,
        in_letter=row.in_letter,
        attachments=held,
        shown=load_said(row.shown),
        forgetting=row.forgetting,
    )
