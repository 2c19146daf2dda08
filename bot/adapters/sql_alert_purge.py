"""Erasing alerts that are past their time, and who reported them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql_letters import QUEUED
from bot.adapters.tables import attachments, case_history, cases, letters, reports
from bot.core.alerts import CaseState, ReportState

DRAFTS_KEPT = timedelta(days=7)

_ENDED = cases.c.state.in_([CaseState.CLOSED.value, CaseState.CANCELLED.value])
_LIVE = cases.c.state.in_([CaseState.OPEN.value, CaseState.TAKEN.value])


async def purge(
    connection: AsyncConnection, alerts_before: datetime | None, files_before: datetime | None, now: datetime
) -> Mapping[str, int]:
    """Erase, and tell how many drafts, cases and files were concerned; without a time nothing of that kind."""
    figures = {"drafts": await _drop_drafts(connection, now - DRAFTS_KEPT)}
    if files_before is not None:
        figures["files"] = await _erase_files(connection, files_before)
    if alerts_before is not None:
        figures["alerts"] = await _drop_cases(connection, _ENDED & (cases.c.closed_at < alerts_before))
    return figures


async def forget_author(connection: AsyncConnection, asker: str) -> None:
    """Forget who reported, with the mails that name them, unless somebody still works on it."""
    live = select(cases.c.id).where(_LIVE)
    idle = (reports.c.case.is_(None)) | reports.c.case.not_in(live)
    theirs = select(reports.c.id).where(reports.c.asker == asker, idle)
    named = letters.c.report.in_(theirs) & (letters.c.state != QUEUED)
    await connection.execute(update(letters).where(named).values(mail=None, address=None))
    await connection.execute(
        update(reports).where(reports.c.asker == asker, idle).values(asker=None, author=None, mail=None)
    )


async def _erase_files(connection: AsyncConnection, before: datetime) -> int:
    """Files whose mail still waits stay, however old, as do those of drafts, which go with them."""
    waiting = select(letters.c.report).where(letters.c.state == QUEUED, letters.c.report.is_not(None))
    drafts = select(reports.c.id).where(reports.c.state == ReportState.DRAFT.value)
    needed = attachments.c.report.in_(waiting) | attachments.c.report.in_(drafts)
    old = (attachments.c.at < before, attachments.c.content.is_not(None), ~needed)
    return (await connection.execute(update(attachments).where(*old).values(content=None))).rowcount


async def _drop_drafts(connection: AsyncConnection, before: datetime) -> int:
    """Drafts that nobody sent, with their cases; the counter of numbers stays."""
    unsent = or_(reports.c.state == ReportState.DRAFT.value, reports.c.case.is_(None))
    old = select(reports.c.id).where(unsent, reports.c.at < before)
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
