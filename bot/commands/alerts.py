"""`guidebot alerts`: the cases that reports of harmful posts have opened, for operators with a shell."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from bot.commands import settings_of_call, stored
from bot.core.alerts import Case, CaseEnd, CaseState, HistoryLine, Report, case_number
from bot.core.errors import GuidebotError
from bot.core.mail import one_line

if TYPE_CHECKING:
    from bot.core.actions import CloseCase, TakeCase
    from bot.core.alert_ports import LetterState
    from bot.core.ports import Work

COLUMNS = (
    *("number", "state", "end", "urgent", "platform", "link", "reports", "linked", "opened_at", "last_report_at"),
    *("taken_at", "taken_by", "closed_at", "closed_by"),
)
OPERATOR = "operator"  # stands before a name in a case's history, where others have their platform
LONGEST_NAME = 60
ENDS = {end.value.replace(" ", "-"): end for end in CaseEnd}

_UNTAKEN = {
    CaseState.DRAFT: "is a draft: its author has not sent it",
    CaseState.TAKEN: "is taken already, by {case.taken_by}",
    CaseState.CLOSED: "is closed already, by {case.closed_by}",
    CaseState.CANCELLED: "was cancelled by whoever reported it",
}


class CaseFile(NamedTuple):
    """All that is kept of a case."""

    case: Case
    reports: Sequence[Report]
    letters: Sequence[LetterState]
    history: Sequence[HistoryLine]


def _number_of(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    found = re.fullmatch(r"(\d{4})-(\d{1,6})", value.strip())
    if found is None:
        raise click.BadParameter(f"{value!r} is no number of an alert; 2026-014 is one.")
    return case_number(int(found[1]), int(found[2]))


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return str(os.getuid())


_number = click.argument("number", metavar="NUMBER", callback=_number_of)
_status = click.option(
    "--status", type=click.Choice([state.value for state in CaseState]), help="Only those; drafts only when asked for."
)
_by = click.option(
    "--by",
    metavar="NAME",
    default=_operator,
    callback=lambda _ctx, _param, name: one_line(name, LONGEST_NAME),
    help="Who acts, for the history and the card; the name you are logged in by if unset.",
)


@click.group(short_help="Follow the alerts that reports have opened.")
def alerts() -> None:
    """Follow the alerts: the cases that reports of harmful posts have opened.

    What is done here has the same effect as on the card in the alerts channel: the history tells who did it, and the
    running bot tells the reporters. NUMBER is an alert's number, such as 2026-014.
    """


@alerts.command("list", short_help="List the alerts, latest first.")
@stored.since
@_status
@stored.as_json
def list_(since: datetime | None, status: str | None, *, as_json: bool) -> None:
    """List the alerts, latest first, and where their mails to the press office are."""
    from bot.commands import alert_words

    found = stored.transaction(lambda work: _with_letters(work, since, status))
    if as_json:
        click.echo(stored.json_text([{**_row(case), "mail": alert_words.mail(letters)} for case, letters in found]))
    elif found:
        stored.print_on_screen(alert_words.table(found))
    else:
        click.echo("No alert.")


@alerts.command(short_help="Show an alert with its whole history.")
@_number
@stored.as_json
def show(number: str, *, as_json: bool) -> None:
    """Show an alert: its reports, its letters and how far they came, and who did what, when."""
    from bot.commands import alert_words

    found = stored.transaction(lambda work: _file(work, number))
    if as_json:
        click.echo(stored.json_text({"alert": _row(found.case), **alert_words.as_json(found)}))
    else:
        alert_words.print_file(found)


@alerts.command(short_help="Note that you take an alert.")
@_number
@_by
def take(number: str, by: str) -> None:
    """Take an open alert: its reporters are told that the press office deals with it."""
    from bot.core.actions import TakeCase

    _handle(TakeCase(number), by, "taken")


@alerts.command(short_help="Close an alert.")
@_number
@click.option("--as", "end", type=click.Choice(list(ENDS)), required=True, help="How it ended; its reporters are told.")
@_by
def close(number: str, end: str, by: str) -> None:
    """Close an alert: it was handled, was known already, needs no action, or was a mistake."""
    from bot.core.actions import CloseCase

    _handle(CloseCase(number, ENDS[end].value), by, f"closed: {ENDS[end].value}")


@alerts.command(short_help="Send an alert's mails again.")
@_number
@click.option("--letter", metavar="ID", type=int, help="That one, though it has arrived: `alerts show` has the ids.")
@_by
def resend(number: str, letter: int | None, by: str) -> None:
    """Put an alert's dead mails back into the queue, or send one again that has arrived.

    It is the same mail, with the same Message-ID: mail programs see that it is no new one.
    """

    async def again(work: Work) -> tuple[Sequence[str], Sequence[LetterState]]:
        await _existing(work, number)
        before = await work.case_letters(number)
        return await work.resend(number, who=f"{OPERATOR}:{by}", letter=letter), before

    addresses, before = stored.transaction(again)
    if not addresses:
        raise click.ClickException(_why_not_again(number, letter, before))
    dead = any(one.state == "dead" for one in before if letter in {None, one.id})
    what = "back in the queue, with a fresh start" if dead else "in the queue once more, with the same Message-ID"
    click.echo(f"Alert {number}: the mail to {', '.join(addresses)} is {what}.")
    _say_who_sends()


@alerts.command(short_help="Write the alerts as CSV or JSON.")
@stored.as_csv
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@stored.output
@stored.since
@_status
def export(since: datetime | None, status: str | None, output: Path | None, *, as_csv: bool, as_json: bool) -> None:
    """Write the alerts as CSV, for a spreadsheet, or as JSON: states, dates and links, without persons' reports."""
    if as_csv == as_json:
        raise click.UsageError("Say --csv or --json.")
    rows = [_row(case) for case in stored.transaction(lambda work: _some(work, since, status))]
    if as_csv:
        stored.write_csv(stored.csv_text(COLUMNS, rows), output)
    else:
        stored.write_json(rows, output)


def _handle(action: TakeCase | CloseCase, by: str, done: str) -> None:
    """What the card's buttons do, said by the operator; and the card is shown anew."""
    cases = stored.reporting().cases

    async def handle(work: Work) -> tuple[int, bool]:
        case = await _existing(work, action.case)
        handled = await cases.handle(work, action, f"{OPERATOR}:{by}")
        if handled is None or handled.told is None:
            raise GuidebotError(f"alert {case.number} {_UNTAKEN[case.state].format(case=case)}")
        return handled.told, await cases.show_card(work, handled.case, handled.case.state.value)

    told, shown = stored.transaction(handle)
    click.echo(f"Alert {action.case} is {done}.")
    if told:
        click.echo(f"{told} reporter{'s' if told > 1 else ''} will be told by the running bot.")
    if shown:
        click.echo("Its card is shown anew in the alerts channel.")


async def _existing(work: Work, number: str) -> Case:
    found = await work.case(number)
    if found is None:
        raise GuidebotError(f"there is no alert {number}; `guidebot alerts list` shows those that there are")
    return found


async def _some(work: Work, since: datetime | None, status: str | None) -> Sequence[Case]:
    start = stored.start_of(since)
    found = await work.cases(CaseState(status) if status else None)
    return [case for case in found if start is None or (case.last_report_at or case.opened_at) >= start]


async def _with_letters(
    work: Work, since: datetime | None, status: str | None
) -> Sequence[tuple[Case, Sequence[LetterState]]]:
    return [(case, await work.case_letters(case.number)) for case in await _some(work, since, status)]


async def _file(work: Work, number: str) -> CaseFile:
    case = await _existing(work, number)
    history, letters = await work.history(number), await work.case_letters(number)
    return CaseFile(case, await work.case_reports(number), letters, history)


def _why_not_again(number: str, letter: int | None, letters: Sequence[LetterState]) -> str:
    """Why nothing was sent again, and what to do."""
    if letter is None:
        return (
            f"alert {number} has no dead mail, so nothing was done. To send one again that has arrived, name it: "
            f"guidebot alerts resend {number} --letter ID (`guidebot alerts show {number}` has the ids)"
        )
    states = {one.id: one.state for one in letters}
    match states.get(letter):
        case None:
            return f"alert {number} has no letter {letter}; `guidebot alerts show {number}` has the ids"
        case "queued":
            return f"letter {letter} waits in the queue already; `guidebot alerts show {number}` says what for"
        case "withdrawn":
            return f"letter {letter} was withdrawn by its author, and is not sent"
        case _:
            return f"the content of letter {letter} is no longer kept, so it can't be sent again"


def _say_who_sends() -> None:
    if not settings_of_call().smtp_host:
        click.echo("SMTP_HOST is not set: it waits until a bot runs that has a mail server.")


def _row(case: Case) -> stored.Row:
    return stored.row(asdict(case), COLUMNS)
