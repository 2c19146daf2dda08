"""`guidebot knowledge`: is what the bot knows whole and sound?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import nearest, settings_of_call
from bot.commands.confusions import confusions
from bot.commands.fitting import fit

if TYPE_CHECKING:
    from bot.core.knowledge import Courtesy, Entry, Knowledge, Topic

THIN = 20  # phrasings in one language: an entry with fewer is asked for in ways that nobody wrote down


@click.group()
def knowledge() -> None:
    """Check, count and show what the bot knows."""


knowledge.add_command(fit)
knowledge.add_command(confusions)


@knowledge.command(short_help="List every problem of the files.")
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the ids that must be there, one a line; tests/knowledge/ids.txt in a checkout.",
)
def check(ids: Path | None) -> None:
    """List every problem of the files, with file and line; exit 1 if there is one."""
    from datetime import UTC, datetime

    from bot.adapters import knowledge_files
    from bot.settings import ROOT

    folder = settings_of_call().knowledge_dir
    if not folder.is_dir():
        raise click.ClickException(f"KNOWLEDGE_DIR: there is no folder {folder}")
    list_of_ids = ids or ROOT / "tests" / "knowledge" / "ids.txt"
    wanted = list_of_ids.read_text(encoding="utf-8").split() if list_of_ids.is_file() else []
    problems, warnings = knowledge_files.check(folder, ids=wanted, today=datetime.now(UTC).date())
    for problem in problems:
        click.echo(str(problem))
    for warning in warnings:
        click.echo(f"{warning} (a warning)")
    if problems:
        raise click.ClickException(f"{_many(len(problems), 'problem')} in {folder}")
    click.echo(f"The knowledge is sound ({_many(len(warnings), 'warning')}).")


@knowledge.command(short_help="Count the phrasings of each entry.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def stats(*, as_json: bool) -> None:
    """Count the phrasings of each entry, and point out where there are few."""
    from bot.adapters import knowledge_files

    rows = list(_counted(knowledge_files.load(settings_of_call().knowledge_dir)))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    _print_table(rows)


@knowledge.command(short_help="Show an entry as the bot answers it.")
@click.argument("entry", metavar="ID")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="In which language.")
@click.option("--phrasings", is_flag=True, help="Its ways of asking as well.")
def show(entry: str, lang: str, *, phrasings: bool) -> None:
    """Show an entry (guide/…, glossary/…, contact/…) as the bot answers it."""
    from bot import compose
    from bot.adapters import knowledge_files
    from bot.chat.terminal_drawing import console, draw_answers

    settings = settings_of_call()
    shelf = compose.shelf(settings)
    known = shelf.assistant.knowledge.entries
    if entry not in known:
        raise click.ClickException(f"there is no entry {entry}{nearest(entry, known)}")
    draw_answers((shelf.assistant.show(entry, "en" if lang == "en" else "fr"),), shelf.say, console())
    found = knowledge_files.load(settings.knowledge_dir).entries[entry].phrasings if phrasings else {}
    for language, texts in found.items():
        click.echo(f"\n{language}:\n" + "\n".join(f"  {text}" for text in texts))


@knowledge.command(short_help="Write the JSON Schemas for editors.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a file is not up to date.")
def schema(*, only_check: bool) -> None:
    """Write the JSON Schemas by which editors check the files as one types (docs/schema/)."""
    from bot.adapters.knowledge_schema import FILES
    from bot.settings import ROOT

    stale = []
    for name, form in FILES.items():
        path = ROOT / "docs" / "schema" / f"{Path(name).stem}.json"
        text = json.dumps(form.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
        if only_check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            stale.append(path.relative_to(ROOT))
        elif not only_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        raise click.ClickException(f"run `guidebot knowledge schema`: not up to date: {', '.join(map(str, stale))}")


def _counted(known: Knowledge) -> Iterable[dict[str, object]]:
    """A row for everything that has phrasings; the delegations share theirs, which stand in a row of their own."""
    shared = {entry.id for entry in known.delegations}
    bearers: list[Entry | Topic | Courtesy] = [
        *known.entries.values(),
        *known.topics.values(),
        *known.courtesies.values(),
        known.report,
    ]
    for bearer in bearers:
        fr, en = len(bearer.phrasings["fr"]), len(bearer.phrasings["en"])
        yield {"id": bearer.id, "fr": fr, "en": en, "thin": bearer.id not in shared and min(fr, en) < _least(bearer.id)}
    yield {"id": "contact/ ({place})", "fr": len(known.ways["fr"]), "en": len(known.ways["en"]), "thin": False}


def _least(bearer: str) -> int:
    """How many phrasings a language should have: a guide section needs the most, a topic outside it a few."""
    return {"guide": THIN, "glossary": 12, "contact": 12, "outside": 4}.get(bearer.partition("/")[0], 3)


def _print_table(rows: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("id", box=None, header_style="bold", show_footer=True)
    table.columns[0].footer = _many(len(rows), "entry", "entries")
    for language in ("fr", "en"):
        total = sum(int(str(row[language])) for row in rows)
        table.add_column(language, justify="right", footer=str(total))
    table.add_column("")
    for row in rows:
        table.add_row(str(row["id"]), str(row["fr"]), str(row["en"]), "few" if row["thin"] else "", style=_style(row))
    Console().print(table)


def _style(row: dict[str, object]) -> str | None:
    return "yellow" if row["thin"] else None


def _many(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
