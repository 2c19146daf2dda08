"""The files that go with reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql_dialect import insert_into
from bot.adapters.tables import attachments, reports
from bot.core.alerts import ReportState
from bot.core.attachments import Attachment, AttachmentInfo


async def attach(
    connection: AsyncConnection, report: int, files: Sequence[Attachment], keep: Collection[int] | None, now: datetime
) -> bool:
    """The draft's row is locked: what is being sent keeps its files."""
    draft = select(reports.c.id).where(reports.c.id == report, reports.c.state == ReportState.DRAFT.value)
    if await connection.scalar(draft.with_for_update()) is None:
        return False
    if keep is not None:
        dropped = (attachments.c.report == report, attachments.c.id.not_in(keep))
        await connection.execute(delete(attachments).where(*dropped))
    for file in files:
        await _put(connection, report, file, now)
    return True


async def read(connection: AsyncConnection, numbers: Sequence[int]) -> Sequence[Attachment]:
    wanted = select(attachments).where(attachments.c.id.in_(numbers), attachments.c.content.is_not(None))
    rows = await connection.execute(wanted.order_by(attachments.c.id))
    return [Attachment(row.name, row.media_type, bytes(row.content)) for row in rows]


async def held(connection: AsyncConnection, numbers: Sequence[int]) -> Mapping[int, tuple[AttachmentInfo, ...]]:
    """By report, what is known of its files; their content isn't read."""
    columns = (attachments.c.report, attachments.c.id, attachments.c.name, attachments.c.media_type, attachments.c.size)
    wanted = select(*columns).where(attachments.c.report.in_(numbers)).order_by(attachments.c.id)
    found: dict[int, tuple[AttachmentInfo, ...]] = {}
    for report, *info in await connection.execute(wanted):
        found[report] = (*found.get(report, ()), AttachmentInfo(*info))
    return found


async def _put(connection: AsyncConnection, report: int, file: Attachment, now: datetime) -> None:
    values = {"media_type": file.media_type, "size": len(file.content), "content": file.content, "at": now}
    putting = insert_into(connection, attachments).values(report=report, name=file.name, **values)
    await connection.execute(putting.on_conflict_do_update(index_elements=["report", "name"], set_=values))
