"""What `guidebot alerts` prints of cases: their table, and one with all that is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.commands import stored
from bot.core.alert_ports import LetterKind, LetterState
from bot.core.alerts import Case, CaseState, HistoryLine, Report
from bot.core.mail import several_lines

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from bot.commands.alerts import CaseFile

_WORST_FIRST = ("dead", "queued", "sent", "withdrawn")
_STYLES = {"open": "bold yellow", "taken": "yellow", "dead": "bold red", "queued": "yellow", "late": "red"}
_LIVE = (CaseState.OPEN, CaseState.TAKEN)


def mail(letters: Sequence[LetterState]) -> str:
    """How far the mails to the press office are: the state of the one that is worst off, empty where there is none."""
    states = {letter.state for letter in letters if letter.kind is LetterKind.PRESS}
    return next((state for state in _WORST_FIRST if state in states), "")


def table(found: Sequence[tuple[Case, Sequence[LetterState]]]) -> Table:
    from rich.text import Text

    shown = stored.table("alert", "state", "mail", "reports", "last report", "by", "post", right=("reports",))
    for column in shown.columns:
        column.no_wrap, column.overflow = column.header != "post", "fold"
    for case, letters in found:
        at, by = (
            stored.date(case.last_report_at or case.opened_at),
            (case.closed_by or case.taken_by).rpartition(":")[2],
        )
        shown.add_row(
            case.number,
            Text.assemble(
                _styled(case.end or case.state, case.state), (" urgent" if _presses(case) else "", "bold red")
            ),
            _styled(mail(letters)),
            str(case.reports),
            at,
            by,
            Text(case.link or case.platform),
            style="" if case.state in _LIVE else "dim",
        )
    return shown


def print_file(found: CaseFile) -> None:
    """The whole case, in the order in which somebody asks: what, who, how far, what happened."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in _head(found.case):
        console.print(line)
    for title, lines in (
        ("Reports", [line for report in found.reports for line in _report(report)]),
        ("Letters", [line for letter in found.letters for line in _letter(letter)]),
        ("History", [_history(line) for line in found.history]),
    ):
        console.print(Text(f"\n{title}", style="bold"))
        for line in lines or [Text("  none", style="dim")]:
            console.print(line)


def as_json(found: CaseFile) -> Mapping[str, Any]:
    return {
        "reports": [_report_values(report) for report in found.reports],
        "letters": [_letter_values(letter) for letter in found.letters],
        "history": [
            {"at": stored.date(line.at), "who": line.who, "what": line.what, "words": line.words}
            for line in found.history
        ],
    }


def _presses(case: Case) -> bool:
    return case.urgent and case.state in _LIVE


def _styled(word: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(word, style=_STYLES.get(style or word, ""))


def _head(case: Case) -> Iterator[Text]:
    from rich.text import Text

    state = f"{case.state.value}: {case.end.value}" if case.end else case.state.value
    urgent = (", urgent", "bold red") if case.urgent else ""
    yield Text.assemble((f"Alert {case.number}", "bold"), "  ", _styled(state, case.state), urgent)
    yield Text(f"  {case.link or 'no link'}" + (f"  ({case.platform})" if case.platform else ""))
    reports = f"{case.reports} report{'' if case.reports == 1 else 's'}"
    yield Text(f"  {reports}, the last {stored.date(case.last_report_at) or 'not sent yet'}")
    if case.linked:
        yield Text(f"  follows alert {case.linked}")
    if case.taken_at:
        yield Text(f"  taken {stored.date(case.taken_at)} by {case.taken_by}")
    if case.closed_at:
        yield Text(f"  ended {stored.date(case.closed_at)} by {case.closed_by}")


def _report(report: Report) -> Iterator[Text]:
    from rich.text import Text

    values = _report_values(report)
    gathered = ", with others in one mail" if report.gathered else ""
    yield Text(f"  {report.ordinal}  {values['at']}  {values['state']}{gathered}  {values['author']}")
    yield Text(f"     seen {values['seen']}" + (", urgent" if report.account.urgent else ""), style="dim")
    for line in several_lines(report.account.said).splitlines():
        yield Text(f"     {line}")
    for file in values["files"]:
        yield Text(f"     file: {file}", style="dim")


def _report_values(report: Report) -> dict[str, Any]:
    account, author = report.account, report.author
    address = f"{author.address.platform}:{author.address.user}" if author.address.platform else ""
    known = " ".join(part for part in (author.name, author.mail and f"<{author.mail}>", address) if part)
    return {
        "ordinal": report.ordinal,
        "state": report.state.value,
        "at": stored.date(report.sent_at or report.at),
        "author": known or "(no longer kept)",
        "seen": f"{account.seen_on.isoformat()} {account.seen_at}".rstrip(),
        "urgent": account.urgent,
        "said": account.said,
        "link": account.link,
        "files": [f"{file.name} ({file.size:,} bytes)" for file in report.attachments],
    }


def _letter(letter: LetterState) -> Iterator[Text]:
    from rich.text import Text

    values = _letter_values(letter)
    tries = f"{letter.attempts} tr{'y' if letter.attempts == 1 else 'ies'}"
    when = {"sent": f", {values['sent_at']}", "queued": f", next {values['next_at']}"}.get(letter.state, "")
    yield Text.assemble(f"  {letter.id}  ", _styled(letter.state), f"  to {values['to']}  {tries}{when}")
    yield Text(f"     {values['what']}", style="dim")
    if letter.last_error and letter.state != "sent":
        yield Text(f"     last error: {several_lines(letter.last_error)}", style="red")


def _letter_values(letter: LetterState) -> dict[str, Any]:
    return {
        "id": letter.id,
        "to": letter.address.user or "(no longer kept)",
        "kind": letter.kind.value,
        "what": letter.mail.subject if letter.mail else letter.key,
        "message_id": letter.mail.message_id if letter.mail else "",
        "state": letter.state,
        "attempts": letter.attempts,
        "queued_at": stored.date(letter.created_at),
        "next_at": stored.date(letter.next_at) if letter.state == "queued" else "",
        "sent_at": stored.date(letter.sent_at),
        "last_error": letter.last_error,
    }


def _history(line: HistoryLine) -> Text:
    from rich.text import Text

    words = f"  {several_lines(line.words)}" if line.words else ""
    return Text.assemble(f"  {stored.date(line.at)}  {line.who or '–'}  ", _styled(line.what), words)
