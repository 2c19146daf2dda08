"""The part of a Work about alerts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters import sql_cases, sql_files, sql_history, sql_letters, sql_reports
from bot.core.alert_ports import LetterKind, LetterState, Trouble
from bot.core.alerts import Account, Author, Case, CaseEnd, CaseState, HistoryLine, Report
from bot.core.answers import Part
from bot.core.attachments import Attachment
from bot.core.mail import Mail
from bot.core.messages import Address, Said


class SqlAlertWork:
    """An AlertWork, on a transaction that SqlStore begins and ends."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._clock = clock
        self.queued_to: set[str] = set()  # the platforms of the letters queued in this transaction

    async def add_report(self, key: str, author: Author, account: Account) -> int:
        return await sql_reports.add(self._connection, key, author, account, self._clock())

    async def report(self, report: int) -> Report | None:
        return await sql_reports.find(self._connection, report)

    async def change_report(self, report: int, account: Account) -> int:
        return await sql_reports.change(self._connection, report, account, self._clock())

    async def attach(self, report: int, files: Sequence[Attachment], *, keep: Collection[int] | None = None) -> bool:
        return await sql_files.attach(self._connection, report, files, keep, self._clock())

    async def same_link(self, link: str) -> Case | None:
        return await sql_cases.same_link(self._connection, link, self._clock())

    async def open_case(self, report: int, *, year: int, linked: str = "") -> str:
        return await sql_reports.open_case(self._connection, report, year=year, linked=linked, now=self._clock())

    async def join_case(self, report: int, number: str) -> str:
        return await sql_reports.join_case(self._connection, report, number, self._clock())

    async def keep_mail(self, report: int, mail: Mail) -> None:
        await sql_reports.keep_mail(self._connection, report, mail)

    async def send_report(self, report: int, version: int, *, who: str, gathered: bool = False) -> bool:
        now = self._clock()
        return await sql_reports.send(self._connection, report, version, who=who, gathered=gathered, now=now)

    async def cancel_report(self, report: int, *, who: str) -> bool:
        return await sql_reports.cancel(self._connection, report, who=who, now=self._clock())

    async def recent_reports(self, asker: str, since: datetime) -> tuple[int, int]:
        return await sql_reports.recent(self._connection, asker, since)

    async def case(self, number: str) -> Case | None:
        return await sql_cases.find(self._connection, number)

    async def cases(self, state: CaseState | None = None) -> Sequence[Case]:
        return await sql_cases.some(self._connection, state)

    async def case_reports(self, number: str) -> Sequence[Report]:
        return await sql_reports.of_case(self._connection, number)

    async def history(self, number: str) -> Sequence[HistoryLine]:
        return await sql_history.of_case(self._connection, number)

    async def take_case(self, number: str, *, who: str) -> bool:
        return await sql_cases.take(self._connection, number, who=who, now=self._clock())

    async def close_case(self, number: str, end: CaseEnd, *, who: str, words: str = "") -> bool:
        return await sql_cases.close(self._connection, number, end, who=who, words=words, now=self._clock())

    async def remind_case(self, number: str) -> bool:
        return await sql_cases.remind(self._connection, number, self._clock())

    async def keep_shown(self, report: int, said: Said) -> None:
        await sql_reports.keep_shown(self._connection, report, said)

    async def drafts(self, before: datetime) -> Sequence[Report]:
        return await sql_reports.drafts(self._connection, before)

    async def reports_of(self, asker: str) -> Sequence[Report]:
        return await sql_reports.of_person(self._connection, asker)

    async def queue_card(self, key: str, number: str, channel: Address, parts: tuple[Part, ...]) -> bool:
        self.queued_to.add(channel.platform)
        now = self._clock()
        return await sql_letters.queue(self._connection, key, channel, "fr", parts, now=now, card=number)

    async def queue_mail(
        self, key: str, to: str, mail: Mail, *, kind: LetterKind, case: str = "", report: int | None = None
    ) -> bool:
        now = self._clock()
        self.queued_to.add(sql_letters.MAIL)
        return await sql_letters.queue_mail(
            self._connection, key, to, mail, kind=kind, case=case, report=report, now=now
        )

    async def withdraw(self, report: int) -> Sequence[str]:
        return await sql_letters.withdraw(self._connection, report, self._clock())

    async def resend(self, number: str, *, who: str, letter: int | None = None) -> Sequence[str]:
        self.queued_to.add(sql_letters.MAIL)
        return await sql_letters.resend(self._connection, number, who=who, letter=letter, now=self._clock())

    async def waiting_to_gather(self) -> Sequence[Report]:
        return await sql_reports.waiting_to_gather(self._connection)

    async def gathered_in(self, key: str) -> Sequence[Report]:
        return await sql_reports.gathered_in(self._connection, key)

    async def gather(self, reports: Sequence[int]) -> None:
        await sql_reports.gather(self._connection, reports)

    async def case_letters(self, number: str) -> Sequence[LetterState]:
        return await sql_letters.of_case(self._connection, number)

    async def troubles(self, *, late_before: datetime) -> Sequence[Trouble]:
        return await sql_letters.troubles(self._connection, late_before, self._clock())
