"""What the author of a report is shown: values in, a reply out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from bot.core.actions import Cancel, Change, Join, Send, Separate
from bot.core.alerts import DRAFTS_KEPT, Case, Report, ReportState, Retention
from bot.core.answers import (
    Answer,
    Audience,
    Bullets,
    Language,
    Manner,
    Outcome,
    Paragraph,
    Part,
    Pick,
    Quote,
    Reply,
    Say,
    Title,
)
from bot.core.attachments import Fetched
from bot.core.mail import one_line
from bot.core.messages import Said
from bot.service.alerts import Cancelled, Preview, Receipt

_MOMENT = {"fr": "%d/%m à %Hh%M", "en": "%Y-%m-%d, %H:%M"}
_DAY = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}


class ReportWords:
    """Draws with the sentences of the moment; hours are those of `zone`."""

    def __init__(self, say: Say, phone: Callable[[], str], zone: tzinfo, kept: Retention) -> None:
        self._say = say
        self._phone = phone
        self._zone = zone
        self._kept = kept

    def refused(self, one: Fetched, language: Language) -> str:
        problem = self._say(f"problem_{one.problem}", language)
        return self._say("file_refused", language, name=one_line(one.upload.name), problem=problem)

    def already(self, report: int, case: Case, language: Language, aside: Sequence[Part]) -> Reply:
        """The same post was reported: one more account of it, or a case of its own all the same."""
        state = self._say(f"state_{case.state.value}", language)
        at = (case.last_report_at or case.opened_at).astimezone(self._zone).strftime(_MOMENT[language])
        return private(
            language,
            *aside,
            Paragraph(self._say("report_already", language, number=case.number, at=at, state=state)),
            Pick(self._say("report_join", language), Join(report, case.number)),
            Pick(self._say("report_anyway", language), Separate(report, case.number)),
            Pick(self._say("report_drop", language), Cancel(report)),
            about=report,
        )

    def previewed(
        self,
        preview: Preview,
        language: Language,
        aside: Sequence[Part] = (),
        *,
        manner: Manner = Manner.SAY,
        replaces: Said | None = None,
    ) -> Reply:
        report = preview.report
        shown = private(
            language,
            Title(self._say("report_preview", language, number=preview.case.number)),
            *aside,
            Paragraph(self._say("report_to", language, recipients=", ".join(preview.recipients))),
            Quote(f"{preview.mail.subject}\n\n{preview.mail.text.rstrip()}"),
            Pick(self._say("report_send", language), Send(report, preview.version)),
            Pick(self._say("report_change", language), Change(report)),
            Pick(self._say("report_drop", language), Cancel(report)),
            manner=manner,
            about=report,
        )
        return replace(shown, replaces=replaces)

    def receipt(self, report: Report, receipt: Receipt, language: Language) -> Reply:
        number = receipt.case.number
        parts: list[Part] = [Paragraph(self._say("report_sent", language, number=number))]
        if receipt.gathered:
            parts.append(Paragraph(self._say("report_gathered", language)))
        at = receipt.answer_from.strftime(_MOMENT[language])
        key = "report_office_open" if receipt.open_now else "report_office_closed"
        parts.append(Paragraph(self._say(key, language, at=at, phone=self._phone())))
        parts.append(Pick(self._say("report_mistake", language), Cancel(report.id)))
        return private(language, *parts, manner=Manner.REPLACE, about=report.id)

    def cancelled(self, report: Report, cancelled: Cancelled | None, language: Language) -> Reply:
        if cancelled is None:
            said = self._say("report_was_cancelled", language, number=report.case)
        elif cancelled.corrected:
            to = ", ".join(cancelled.corrected)
            said = self._say("report_corrected", language, number=report.case, recipients=to)
        else:
            said = self._say("report_cancelled", language)
        return private(language, Paragraph(said), manner=Manner.REPLACE, about=report.id)

    def data(self, reports: Sequence[Report], cases: Mapping[str, Case | None], language: Language) -> tuple[Part, ...]:
        """What is kept of somebody's reports, for how long, and what erasing does to them."""
        if not reports:
            return ()
        lines = tuple(self._line(report, cases.get(report.case), language) for report in reports)
        days = {"drafts": DRAFTS_KEPT.days, "cases": self._kept.cases, "files": self._kept.files}
        return (
            Paragraph(self._say("data_reports", language)),
            Bullets(lines),
            Paragraph(self._say("data_reports_kept", language, **days)),
            Paragraph(self._say("data_reports_erasing", language)),
        )

    def _line(self, report: Report, case: Case | None, language: Language) -> str:
        number = report.case or "–"
        at = (report.sent_at or report.at).astimezone(self._zone).strftime(_DAY[language])
        if report.state is ReportState.DRAFT:
            return self._say("data_report_draft", language, number=number, at=at)
        if report.state is ReportState.CANCELLED or case is None:
            return self._say("data_report_cancelled", language, number=number, at=at)
        state = self._say(f"state_{case.state.value}", language)
        line = self._say("data_report_sent", language, number=number, at=at, state=state)
        return f"{line} {self._say('data_report_forgetting', language)}" if report.forgetting else line


def private(language: Language, *parts: Part, manner: Manner = Manner.SAY, about: int = 0) -> Reply:
    return Reply((Answer(Outcome.NOTICE, parts, language, audience=Audience.ONLY_YOU),), manner, about=about)
