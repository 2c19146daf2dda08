"""The way of an alert through the store: form, preview, sending, case; one method for each step, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.alert_ports import LetterKind
from bot.core.alerts import (
    FLOOD_SPAN,
    GATHER_EVERY,
    Account,
    Author,
    Case,
    CaseEnd,
    CaseState,
    Report,
    ReportState,
    floods,
    gathered_key,
    recipients,
    together,
)
from bot.core.attachments import Fetched, travelling
from bot.core.forms import Form
from bot.core.mail import Mail
from bot.core.mail_text import Letterhead, correction_mail, gathered_mail, report_mail
from bot.core.messages import Said
from bot.core.office import OfficeHours, reminder_due
from bot.core.ports import Work


@dataclass(frozen=True, slots=True)
class Drafted:
    """A stored draft, the case of the same post that it may join, and where its author was shown it, if so."""

    report: int
    same: Case | None
    shown: Said | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be sent, to whom. `version` goes with the button that sends it."""

    report: int
    version: int
    case: Case
    mail: Mail
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """`fresh` is False for a second click. `answer_from` is when somebody is likely to read it: now, or an opening."""

    case: Case
    fresh: bool
    open_now: bool
    answer_from: datetime
    gathered: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`corrected` are the addresses that get a correction: they have the mail, or may have it."""

    case: Case | None
    corrected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handled:
    """A case that the press office takes or closes; `told` is how many reporters are told, None if nothing changed."""

    case: Case
    told: int | None


class Alerts:
    """What alerts need besides the store: the press office's address and hours, and the letterhead."""

    def __init__(self, press: str, head: Letterhead, hours: OfficeHours) -> None:
        self._press = press
        self._head = head
        self._hours = hours

    async def draft(self, work: Work, key: str, author: Author, account: Account) -> Drafted:
        """Store what was typed; the same key (a view's id, a click's) gives the same draft."""
        report = await work.add_report(key, author, account)
        return Drafted(report, await work.same_link(account.link))

    async def redraft(self, work: Work, report: int, author: Author, account: Account) -> Drafted | None:
        """Replace what a draft says, under the same number; None where it is another's, or no draft any more."""
        found = await work.report(report)
        if found is None or found.author.asker != author.asker or not await work.change_report(report, account):
            return None
        return Drafted(report, None, found.shown)

    async def attach(
        self, work: Work, report: int, form: Form, fetched: Sequence[Fetched], *, new: bool
    ) -> Sequence[Fetched]:
        """Give the draft the files that its form names; those that don't travel, with the reason.

        A new draft drops nothing: decided on a second time, it may hold what can't be fetched any more.
        """
        found = await work.report(report)
        kept = {upload.kept for upload in form.files if upload.kept}
        held = [file for file in found.attachments if file.id in kept] if found else []
        files, refused = travelling(fetched, held)
        await work.attach(report, files, keep=None if new else kept)
        return refused

    async def preview(
        self, work: Work, report: int, now: datetime, *, join: str = "", linked: str = ""
    ) -> Preview | None:
        """Give the draft its case (that one, or one of its own) and the mail; None where it is no draft any more.

        A case that was closed meanwhile can't be joined: then the draft gets one of its own, linked to it.
        """
        joined = await work.join_case(report, join) if join else ""
        number = joined or await work.open_case(report, year=self._year(now), linked=linked or join)
        found, case = await work.report(report), await work.case(number)
        if found is None or case is None or found.state is not ReportState.DRAFT:
            return None
        mail = report_mail(case, found, self._head)
        await work.keep_mail(report, mail)
        return Preview(report, found.version, case, mail, self._recipients(found))

    async def send(self, work: Work, report: int, version: int, now: datetime) -> Receipt | None:
        """Send what that version's preview showed, once; None where it can't be sent any more as it was shown."""
        found = await work.report(report)
        if found is None or found.mail is None:
            return None
        by_author, by_all = await work.recent_reports(found.author.asker, now - FLOOD_SPAN)
        gathered = floods(by_author=by_author, by_all=by_all)
        fresh = await work.send_report(report, version, who=who(found.author), gathered=gathered)
        if fresh and not gathered:
            await self._queue(work, found, found.mail)
        after = await work.report(report)  # a second click may have waited for the first one's end
        case = await work.case(found.case)
        if case is None or after is None or after.state is not ReportState.SENT or after.version != version:
            return None
        return self._receipt(case, now, fresh=fresh, gathered=after.gathered)

    async def cancel(self, work: Work, report: int, now: datetime) -> Cancelled | None:
        """Take a report back: letters that wait are withdrawn, whoever may have it gets a correction; None if done."""
        found = await work.report(report)
        if found is None or not await work.cancel_report(report, who=who(found.author)):
            return None
        case = await work.case(found.case) if found.case else None
        reached = list(await work.withdraw(report))
        if found.in_letter:
            reached = list(self._recipients(found))
        if case is not None and reached:
            mail = correction_mail(case, found, self._head, now)
            await self._queue(work, found, mail, to=reached, what="correction")
        return Cancelled(case, tuple(reached))

    async def take(self, work: Work, number: str, by: str) -> Sequence[Author] | None:
        """Note who takes the case; the authors to tell, or None where it isn't open."""
        return await self._authors(work, number) if await work.take_case(number, who=by) else None

    async def close(self, work: Work, number: str, end: CaseEnd, by: str, words: str = "") -> Sequence[Author] | None:
        """End the case with the press office's words; the authors to tell, or None where it has ended."""
        closed = await work.close_case(number, end, who=by, words=words)
        return await self._authors(work, number) if closed else None

    async def due_reminders(self, work: Work, now: datetime) -> Sequence[Case]:
        """The cases that nobody took within two working hours, each once."""
        waiting = [case for case in await work.cases(CaseState.OPEN) if case.reminded_at is None]
        due = [case for case in waiting if reminder_due(case.last_report_at or case.opened_at, now, self._hours)]
        return [case for case in due if await work.remind_case(case.number)]

    async def gather(self, work: Work, now: datetime) -> int:
        """Queue a letter for the reports of a flood, once the first has waited long enough; how many it holds."""
        waiting = await work.waiting_to_gather()
        if not waiting or now - (waiting[0].sent_at or now) < GATHER_EVERY:
            return 0
        gathered = together(waiting)
        for address in dict.fromkeys(address for report in gathered for address in self._recipients(report)):
            theirs = [report for report in gathered if address in self._recipients(report)]
            kind = LetterKind.PRESS if address == self._press else LetterKind.COPY
            mail = gathered_mail(theirs, self._head, now)
            await work.queue_mail(gathered_key(theirs, address), address, mail, kind=kind)
        await work.gather([report.id for report in gathered])
        return len(gathered)

    async def _queue(
        self, work: Work, report: Report, mail: Mail, *, to: Sequence[str] = (), what: str = "report"
    ) -> None:
        for address in to or self._recipients(report):
            kind = LetterKind.PRESS if address == self._press else LetterKind.COPY
            key = f"{what} {report.case}.{report.ordinal} to {address}"
            await work.queue_mail(key, address, mail, kind=kind, case=report.case, report=report.id)

    async def _authors(self, work: Work, number: str) -> Sequence[Author]:
        sent = [report.author for report in await work.case_reports(number) if report.state is ReportState.SENT]
        return list({author.asker: author for author in sent if author.address.platform}.values())

    def _recipients(self, report: Report) -> tuple[str, ...]:
        return recipients(report.account, report.author, self._press)

    def _receipt(self, case: Case, now: datetime, *, fresh: bool, gathered: bool) -> Receipt:
        return Receipt(case, fresh, self._hours.is_open(now), self._hours.next_opening(now), gathered)

    def _year(self, now: datetime) -> int:
        return now.astimezone(self._head.zone).year


def who(author: Author) -> str:
    """A person in a case's history."""
    return f"{author.address.platform}:{author.address.user}"
