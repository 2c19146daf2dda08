"""`guidebot knowledge confusions`: the phrasings that are taken for something else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from bot.commands import nearest, settings_of_call

if TYPE_CHECKING:
    from bot.service.confusions import Confusion, Pair

_PROCESSES = 2
_SHOWN = 20  # pairs and phrasings of a table, unless told otherwise

# The file and line of a phrasing, by what it stands under and its text.
Lines = Mapping[tuple[str, str], str]


@click.command(short_help="List the phrasings taken for another entry.")
@click.option("--entry", metavar="ID", help="Only what this entry or topic takes from others, or loses to them.")
@click.option("--most", type=click.IntRange(min=1), metavar="N", help=f"How many of each; {_SHOWN}, or all in JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def confusions(*, entry: str | None, most: int | None, as_json: bool) -> None:
    """List the pairs of entries that phrasings mix up, and the phrasings that are closer to another entry.

    Each phrasing is asked back of an index that holds neither it nor its like. For each that is taken for something
    else you see where it stands, what takes it and with what probability, its own entry's, and what the bot would
    do: an answer is then a wrong one. It takes a minute or two.
    """
    from bot.adapters import knowledge_files
    from bot.adapters.knowledge_lines import phrasing_lines
    from bot.core.asked import ANY_PLACE
    from bot.service.confusions import confusions as asked_back
    from bot.service.confusions import pairs

    folder = settings_of_call().knowledge_dir
    known = knowledge_files.load(folder)
    ids = {*known.entries, *known.topics, *known.courtesies, known.report.id, ANY_PLACE}
    if entry is not None and entry not in ids:
        raise click.ClickException(f"there is no entry {entry}{nearest(entry, ids)}")
    found = asked_back(known, lambda said: click.echo(said, err=True), processes=_PROCESSES)
    kept = [one for one in found if entry in (None, one.bearer, one.taker)]
    (_print_json if as_json else _print_tables)(kept, pairs(kept), phrasing_lines(folder), most)


def _print_json(found: Sequence[Confusion], mixed: Sequence[Pair], lines: Lines, most: int | None) -> None:
    listed = [asdict(one) | {"line": lines.get((one.bearer, one.text), "")} for one in found[:most]]
    click.echo(json.dumps({"pairs": [asdict(pair) for pair in mixed[:most]], "phrasings": listed}, ensure_ascii=False))


def _print_tables(found: Sequence[Confusion], mixed: Sequence[Pair], lines: Lines, most: int | None) -> None:
    shown = most or _SHOWN
    wide = max((len(pair.first) for pair in mixed[:shown]), default=0)
    for pair in mixed[:shown]:
        click.echo(f"{pair.lost:>4} → {pair.gained:>4} ←  {pair.first:<{wide}}  {pair.second}")
    for one in found[:shown]:
        click.echo(f"\n{lines.get((one.bearer, one.text), '')}  « {one.text} »")
        click.echo(f"    {one.bearer} {one.own:.2f} → {one.taker} {one.likely:.2f} ({one.outcome.value})")
    rest = "" if len(found) <= shown else f"; the {shown} likeliest are shown, --most N shows more"
    click.echo(f"\n{len(found)} phrasings are closer to something else, {len(mixed)} pairs{rest}.")
