"""Erasing alerts that are past their time, and who reported them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql_letters import QUEUED
from bot.adapters.sql_reports import who_reported
from bot.adapters.tables import attachments, case_history, cases, letters, reports
from bot.core.alerts import DRAFTS_KEPT, CaseState, ReportState

_ENDED = cases.c.state.in_([CaseState.CLOSED.value, CaseState.CANCELLED.value])
_AUTHORS_DEEDS = ("drafted", "joined", "sent", "changed", "cancelled")
_LIVE = cases.c.state.in_([CaseState.OPEN.value, CaseState.TAKEN.value])


async def purge(
    connection: AsyncConnection, alerts_before: datetime | None, files_before: datetime | None, now: datetime
) -> Mapping[str, int]:
    """Erase, and tell how many drafts, cases and files were concerned; without a time nothing of that kind."""
    figures = {"drafts": await _drop_unsent(connection, reports.c.at < now - DRAFTS_KEPT)}
    await _forget_authors(connection)
    if files_before is not None:
        figures["files"] = await _erase_files(connection, files_before)
    if alerts_before is not None:
        figures["alerts"] = await _drop_cases(connection, _ENDED & (cases.c.closed_at < alerts_before))
    return figures


async def forget_author(connection: AsyncConnection, asker: str) -> None:
    """Their drafts go. Who sent a report is forgotten as soon as nobody works on it any more."""
    await _drop_unsent(connection, reports.c.asker == asker)
    await connection.execute(update(reports).where(reports.c.asker == asker).values(forgetting=True))
    await _forget_authors(connection)


async def _forget_authors(connection: AsyncConnection) -> None:
    """Those who asked for it, of cases that have ended and whose mails have left: there, and in the history."""
    live = select(cases.c.id).where(_LIVE)
    ended = reports.c.case.is_(None) | reports.c.case.not_in(live)
    waiting = select(letters.c.report).where(letters.c.state == QUEUED, letters.c.report.is_not(None))
    rows = await connection.execute(select(reports).where(reports.c.forgetting, ended, reports.c.id.not_in(waiting)))
    for row in rows.all():
        who = who_reported(row)
        done = (case_history.c.case == row.case, case_history.c.who == who, case_history.c.what.in_(_AUTHORS_DEEDS))
        await connection.execute(update(case_history).where(*done).values(who=""))
        own = (cases.c.id == row.case, cases.c.closed_by == who, cases.c.state == CaseState.CANCELLED.value)
        await connection.execute(update(cases).where(*own).values(closed_by=""))
        named = update(letters).where(letters.c.report == row.id)
        await connection.execute(named.values(mail=None, address=None))
        gone = {"asker": None, "author": None, "mail": None, "shown": None, "forgetting": False}
        await connection.execute(update(reports).where(reports.c.id == row.id).values(gone))


async def _erase_files(connection: AsyncConnection, before: datetime) -> int:
    """Files whose mail still waits stay, however old, as do those of drafts, which go with them."""
    waiting = select(letters.c.report).where(letters.c.state == QUEUED, letters.c.report.is_not(None))
    drafts = select(reports.c.id).where(reports.c.state == ReportState.DRAFT.value)
    needed = attachments.c.report.in_(waiting) | attachments.c.report.in_(drafts)
    old = (attachments.c.at < before, attachments.c.content.is_not(None), ~needed)
    return (await connection.execute(update(attachments).where(*old).values(content=None))).rowcount


async def _drop_unsent(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Drafts that nobody sent, with their cases; the counter of numbers stays."""
    unsent = or_(reports.c.state == ReportState.DRAFT.value, reports.c.case.is_(None))
    old = select(reports.c.id).where(unsent, which)
    numbers = (await connection.scalars(old)).all()
    await _drop_cases(
        connection, (cases.c.state == CaseState.DRAFT.value) & cases.c.id.in_(_cases_of(reports.c.id.in_(numbers)))
    )
    await connection.execute(delete(attachments).where(attachments.c.report.in_(numbers)))
    await connection.execute(delete(reports).where(reports.c.id.in_(numbers)))
    return len(numbers)


def _cases_of(which: ColumnElement[bool]) -> Select[Any]:
    return select(reports.c.case).where(which, reports.c.case.is_not(None))


async def _drop_cases(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """A case with everything that belongs to it; one with a letter that still waits stays."""
    waiting = select(letters.c.case).where(letters.c.state == QUEUED, letters.c.case.is_not(None))
    numbers = (await connection.scalars(select(cases.c.id).where(which, cases.c.id.not_in(waiting)))).all()
    theirs = select(reports.c.id).where(reports.c.case.in_(numbers))
    await connection.execute(delete(letters).where(letters.c.case.in_(numbers)))
    await connection.execute(delete(attachments).where(attachments.c.report.in_(theirs)))
    await connection.execute(delete(reports).where(reports.c.case.in_(numbers)))
    await connection.execute(delete(case_history).where(case_history.c.case.in_(numbers)))
    await connection.execute(delete(cases).where(cases.c.id.in_(numbers)))
    return len(numbers)
