"""The outbox: letters queued in the transaction that caused them, sent by whoever claims them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, and_, exists, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.codec import (
    UNREADABLE,
    clean,
    dump_address,
    dump_mail,
    dump_parts,
    load_address,
    load_mail,
    load_parts,
    load_said,
)
from bot.adapters.sql_dialect import insert_into
from bot.adapters.sql_history import note
from bot.adapters.tables import cases, letters, reports
from bot.core.alert_ports import LetterKind, LetterState, Trouble
from bot.core.alerts import gathers
from bot.core.answers import Language, Part
from bot.core.mail import Mail
from bot.core.messages import Address, Said
from bot.core.ports import Letter

QUEUED, SENT, DEAD, WITHDRAWN = "queued", "sent", "dead", "withdrawn"
_ENDED = (SENT, DEAD)
LATE = "late"
MAIL = "mail"  # the platform of a mail address, which is the address's user
BOT = "guidebot"  # who did what nobody did
LONGEST_ERROR = 500


async def queue(
    connection: AsyncConnection,
    key: str,
    address: Address,
    language: Language,
    parts: tuple[Part, ...],
    *,
    now: datetime,
    **more: Any,
) -> bool:
    queueing = insert_into(connection, letters).on_conflict_do_nothing(index_elements=["key"])
    letter = {
        "key": key,
        "address": dump_address(address),
        "platform": address.platform,
        "language": language,
        "parts": dump_parts(parts),
        "state": QUEUED,
        "attempts": 0,
        "created_at": now,
        "next_at": now,
        "last_error": "",
        **more,
    }
    return await connection.scalar(queueing.values(letter).returning(letters.c.id)) is not None


async def queue_mail(
    connection: AsyncConnection,
    key: str,
    to: str,
    mail: Mail,
    *,
    kind: LetterKind,
    case: str,
    report: int | None,
    now: datetime,
) -> bool:
    number = await connection.scalar(_numbered(case)) if case else None
    more = {"mail": dump_mail(mail), "kind": kind.value, "case": number, "report": report}
    return await queue(connection, key, Address(MAIL, user=to), "fr", (), now=now, **more)


async def claim(
    connection: AsyncConnection, now: datetime, lease: timedelta, platforms: Collection[str] | None
) -> Letter | None:
    """Take one letter that is due; those that this version can't read are dead, and hold up no other."""
    taking = _taking(now, lease, platforms)
    while row := (await connection.execute(taking)).one_or_none():
        try:
            return await _with_card(connection, _read(row), row.card)
        except UNREADABLE as error:
            await failed(connection, row.id, now=now, error=f"unreadable: {type(error).__name__}", retry_at=None)
    return None


async def sent(connection: AsyncConnection, number: int, now: datetime, said: Said | None) -> None:
    """Keep that it was sent, so that it isn't queued again; what, and to whom, is kept with a case only."""
    changed = update(letters).where(letters.c.id == number, letters.c.state != SENT)
    done = changed.values(state=SENT, sent_at=now, lease_until=None)
    row = (await connection.execute(done.returning(letters.c.case, letters.c.key, letters.c.card))).one_or_none()
    if row and row.card and said:
        kept = {"card": dump_address(said.address), "card_message": said.message}
        await connection.execute(update(cases).where(cases.c.number == row.card).values(kept))
    if row and row.case:
        await note(connection, row.case, BOT, "delivered", row.key, now=now)
    else:
        erasing = update(letters).where(letters.c.id == number, letters.c.case.is_(None))
        await connection.execute(erasing.values(address=None, parts=None, mail=None, replaces=None))


async def failed(
    connection: AsyncConnection,
    number: int,
    *,
    now: datetime,
    error: str,
    retry_at: datetime | None,
    attempt: int | None = None,
    doubtful: bool = False,
) -> None:
    changes: dict[str, Any] = {"state": DEAD} if retry_at is None else {"next_at": retry_at}
    mine = () if attempt is None else (letters.c.attempts == attempt,)
    noting = (
        update(letters)
        .where(letters.c.id == number, letters.c.state == QUEUED, *mine)
        .values(
            lease_until=None,
            last_error=error[:LONGEST_ERROR],
            doubtful=or_(letters.c.doubtful, literal(doubtful)),
            **changes,
        )
        .returning(letters.c.case, letters.c.key)
    )
    row = (await connection.execute(noting)).one_or_none()
    if row and row.case and retry_at is None:
        await note(connection, row.case, BOT, "dead", f"{row.key}: {error[:LONGEST_ERROR]}", now=now)


async def withdraw(connection: AsyncConnection, report: int, now: datetime) -> Sequence[str]:
    """Withdraw what waits. A letter that a worker holds may be on its way, as may one whose last try was cut off."""
    theirs = letters.c.report == report
    held = await connection.execute(select(letters).where(theirs).order_by(letters.c.id).with_for_update())
    gone = [row for row in held if row.state == SENT or (row.state != WITHDRAWN and (row.doubtful or row.lease_until))]
    await connection.execute(update(letters).where(theirs, letters.c.state == QUEUED).values(state=WITHDRAWN))
    case = await connection.scalar(select(letters.c.case).where(theirs).limit(1))
    if case is not None:
        await note(connection, case, BOT, "withdrawn", "", now=now)
    return list(dict.fromkeys(load_address(row.address).user for row in gone))


async def resend(
    connection: AsyncConnection, number: str, *, who: str, letter: int | None, now: datetime
) -> Sequence[str]:
    case = await connection.scalar(_numbered(number))
    if case is None:
        return ()
    which = (letters.c.state == DEAD) if letter is None else and_(letters.c.id == letter, letters.c.state.in_(_ENDED))
    again = (
        update(letters)
        .where(await _theirs(connection, case), which, letters.c.mail.is_not(None))
        .values(state=QUEUED, next_at=now, created_at=now, lease_until=None, told="")
    )
    queued = (await connection.execute(again.returning(letters.c.address))).scalars()
    addresses = [load_address(address).user for address in queued]
    if addresses:
        await note(connection, case, who, "resent", ", ".join(addresses), now=now)
    return addresses


async def of_case(connection: AsyncConnection, number: str) -> Sequence[LetterState]:
    case = await connection.scalar(_numbered(number))
    if case is None:
        return ()
    rows = await connection.execute(select(letters).where(await _theirs(connection, case)).order_by(letters.c.id))
    return [_state(row) for row in rows]


async def _theirs(connection: AsyncConnection, case: int) -> ColumnElement[bool]:
    """Which letters are the case's: its own, and those in which a report of it travels with others."""
    travelling = select(reports.c.id).where(reports.c.case == case, reports.c.in_letter)
    together = (await connection.scalars(travelling)).all()
    if not together:
        return letters.c.case == case
    keys = await connection.execute(select(letters.c.id, letters.c.key).where(letters.c.key.startswith("gathered ")))
    holding = [row.id for row in keys if any(gathers(row.key, report) for report in together)]
    return or_(letters.c.case == case, letters.c.id.in_(holding))


def _numbered(number: str) -> Select[int]:
    return select(cases.c.id).where(cases.c.number == clean(number))


async def troubles(connection: AsyncConnection, late_before: datetime, now: datetime) -> Sequence[Trouble]:
    """Mark and return: dead letters, and late ones to the press office, that nobody was told of."""
    dead = and_(letters.c.state == DEAD, letters.c.told != DEAD)
    waiting = and_(letters.c.state == QUEUED, letters.c.kind == LetterKind.PRESS, letters.c.created_at <= late_before)
    late = and_(waiting, letters.c.told == "")
    wanted = select(letters.c.id).where(or_(dead, late)).with_for_update(skip_locked=True)
    found = []
    for number in (await connection.scalars(wanted)).all():
        row = (await connection.execute(select(letters).where(letters.c.id == number))).one()
        what = DEAD if row.state == DEAD else LATE
        await connection.execute(update(letters).where(letters.c.id == number).values(told=what))
        if row.case and what == LATE:
            await note(connection, row.case, BOT, LATE, row.key, now=now)
        found.append(await _trouble(connection, row, what))
    return found


async def _trouble(connection: AsyncConnection, row: Any, what: str) -> Trouble:
    number = await connection.scalar(select(cases.c.number).where(cases.c.id == row.case)) if row.case else ""
    address = load_address(row.address)
    return Trouble(
        row.id, row.key, LetterKind(row.kind), what, address, row.last_error, case=number or "", report=row.report
    )


def _taking(now: datetime, lease: timedelta, platforms: Collection[str] | None) -> Update:
    """A claim. A lease that has run out tells of a worker that died, perhaps after the other side had accepted."""
    free = or_(letters.c.lease_until.is_(None), letters.c.lease_until <= now)
    wanted = () if platforms is None else (letters.c.platform.in_(platforms),)
    due = select(letters.c.id).where(letters.c.state == QUEUED, letters.c.next_at <= now, free, _its_turn(), *wanted)
    first = due.order_by(letters.c.next_at, letters.c.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    return (
        update(letters)
        .where(letters.c.id == first)
        .values(
            lease_until=now + lease,
            attempts=letters.c.attempts + 1,
            doubtful=or_(letters.c.doubtful, letters.c.lease_until.is_not(None)),
        )
        .returning(*letters.c)
    )


def _its_turn() -> ColumnElement[bool]:
    """A card waits for those of its case that were queued before: the last one sent must be the newest."""
    earlier = letters.alias()
    before = (earlier.c.card == letters.c.card, earlier.c.id < letters.c.id, earlier.c.state == QUEUED)
    return or_(letters.c.card == "", ~exists().where(*before).correlate(letters))


async def _with_card(connection: AsyncConnection, letter: Letter, number: str) -> Letter:
    """A case's card takes the place of the one that stands there."""
    if not number:
        return letter
    stands = select(cases.c.card, cases.c.card_message).where(cases.c.number == number, cases.c.card_message != "")
    row = (await connection.execute(stands)).one_or_none()
    return replace(letter, replaces=Said(load_address(row.card), row.card_message)) if row else letter


def _read(row: Any) -> Letter:
    return Letter(
        id=row.id,
        key=row.key,
        address=load_address(row.address),
        language=row.language,
        parts=load_parts(row.parts),
        attempts=row.attempts,
        created_at=row.created_at,
        kind=LetterKind(row.kind),
        mail=load_mail(row.mail),
        replaces=load_said(row.replaces),
    )


def _state(row: Any) -> LetterState:
    return LetterState(
        id=row.id,
        key=row.key,
        kind=LetterKind(row.kind),
        address=load_address(row.address),
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        sent_at=row.sent_at,
        last_error=row.last_error,
        mail=load_mail(row.mail),
        report=row.report,
    )
