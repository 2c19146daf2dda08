"""`guidebot doctor`: is everything around the bot as it has to be, and if not, what is to be changed?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import click

from bot.commands import stored
from bot.core.findings import Examined, Level

_STYLES = {Level.OK: "green", Level.OFF: "dim", Level.WARNING: "bold yellow", Level.WRONG: "bold red"}
_WIDTH = max(len(level) for level in Level)


@click.command(short_help="Check settings, database, platforms and mail.")
@stored.as_json
def doctor(*, as_json: bool) -> None:
    """Check everything that the bot needs, and say what is wrong, what that means, and how to mend it.

    It looks at every setting, the knowledge, the database, the folders, the proxy, Slack, Mattermost and the mail
    server. Nothing is changed and nothing is sent; no secret is printed. What is not set up is "off", which is no
    fault. The exit status is 1 where something is wrong.
    """
    from bot import compose_doctor, settings
    from bot.logs import Veil
    from bot.service.examining import examine

    found, complaints = settings.load_what_makes_sense()
    looking = examine(compose_doctor.checks(found, complaints), unhurried=compose_doctor.UNHURRIED)
    with _patience():
        examined = _veiled(asyncio.run(looking), Veil(found.secrets()))
    if as_json:
        click.echo(stored.json_text([_row(one) for one in examined]))
    else:
        _print(examined)
    if any(finding.level is Level.WRONG for one in examined for finding in one.findings):
        raise SystemExit(1)


def _patience() -> AbstractContextManager[object]:
    """A sign of life for whoever waits at a terminal."""
    from rich.console import Console

    return Console(stderr=True).status("Looking at everything, for up to ten seconds…")


def _veiled(examined: Sequence[Examined], veil: Callable[[str], str]) -> Sequence[Examined]:
    """What others answer may quote what they were told: no secret is printed, whoever let it out."""
    return [
        Examined(one.area, tuple(replace(found, said=veil(found.said)) for found in one.findings)) for one in examined
    ]


def _row(one: Examined) -> stored.Row:
    found = [{"level": found.level.value, "said": found.said, "mend": found.mend} for found in one.findings]
    return {"area": one.area, "findings": found}


def _print(examined: Sequence[Examined]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for one in examined:
        console.print(Text(one.area, style="bold"))
        for found in one.findings:
            table = stored.grid(_WIDTH)
            table.add_row(Text(found.level, style=_STYLES[found.level]), Text(found.said))
            if found.mend:
                table.add_row("", Text(f"→ {found.mend}", style="cyan"))
            console.print(Padding(table, (0, 0, 0, 2)))
    console.print(Text(f"\n{_summary(examined)}", style="bold"))


def _summary(examined: Sequence[Examined]) -> str:
    counted = Counter(finding.level for one in examined for finding in one.findings)
    wrong, warnings = counted[Level.WRONG], counted[Level.WARNING]
    if not wrong and not warnings:
        return "All is well."
    said = {1: "One thing is wrong"}.get(wrong, f"{wrong} things are wrong") if wrong else "Nothing is wrong"
    return said + (f"; {warnings} warning{'' if warnings == 1 else 's'}." if warnings else ".")
