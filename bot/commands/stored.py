"""What the commands about stored things share: a transaction, times as people read them, sheets for spreadsheets."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from bot.commands import settings_of_call

if TYPE_CHECKING:
    from rich.table import Table

    from bot.core.ports import Work
    from bot.service.reporting import Reporting

T = TypeVar("T")
Row = Mapping[str, Any]

PIPED = 250  # characters: nothing is cut for whoever searches the output
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def in_a_folder(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    """A file to be written has to have a folder: told before the work, not after it."""
    if path and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}")
    return path


WRITABLE = click.Path(dir_okay=False, writable=True, path_type=Path)

since = click.option(
    "--since",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what happened on this day or later.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
as_csv = click.option("--csv", "as_csv", is_flag=True, help="As CSV, for a spreadsheet.")
output = click.option(
    "--output", type=WRITABLE, callback=in_a_folder, help="Write into this file; to standard output where unset."
)


def reporting() -> Reporting:
    """The conversation about reports, with the settings and the knowledge of this call."""
    from bot import compose, compose_alerts

    settings = settings_of_call()
    shelf = compose.shelf(settings)
    return compose_alerts.reporting(settings, lambda: shelf.assistant, compose.now)


def transaction(task: Callable[[Work], Awaitable[T]]) -> T:
    """What the task returns, done as one transaction."""
    from bot import compose

    async def run() -> T:
        async with compose.opened_store(settings_of_call()) as store, store.work() as work:
            return await task(work)

    return asyncio.run(run())


def zone() -> ZoneInfo:
    return ZoneInfo(settings_of_call().timezone)


def start_of(day: datetime | None) -> datetime | None:
    """When the day given as --since begins, where people are."""
    return day.replace(tzinfo=zone()) if day else None


def date(moment: datetime | None) -> str:
    """A time as people read it where they are; empty for none."""
    return moment.astimezone(zone()).isoformat(sep=" ", timespec="minutes")[:16] if moment else ""


def row(values: Mapping[str, Any], columns: Sequence[str]) -> Row:
    """These columns of it, as values that JSON and CSV know."""
    return {name: _plain(values[name]) for name in columns}


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    file = io.StringIO(newline="")
    sheet = csv.writer(file)
    sheet.writerow(columns)
    sheet.writerows([cell(value) for value in one.values()] for one in rows)
    return file.getvalue()


def cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, which could run what a stranger typed."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text


def write_csv(text: str, path: Path | None) -> None:
    """Into the file, with the mark by which spreadsheets see that it is UTF-8, or to standard output."""
    if path:
        path.write_text(text, encoding="utf-8-sig", newline="")
    else:
        click.echo(text.encode(), nl=False)


def write_json(value: object, path: Path | None) -> None:
    if path:
        path.write_text(json_text(value) + "\n", encoding="utf-8")
    else:
        click.echo(json_text(value))


def table(*headings: str, right: Iterable[str] = ()) -> Table:
    """An empty table in the manner of all commands; the headings in `right` are those of numbers."""
    from rich.table import Table

    made = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left")
    return made


def grid(first: int) -> Table:
    """Two columns without headings, the first so wide; the second's lines stay below each other."""
    from rich.table import Table

    made = Table.grid(padding=(0, 1), pad_edge=False)
    made.add_column(width=first)
    made.add_column()
    return made


def print_on_screen(thing: object) -> None:
    """Fitted to the screen; into a pipe or a file as wide as it is."""
    from rich.console import Console

    Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED).print(thing)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return date(value)
        case Enum():
            return value.value
        case _:
            return value
