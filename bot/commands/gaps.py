"""`guidebot gaps`: what people asked and the guide doesn't answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import settings_of_call, stored

if TYPE_CHECKING:
    from bot.core.assistant import Assistant
    from bot.core.ports import Asked, Gap, Work

STATUSES = ("open", "answered", "duplicate", "outside")
COLUMNS = ("id", "status", "text", "language", "times", "people", "opened_at", "last_at", "closed_at", "entry")
BY = "the command line"

_status = click.option("--status", type=click.Choice(STATUSES), help="Only those of this status.")


@click.group(short_help="Read and close unanswered questions.")
def gaps() -> None:
    """Read and close the gaps: questions that the guide doesn't answer, gathered by what they ask.

    ID is a gap's number, which `guidebot gaps list` shows.
    """


@gaps.command("list", short_help="List the gaps, most asked first.")
@stored.since
@_status
@stored.as_json
def list_(since: datetime | None, status: str | None, *, as_json: bool) -> None:
    """List the gaps, most asked first: how often, by how many people, and when last."""
    found = _gaps(since, status)
    if as_json:
        click.echo(stored.json_text([_row(gap) for gap in found]))
    elif found:
        _print_table(found)
    else:
        click.echo("No gap.")


@gaps.command(short_help="Show a gap and its questions.")
@click.argument("gap", metavar="ID", type=int)
@stored.as_json
def show(gap: int, *, as_json: bool) -> None:
    """Show a gap and the questions in it, as far as their texts are still kept."""

    async def read(work: Work) -> tuple[Gap, Sequence[Asked]]:
        return await _existing(work, gap), await work.gap_questions(gap)

    found, questions = stored.transaction(read)
    if as_json:
        asked = [{"at": stored.date(one.at), "language": one.language, "text": one.text} for one in questions]
        click.echo(stored.json_text({**_row(found), "questions": asked}))
        return
    _print_table([found])
    for one in questions:
        click.echo(f"  {stored.date(one.at)}  {one.text or '(no longer kept)'}")


@gaps.command(short_help="Write the gaps as CSV.")
@stored.as_csv
@stored.output
@stored.since
@_status
def export(since: datetime | None, status: str | None, output: Path | None, *, as_csv: bool) -> None:
    """Write the gaps as CSV, for a spreadsheet."""
    if not as_csv:
        raise click.UsageError("Say --csv.")
    stored.write_csv(stored.csv_text(COLUMNS, map(_row, _gaps(since, status))), output)


@gaps.command(short_help="Close a gap.")
@click.argument("gap", metavar="ID", type=int)
@click.option("--as", "status", type=click.Choice(STATUSES[1:]), required=True, help="How it is settled.")
@click.option("--entry", default="", help="The entry that answers it now, which its askers get.")
def close(gap: int, status: str, entry: str) -> None:
    """Close a gap: it is answered by now, the duplicate of another, or outside the guide's subject.

    With --entry the people who asked get that entry, on the platform where they asked, from `guidebot serve`.
    """
    if entry:
        _check_entry(entry, status)
    told = _close(gap, status, entry=entry)
    if told is None:
        raise click.ClickException(f"gap {gap} is closed already")
    click.echo(f"Gap {gap} is closed: {status}.{_who_is_told(told, status, entry)}")


@gaps.command(short_help="Move a gap's questions to another.")
@click.argument("gap", metavar="ID", type=int)
@click.argument("into", metavar="INTO", type=int)
def merge(gap: int, into: int) -> None:
    """Close gap ID as a duplicate, and move its questions to gap INTO."""
    told = _close(gap, "duplicate", into=into)
    if told is None:
        raise click.ClickException(f"gap {gap} can't be merged into {into}: it is closed already, or the same")
    click.echo(f"Gap {gap} is now part of gap {into}.{_who_is_told(told, 'duplicate', '')}")


@gaps.command(short_help="Erase what is past its time.")
def purge() -> None:
    """Erase what is past its time (QUESTION_TEXT_DAYS, GAP_DAYS), as `guidebot serve` does every day."""
    from bot import compose

    settings = settings_of_call()

    async def erase() -> None:
        async with compose.opened_store(settings) as store:
            erased = await compose.purge(store, settings, stored.reporting())
        for kind, number in sorted(erased.items()):
            click.echo(f"{kind}: {number}")

    asyncio.run(erase())


def _gaps(since: datetime | None, status: str | None) -> Sequence[Gap]:
    return stored.transaction(lambda work: work.gaps(since=stored.start_of(since), status=status or ""))


async def _existing(work: Work, number: int) -> Gap:
    found = await work.gap(number)
    if found is None:
        raise click.ClickException(f"there is no gap {number}")
    return found


def _close(gap: int, status: str, *, entry: str = "", into: int | None = None) -> int | None:
    """How many askers are told; None where it can't be closed so."""
    from bot import compose
    from bot.service.closing import close_gap

    def assistant() -> Assistant:
        return compose.shelf(settings_of_call()).assistant

    async def end(work: Work) -> int | None:
        for one in (gap, *([] if into is None else [into])):
            await _existing(work, one)
        return await close_gap(work, assistant, gap, status, by=BY, entry=entry, into=into)

    return stored.transaction(end)


def _who_is_told(told: int, status: str, entry: str) -> str:
    if told:
        return f" {told} {'person is' if told == 1 else 'people are'} told, as soon as `guidebot serve` runs."
    return " Nobody is told: --entry names what answers it." if status == "answered" and not entry else ""


def _check_entry(entry: str, status: str) -> None:
    from bot.adapters import knowledge_files

    if status != "answered":
        raise click.UsageError("--entry goes with --as answered.")
    if entry not in knowledge_files.load(settings_of_call().knowledge_dir).entries:
        raise click.BadParameter(f"there is no entry {entry} in the knowledge", param_hint="--entry")


def _row(gap: Gap) -> stored.Row:
    return stored.row(asdict(gap), COLUMNS)


def _print_table(found: Sequence[Gap]) -> None:
    from rich.text import Text

    shown = stored.table("gap", "status", "asked", "people", "last", "question", right=("gap", "asked", "people"))
    for gap in found:
        text = Text(gap.text or "(no longer kept)", style="" if gap.status == "open" else "dim")
        shown.add_row(str(gap.id), gap.status, str(gap.times), str(gap.people), stored.date(gap.last_at), text)
    stored.print_on_screen(shown)
