"""The conversation about a report: offer, form, preview, sending, taking back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import assert_never

from bot.core.actions import (
    Action,
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
from bot.core.alerts import DRAFTS_KEPT, Author, CaseEnd, Report, ReportState, Retention
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
    Reply,
)
from bot.core.assistant import Assistant
from bot.core.attachments import Fetched
from bot.core.forms import Form
from bot.core.knowledge import E_REPUTATION
from bot.core.links import first_link
from bot.core.messages import Address, Incoming, Kind
from bot.core.ports import Work
from bot.service.alarms import Alarms
from bot.service.alerts import Alerts
from bot.service.case_card import OFFICE
from bot.service.case_desk import CaseDesk
from bot.service.report_words import ReportWords, private
from bot.service.team import Team


class Reporting:
    """Decides on all that concerns reports, inside the transaction of the event; nothing is sent here.

    `team` takes and closes cases; `channel` is where their cards are shown, if anywhere; `kept` is what people are told
    of how long things are kept.
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
        kept: Retention | None = None,
    ) -> None:
        self._alerts = alerts
        self._assistant = assistant
        self._clock = clock
        self._zone = zone
        self.team = team or Team()
        self.alarms = Alarms(assistant, channel)
        self._words = ReportWords(self._say, self.alarms.phone, zone, kept or Retention())
        self.cases = CaseDesk(alerts, self._say, clock, channel)

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

    def begin(self, words: str, language: Language, *, quoted: str = "", quoted_link: str = "") -> Reply:
        """An empty form, or one that begins with these words, or with a quoted message, and the link in them."""
        part = self.with_words(quoted or words, quoted_link)
        link = first_link(words) or part.form.link
        return private(language, replace(part, form=replace(part.form, link=link)))

    def resumed(self, part: FormPart, language: Language) -> Reply:
        """The form that was being filled in, where it was left."""
        return private(language, part)

    async def shown_again(self, work: Work, action: Action, asker: str, language: Language) -> Reply | None:
        """What words that come too late were about: nothing is done before it was seen again. None for no draft."""
        report = await work.report(action.report) if isinstance(action, Send | Change | Cancel) else None
        if report is None or report.author.asker != asker or report.state is not ReportState.DRAFT:
            return None
        preview = await self._alerts.preview(work, report.id, self._clock())
        return self._words.previewed(preview, language) if preview else None

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
            return private(language, FormPart(form, incoming.report, fields))
        drafted = await (
            self._alerts.redraft(work, incoming.report, author, checked.account)
            if incoming.report
            else self._alerts.draft(work, incoming.key, author, checked.account)
        )
        if drafted is None:
            return self._notice("report_over", language)
        refused = await self._alerts.attach(work, drafted.report, form, files, new=not incoming.report)
        aside = tuple(Note(self._words.refused(one, language)) for one in refused)
        if drafted.same:
            return self._words.already(drafted.report, drafted.same, language, aside)
        preview = await self._alerts.preview(work, drafted.report, self._clock())
        if preview is None:
            return self._notice("report_over", language)
        if drafted.shown:
            return self._words.previewed(preview, language, aside, manner=Manner.REPLACE, replaces=drafted.shown)
        return self._words.previewed(preview, language, aside)

    async def press(
        self, work: Work, incoming: Incoming, asker: str, action: ReportAction, language: Language
    ) -> Reply:
        """A button of the conversation, or of a case's card."""
        match action:
            case Prepare() | Change():
                part = await self.form_of(work, action, asker)
                return private(language, part) if part else await self._over(work, action, language)
            case LeaveIt():
                return self._notice("report_left", language)
            case TakeCase() | CloseCase():
                return await self._handled(work, incoming, action, language)
            case Join() | Separate() | Send() | Cancel():
                report = await work.report(action.report)
                if report is None:
                    return await self._over(work, action, language)
                if report.author.asker != asker:
                    return self._notice("not_yours", language)
                return await self._about(work, report, action, report.author.language)
            case _:
                assert_never(action)

    async def expire(self, work: Work) -> None:
        """Tell the authors of drafts whose time is over, in place of the previews whose buttons would do nothing."""
        for report in await work.drafts(self._clock() - DRAFTS_KEPT):
            await self._give_up(work, report, "report_expired")

    async def data(self, work: Work, asker: str, language: Language) -> tuple[Part, ...]:
        """What is kept of a person's reports; nothing where they made none."""
        reports = await work.reports_of(asker)
        cases = {report.case: await work.case(report.case) for report in reports if report.case}
        return self._words.data(reports, cases, language)

    async def forget(self, work: Work, asker: str) -> None:
        """Somebody's data is erased: what they are shown of their drafts goes, too."""
        for report in await work.reports_of(asker):
            if report.state is ReportState.DRAFT:
                await self._give_up(work, report, "report_erased")

    async def _about(
        self, work: Work, report: Report, action: Join | Separate | Send | Cancel, language: Language
    ) -> Reply:
        now = self._clock()
        match action:
            case Join(number, case):
                preview = await self._alerts.preview(work, number, now, join=case)
            case Separate(number, case):
                preview = await self._alerts.preview(work, number, now, linked=case)
            case Send(number, version):
                receipt = await self._alerts.send(work, number, version, now)
                if receipt is None:
                    return await self._over(work, action, language)
                await self.cases.sent(work, receipt.case, report.ordinal)
                if receipt.gathered:
                    await self.alarms.flood(work, receipt.case.number, now)
                return self._words.receipt(report, receipt, language)
            case Cancel():
                return await self._cancel(work, report, language)
        return (
            self._words.previewed(preview, language, manner=Manner.REPLACE)
            if preview
            else await self._over(work, action, language)
        )

    async def _cancel(self, work: Work, report: Report, language: Language) -> Reply:
        """Take a report back; what the press office sees of it changes, too. A second time says the same."""
        cancelled = await self._alerts.cancel(work, report.id, self._clock())
        if cancelled and cancelled.case and report.state is ReportState.SENT:
            await self.cases.show_card(work, cancelled.case, f"cancelled {report.id}")
        return self._words.cancelled(report, cancelled, language)

    async def _over(
        self, work: Work, action: Prepare | Change | Join | Separate | Send | Cancel, language: Language
    ) -> Reply:
        """For a button that does nothing any more: it goes, unless it stands with what its author needs yet."""
        if isinstance(action, Prepare):
            return self._notice("stale", language)
        report = await work.report(action.report)
        live = report is not None and report.state is not ReportState.CANCELLED
        said = Paragraph(self._say("report_over", language))
        return private(language, said, manner=Manner.SAY if live else Manner.REPLACE)

    async def _give_up(self, work: Work, report: Report, key: str) -> None:
        if report.shown:
            said = Paragraph(self._say(key, report.author.language))
            await work.queue(
                f"{key} {report.id}", report.shown.address, report.author.language, (said,), replaces=report.shown
            )

    async def _handled(self, work: Work, incoming: Incoming, action: TakeCase | CloseCase, language: Language) -> Reply:
        """The press office takes or closes a case: its card changes in place, and its reporters are told."""
        address = incoming.address
        if not (known := self.team.has(address)):
            return self._notice("not_of_press" if known is False else "team_unknown", language)
        if isinstance(action, CloseCase) and action.end not in list(CaseEnd):
            return self._notice("case_how", language, number=action.case)
        by, pressed = f"{address.platform}:{address.user}", incoming.message if incoming.kind is Kind.PRESS else ""
        done = await self.cases.press(work, action, by, pressed)
        return done or self._notice("case_unknown", language, number=action.case)

    def _notice(self, key: str, language: Language, **values: object) -> Reply:
        return private(language, Paragraph(self._say(key, language, **values)))

    def _say(self, key: str, language: Language, **values: object) -> str:
        return self._assistant().say(key, language, **values)


def for_one(address: Address) -> Address:
    """Where a person can be told something alone, whatever channel they spoke in."""
    if address.direct and address.channel:
        return replace(address, thread="")
    return Address(address.platform, address.team, user=address.user, direct=True)
