"""The conversation about a report: offer, form, preview, sending, and what the press office does with the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import assert_never

from bot.core.actions import (
    Cancel,
    Change,
    CloseCase,
    Join,
    LeaveIt,
    Look,
    Prepare,
    ReportAction,
    Send,
    Separate,
    TakeCase,
)
from bot.core.alert_form import Checked, check, prefilled, typed
from bot.core.alerts import Author, Case, CaseEnd, Report, ReportState
from bot.core.answers import (
    Answer,
    Audience,
    Field,
    FormPart,
    Language,
    Manner,
    Note,
    Outcome,
    Paragraph,
    Part,
    Pick,
    Quote,
    Reply,
    Title,
)
from bot.core.assistant import Assistant
from bot.core.attachments import Fetched
from bot.core.forms import Form
from bot.core.knowledge import E_REPUTATION
from bot.core.links import first_link
from bot.core.mail import one_line
from bot.core.messages import Address, Incoming
from bot.core.ports import Work
from bot.service.alarms import Alarms
from bot.service.alerts import Alerts, Cancelled, Handled, Preview, Receipt
from bot.service.case_card import OFFICE, card
from bot.service.team import Team

_MOMENT = {"fr": "%d/%m à %Hh%M", "en": "%Y-%m-%d, %H:%M"}


class Reporting:
    """Decides on all that concerns reports, inside the transaction of the event; nothing is sent here.

    `team` takes and closes cases; `channel` is where their cards are shown, if anywhere.
    """

    def __init__(
        self,
        alerts: Alerts,
        assistant: Callable[[], Assistant],
        clock: Callable[[], datetime],
        zone: tzinfo,
        *,
        team: Team | None = None,
        channel: Address | None = None,
    ) -> None:
        self._alerts = alerts
        self._assistant = assistant
        self._clock = clock
        self._zone = zone
        self.team = team or Team()
        self.alarms = Alarms(assistant, channel)
        self._channel = channel

    def offered(self, answer: Answer, question: int) -> Answer:
        """A report, or the section about reporting, with what the bot can do about it; a report is nobody else's."""
        reported = answer.outcome is Outcome.REPORT
        if not reported and answer.entries[:1] != (E_REPUTATION,):
            return answer
        say = self._assistant().say
        offer: list[Part] = [Pick(say("report_prepare", answer.language), Prepare(question))]
        if reported:
            offer.append(Pick(say("report_explain", answer.language), Look(E_REPUTATION)))
            offer.append(Pick(say("report_leave", answer.language), LeaveIt(question)))
        audience = Audience.ONLY_YOU if reported else answer.audience
        return replace(answer, parts=(*answer.parts, *offer), audience=audience)

    def begin(self, words: str, language: Language) -> Reply:
        """An empty form, or one that begins with these words and the link in them."""
        return _private(language, self.with_words(words))

    def with_words(self, words: str, link: str = "") -> FormPart:
        """A form that begins with a message's words and the link in them, or with that link."""
        form = prefilled(words, link)
        return FormPart(replace(form, said="") if words.strip() == first_link(words) else form)

    def checked(self, form: Form) -> Checked:
        """The form's account, or what is wrong with it. A place stands for the mail address of its contact."""
        contact = self._assistant().contact_mail(form.copy_regional) if form.copy_regional.strip() else ""
        known = replace(form, copy_regional=contact or form.copy_regional.strip())
        return check(known, self._clock().astimezone(self._zone))

    def problems(self, checked: Checked, language: Language) -> Mapping[str, str]:
        """By field, the sentence that says what is wrong with it."""
        return {one.field: self._assistant().say(f"problem_{one.words}", language) for one in checked.problems}

    def contacts(self) -> Sequence[tuple[str, str]]:
        """The regional contacts that may get a copy: place and name, and their mail addresses."""
        known = self._assistant().knowledge.delegations
        return [(f"{one.title[OFFICE]} – {person.name}", person.mail) for one in known for person in one.people]

    async def form_of(self, work: Work, action: Prepare | Change, asker: str) -> FormPart | None:
        """What the form begins with; None where it is somebody else's, or too late."""
        if isinstance(action, Prepare):
            asked = await work.question(action.question) if action.question else None
            mine = asked is not None and asked.asker == asker
            return FormPart(prefilled(asked.text) if asked and mine else Form())
        report = await work.report(action.report)
        if report is None or report.author.asker != asker or report.state is not ReportState.DRAFT:
            return None
        return FormPart(typed(report.account, report.attachments), report.id)

    async def submitted(self, work: Work, incoming: Incoming, author: Author, files: Sequence[Fetched] = ()) -> Reply:
        """A filled-in form becomes a draft with its preview, or is given back with what is wrong.

        A file that doesn't travel holds up nothing: the preview says so, and what is attached.
        """
        form, language = incoming.form or Form(), author.language
        checked = self.checked(form)
        if checked.account is None:
            fields = tuple(Field(name, words) for name, words in self.problems(checked, language).items())
            return _private(language, FormPart(form, incoming.report, fields))
        drafted = await (
            self._alerts.redraft(work, incoming.report, author, checked.account)
            if incoming.report
            else self._alerts.draft(work, incoming.key, author, checked.account)
        )
        if drafted is None:
            return self._notice("stale", language)
        refused = await self._alerts.attach(work, drafted.report, form, files, new=not incoming.report)
        aside = tuple(Note(self._refused(one, language)) for one in refused)
        if drafted.same:
            return self._already(drafted.report, drafted.same, language, aside)
        preview = await self._alerts.preview(work, drafted.report, self._clock())
        return self._previewed(preview, language, aside)

    async def press(self, work: Work, address: Address, asker: str, action: ReportAction, language: Language) -> Reply:
        """A button of the conversation, or of a case's card."""
        match action:
            case Prepare() | Change():
                part = await self.form_of(work, action, asker)
                return _private(language, part) if part else self._notice("stale", language)
            case LeaveIt():
                return self._notice("report_left", language)
            case TakeCase() | CloseCase():
                return await self._handled(work, address, action, language)
            case Join() | Separate() | Send() | Cancel():
                report = await work.report(action.report)
                if report is None or report.author.asker != asker:
                    return self._notice("not_yours" if report else "stale", language)
                return await self._about(work, report, action, report.author.language)
            case _:
                assert_never(action)

    async def handle(self, work: Work, action: TakeCase | CloseCase, by: str) -> Handled | None:
        """Take or close a case for somebody who may, and have its reporters told; None where there is no such case."""
        if isinstance(action, TakeCase):
            authors, what = await self._alerts.take(work, action.case, by), "taken"
        else:
            end = CaseEnd(action.end)
            authors, what = await self._alerts.close(work, action.case, end, by), f"closed_{end.name.lower()}"
        case = await work.case(action.case)
        if case is None:
            return None
        await self._tell(work, case, authors or (), what)
        return Handled(case, None if authors is None else len(authors))

    async def show_card(self, work: Work, case: Case, what: str) -> bool:
        """Show the case's card anew in the alerts channel, once for each `what`; False where there is no channel."""
        if self._channel:
            await work.queue(f"card {case.number}.{what}", self._channel, OFFICE, card(case, self._say))
        return self._channel is not None

    async def remind(self, work: Work) -> None:
        """Remind the press office, once, of each case that nobody took in time; without a channel nobody is."""
        if self._channel is None:
            return
        for case in await self._alerts.due_reminders(work, self._clock()):
            said = Paragraph(self._say("card_reminder", OFFICE, number=case.number))
            await work.queue(f"reminder {case.number}", self._channel, OFFICE, (said, *card(case, self._say)))

    async def _about(
        self, work: Work, report: Report, action: Join | Separate | Send | Cancel, language: Language
    ) -> Reply:
        now = self._clock()
        match action:
            case Join(number, case):
                return self._previewed(await self._alerts.preview(work, number, now, join=case), language)
            case Separate(number, case):
                return self._previewed(await self._alerts.preview(work, number, now, linked=case), language)
            case Send(number, version):
                receipt = await self._alerts.send(work, number, version, now)
                if receipt is None:
                    return self._notice("stale", language)
                await self.show_card(work, receipt.case, str(report.ordinal))
                if receipt.gathered:
                    await self.alarms.flood(work, receipt.case.number, now)
                return self._receipt(report, receipt, language)
            case Cancel(number):
                return self._cancelled(await self._alerts.cancel(work, number, now), language)

    async def _handled(self, work: Work, address: Address, action: TakeCase | CloseCase, language: Language) -> Reply:
        """The press office takes or closes a case: its card changes in place, and its reporters are told."""
        if not (known := self.team.has(address)):
            return self._notice("not_of_press" if known is False else "team_unknown", language)
        handled = await self.handle(work, action, f"{address.platform}:{address.user}")
        if handled is None:
            return self._notice("stale", language)
        return Reply((Answer(Outcome.NOTICE, card(handled.case, self._say), OFFICE),), Manner.REPLACE)

    async def _tell(self, work: Work, case: Case, authors: Sequence[Author], what: str) -> None:
        for author in authors:
            said = Paragraph(self._say(f"case_{what}", author.language, number=case.number))
            await work.queue(f"{what} {case.number} {author.asker}", author.address, author.language, (said,))

    def _refused(self, one: Fetched, language: Language) -> str:
        problem = self._say(f"problem_{one.problem}", language)
        return self._say("file_refused", language, name=one_line(one.upload.name), problem=problem)

    def _already(self, report: int, case: Case, language: Language, aside: Sequence[Part]) -> Reply:
        """The same post was reported: one more account of it, or a case of its own all the same."""
        state = self._say(f"state_{case.state.value}", language)
        at = (case.last_report_at or case.opened_at).astimezone(self._zone).strftime(_MOMENT[language])
        return _private(
            language,
            *aside,
            Paragraph(self._say("report_already", language, number=case.number, at=at, state=state)),
            Pick(self._say("report_join", language), Join(report, case.number)),
            Pick(self._say("report_anyway", language), Separate(report, case.number)),
            Pick(self._say("report_drop", language), Cancel(report)),
        )

    def _previewed(self, preview: Preview | None, language: Language, aside: Sequence[Part] = ()) -> Reply:
        if preview is None:
            return self._notice("stale", language)
        report = preview.report
        return _private(
            language,
            Title(self._say("report_preview", language, number=preview.case.number)),
            *aside,
            Paragraph(self._say("report_to", language, recipients=", ".join(preview.recipients))),
            Quote(f"{preview.mail.subject}\n\n{preview.mail.text.rstrip()}"),
            Pick(self._say("report_send", language), Send(report, preview.version)),
            Pick(self._say("report_change", language), Change(report)),
            Pick(self._say("report_drop", language), Cancel(report)),
        )

    def _receipt(self, report: Report, receipt: Receipt, language: Language) -> Reply:
        number = receipt.case.number
        parts: list[Part] = [Paragraph(self._say("report_sent", language, number=number))]
        if receipt.gathered:
            parts.append(Paragraph(self._say("report_gathered", language)))
        at = receipt.answer_from.strftime(_MOMENT[language])
        key = "report_office_open" if receipt.open_now else "report_office_closed"
        parts.append(Paragraph(self._say(key, language, at=at, phone=self.alarms.phone())))
        parts.append(Pick(self._say("report_mistake", language), Cancel(report.id)))
        return _private(language, *parts, manner=Manner.REPLACE)

    def _cancelled(self, cancelled: Cancelled | None, language: Language) -> Reply:
        if cancelled is None:
            return self._notice("stale", language)
        key = "report_corrected" if cancelled.corrected else "report_cancelled"
        number = cancelled.case.number if cancelled.case else ""
        said = Paragraph(self._say(key, language, number=number, recipients=", ".join(cancelled.corrected)))
        return _private(language, said, manner=Manner.REPLACE)

    def _notice(self, key: str, language: Language) -> Reply:
        return _private(language, Paragraph(self._say(key, language)))

    def _say(self, key: str, language: Language, **values: object) -> str:
        return self._assistant().say(key, language, **values)


def _private(language: Language, *parts: Part, manner: Manner = Manner.SAY) -> Reply:
    return Reply((Answer(Outcome.NOTICE, parts, language, audience=Audience.ONLY_YOU),), manner)


def for_one(address: Address) -> Address:
    """Where a person can be told something alone, whatever channel they spoke in."""
    if address.direct and address.channel:
        return replace(address, thread="")
    return Address(address.platform, address.team, user=address.user, direct=True)
