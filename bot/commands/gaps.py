"""`guidebot gaps`: what people asked and the guide doesn't answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from bot.commands import settings_of_call

if TYPE_CHECKING:
    from bot.core.ports import Asked, Gap, Work

T = TypeVar("T")

STATUSES = ("open", "answered", "duplicate", "outside")
COLUMNS = ("id", "status", "text", "language", "times", "people", "opened_at", "last_at", "closed_at", "entry")
BY = "the command line"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")

_since = click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those asked on this day or later.")
_status = click.option("--status", type=click.Choice(STATUSES), help="Only those of this status.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Read and close unanswered questions.")
def gaps() -> None:
    """Read and close the gaps: questions that the guide doesn't answer, gathered by what they ask."""


@gaps.command("list", short_help="List the gaps, most asked first.")
@_since
@_status
@_json
def list_(since: datetime | None, status: str | None, *, as_json: bool) -> None:
    """List the gaps, most asked first: how often, by how many people, and when last."""
    found = _gaps(since, status)
    if as_json:
        click.echo(json.dumps([_row(gap) for gap in found], ensure_ascii=False, indent=2))
    elif found:
        _print_table(found)
    else:
        click.echo("No gap.")


@gaps.command(short_help="Show a gap and its questions.")
@click.argument("gap", metavar="ID", type=int)
@_json
def show(gap: int, *, as_json: bool) -> None:
    """Show a gap and the questions in it, as far as their texts are still kept."""

    async def read(work: Work) -> tuple[Gap, Sequence[Asked]]:
        return await _existing(work, gap), await work.gap_questions(gap)

    found, questions = _work(read)
    if as_json:
        asked = [{"at": _date(one.at), "language": one.language, "text": one.text} for one in questions]
        click.echo(json.dumps({**_row(found), "questions": asked}, ensure_ascii=False, indent=2))
        return
    _print_table([found])
    for one in questions:
        click.echo(f"  {_date(one.at)}  {one.text or '(no longer kept)'}")


@gaps.command()
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, which is the only form so far.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Into this file.")
@_since
@_status
def export(since: datetime | None, status: str | None, output: Path | None, *, as_csv: bool) -> None:
    """Write the gaps as CSV, for a spreadsheet."""
    if not as_csv:
        raise click.UsageError("Say --csv.")
    text = _csv(_gaps(since, status))
    if output:
        output.write_text(text, encoding="utf-8-sig", newline="")  # the mark by which spreadsheets see that it is UTF-8
    else:
        click.echo(text.encode(), nl=False)


@gaps.command(short_help="Close a gap.")
@click.argument("gap", metavar="ID", type=int)
@click.option("--as", "status", type=click.Choice(STATUSES[1:]), required=True, help="How it is settled.")
@click.option("--entry", default="", help="The entry that answers it now.")
def close(gap: int, status: str, entry: str) -> None:
    """Close a gap: it is answered by now, the duplicate of another, or outside the guide's subject."""
    if entry:
        _check_entry(entry)

    async def end(work: Work) -> bool:
        await _existing(work, gap)
        return await work.close_gap(gap, status, by=BY, entry=entry)

    if not _work(end):
        raise click.ClickException(f"gap {gap} is closed already")
    click.echo(f"Gap {gap} is closed: {status}.")


@gaps.command(short_help="Move a gap's questions to another.")
@click.argument("gap", metavar="ID", type=int)
@click.argument("into", metavar="INTO", type=int)
def merge(gap: int, into: int) -> None:
    """Close gap ID as a duplicate, and move its questions to gap INTO."""

    async def join(work: Work) -> bool:
        await _existing(work, into)
        await _existing(work, gap)
        return await work.close_gap(gap, "duplicate", by=BY, into=into)

    if not _work(join):
        raise click.ClickException(f"gap {gap} can't be merged into {into}: it is closed already, or the same")
    click.echo(f"Gap {gap} is now part of gap {into}.")


@gaps.command(short_help="Erase what is past its time.")
def purge() -> None:
    """Erase what is past its time (QUESTION_TEXT_DAYS, GAP_DAYS), as `guidebot serve` does every day."""
    from bot import compose

    settings = settings_of_call()

    async def erase() -> None:
        async with compose.opened_store(settings) as store:
            erased = await compose.purge(store, settings)
        for kind, number in sorted(erased.items()):
            click.echo(f"{kind}: {number}")

    asyncio.run(erase())


def _work(task: Callable[[Work], Awaitable[T]]) -> T:
    """What the task returns, done as one transaction."""
    from bot import compose

    async def run() -> T:
        async with compose.opened_store(settings_of_call()) as store, store.work() as work:
            return await task(work)

    return asyncio.run(run())


def _gaps(since: datetime | None, status: str | None) -> Sequence[Gap]:
    start = since.replace(tzinfo=_zone()) if since else None
    return _work(lambda work: work.gaps(since=start, status=status or ""))


async def _existing(work: Work, number: int) -> Gap:
    found = await work.gap(number)
    if found is None:
        raise click.ClickException(f"there is no gap {number}")
    return found


def _check_entry(entry: str) -> None:
    from bot.adapters import knowledge_files

    if entry not in knowledge_files.load(settings_of_call().knowledge_dir).entries:
        raise click.BadParameter(f"there is no entry {entry} in the knowledge", param_hint="--entry")


def _row(gap: Gap) -> dict[str, Any]:
    values = asdict(gap)
    return {name: _date(value) if isinstance(value := values[name], datetime) else value for name in COLUMNS}


def _date(moment: datetime) -> str:
    return moment.astimezone(_zone()).isoformat(sep=" ", timespec="minutes")[:16]


def _zone() -> ZoneInfo:
    return ZoneInfo(settings_of_call().timezone)


def _csv(found: Sequence[Gap]) -> str:
    import csv
    import io

    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    table.writerows([[_cell(value) for value in _row(gap).values()] for gap in found])
    return file.getvalue()


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, which could run what a stranger typed."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text


def _print_table(found: Sequence[Gap]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("gap", "status", "asked", "people", "last", "question", box=None, header_style="bold", pad_edge=False)
    for column in (0, 2, 3):
        table.columns[column].justify = "right"
    for gap in found:
        text = Text(gap.text or "(no longer kept)", style="" if gap.status == "open" else "dim")
        table.add_row(str(gap.id), gap.status, str(gap.times), str(gap.people), _date(gap.last_at), text)
    Console(highlight=False).print(table)
