"""`guidebot eval`: how good the answers are, on questions whose right answers are known."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import settings_of_call, stored
from bot.commands.ask import summary

if TYPE_CHECKING:
    from bot.core.assistant import Assistant
    from bot.service.evaluation import Given, Judged, Labelled
    from bot.service.figures import Figure

_SILENCE = 2.0  # seconds between two words of progress
_SHOWN = 150  # characters of a question in a list

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("eval", short_help="Measure how good the answers are.")
@click.argument("files", nargs=-1, required=True, type=_file, metavar="FILE...")
@click.option("--min-right", type=float, help="Exit 1 where fewer of 100 are right.")
@click.option("--max-wrong", type=float, help="Exit 1 where more of 100 are wrong.")
@click.option("--min-kept", type=float, help="Exit 1 where fewer of 100 unanswerable ones are kept.")
@click.option("--compare", type=_file, metavar="OLD", help="Show what changed since a file that --save wrote.")
@click.option(
    "--save",
    type=stored.WRITABLE,
    callback=stored.in_a_folder,
    metavar="OUT",
    help="Write each question's outcome as a line of JSON, for --compare.",
)
@click.option("--wrong", "listed", is_flag=True, help="List what was not right, with the reason.")
def evaluate(
    files: tuple[Path, ...],
    *,
    min_right: float | None,
    max_wrong: float | None,
    min_kept: float | None,
    compare: Path | None,
    save: Path | None,
    listed: bool,
) -> None:
    """Answer every labelled question of the files, and print how often that was right.

    \b
    right   the right thing at once, silence included
    found   right, or among the choices
    wrong   said with confidence and not so
    kept    of what the guide doesn't answer: left unanswered, or offered only as choices
    points  right + half of (found - right) - wrong

    Each is a percentage with its 95 % interval (bootstrap).
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
    from bot import compose
    from bot.service.evaluation import read_questions
    from bot.service.figures import figures

    questions = [question for file in files for question in read_questions(file)]
    if not questions:
        raise click.ClickException("there is no question in the files")
    assistant = compose.shelf(settings_of_call()).assistant
    rows = _answered(assistant, questions)
    if save:
        save.write_text("".join(_line(row) for row in rows), encoding="utf-8")
    if listed:
        _print_wrong(rows, assistant)
    pooled = figures(rows)
    _print_figures(pooled, rows)
    _print_calibration(rows)
    if compare:
        _print_changes(rows, compare)
    _check(pooled, {"right": min_right, "kept": min_kept}, {"wrong": max_wrong})


def _answered(assistant: Assistant, questions: Sequence[Labelled]) -> list[Judged]:
    """Every question answered as `ask --batch` does, and judged; long runs tell how far they are."""
    from bot.service.evaluation import judged

    rows, told = [], time.monotonic()
    for number, question in enumerate(questions, 1):
        rows.append(judged(question, _given(assistant, question.text)))
        if time.monotonic() - told >= _SILENCE:
            told = time.monotonic()
            click.echo(f"{number} of {len(questions)} questions…", err=True)
    return rows


def _given(assistant: Assistant, text: str) -> Given:
    from bot.core.answers import Outcome
    from bot.service.evaluation import Given

    said = summary(assistant.answer(text))
    return Given(Outcome(said["outcome"]), tuple(said["entries"]), said["confidence"])


def _line(row: Judged) -> str:
    given = row.given
    said = {"id": row.question.id, "outcome": given.outcome.value, "entries": given.entries}
    return json.dumps({**said, "confidence": given.confidence, "right": row.verdict.right}) + "\n"


def _print_figures(pooled: Mapping[str, Figure], rows: Sequence[Judged]) -> None:
    from bot.service.figures import NAMES, figures, groups

    click.echo(f"{'':<22}{'n':>5}" + "".join(f"  {name:<20}" for name in NAMES).rstrip())
    click.echo(_figures_line("all", pooled))
    for name, group in groups(rows).items():
        click.echo(_figures_line(name, figures(group)))
    asked = sum("report" in row.question.gold for row in rows)
    missed, false = sum(row.missed_report for row in rows), sum(row.false_report for row in rows)
    click.echo(f"\nreports: {missed} missed of {asked}, {false} false")


def _figures_line(name: str, found: Mapping[str, Figure]) -> str:
    from bot.service.figures import NAMES

    cells = [f"{one.value:5.1f} [{one.low:.1f}, {one.high:.1f}]" for key in NAMES if (one := found.get(key))]
    return f"{name:<22}{found['right'].of:>5}" + "".join(f"  {cell:<20}" for cell in cells).rstrip()


def _print_calibration(rows: Sequence[Judged]) -> None:
    from bot.service.figures import calibration

    click.echo(f"\n{'confidence from':<17}{'n':>5}  {'mean':>5}  {'held':>5}")
    for one in calibration(rows):
        click.echo(f"{one.least:<17.2f}{one.number:>5}  {one.confidence:5.2f}  {one.held:5.2f}")


def _print_wrong(rows: Sequence[Judged], assistant: Assistant) -> None:
    for row in rows:
        if not row.verdict.right:
            click.echo(f"{_verdict(row):<6} {_told(row)}")
            click.echo("".join(f"       {reason}\n" for reason in _reasons(assistant, row.question.text)))


def _reasons(assistant: Assistant, text: str) -> Iterator[str]:
    """For each question in the text: the phrasing that came nearest, the three best, and what is outside."""
    for asked in assistant.explain(text).questions:
        best = ", ".join(f"{option.id} {option.probability:.2f}" for option in asked.best[:3])
        yield f"« {asked.phrasing} » · {best} · outside {asked.outside:.2f} {asked.topic}".rstrip()


def _verdict(row: Judged) -> str:
    verdict = row.verdict
    return "right" if verdict.right else "WRONG" if verdict.wrong else "found" if verdict.found else "missed"


def _told(row: Judged) -> str:
    gold, asked = ",".join(sorted(row.question.gold)), row.question.text[:_SHOWN]
    return f"{row.question.id} gold={gold} got={_got(row.given)} {row.given.confidence:.2f} | {asked}"


def _got(given: Given) -> str:
    return f"{given.outcome.value}:{','.join(given.entries[:3])}".rstrip(":")


def _print_changes(rows: Sequence[Judged], path: Path) -> None:
    """What was answered otherwise before, what got worse first."""
    from bot.service.evaluation import judged, read_answers

    before = read_answers(path)
    pairs = [(judged(row.question, before[row.question.id]), row) for row in rows if row.question.id in before]
    changed = [pair for pair in pairs if _got(pair[0].given) != _got(pair[1].given)]
    changed.sort(key=lambda pair: _worth(pair[1]) - _worth(pair[0]))
    better = sum(_worth(new) > _worth(old) for old, new in changed)
    worse = sum(_worth(new) < _worth(old) for old, new in changed)
    click.echo(f"\n{len(pairs)} compared: {better} better, {worse} worse, {len(changed) - better - worse} otherwise")
    for old, new in changed:
        click.echo(f"{_verdict(old):>6} → {_verdict(new):<6} was {_got(old.given)} | {_told(new)}")


def _worth(row: Judged) -> int:
    return ["WRONG", "missed", "found", "right"].index(_verdict(row))


def _check(pooled: Mapping[str, Figure], least: Mapping[str, float | None], most: Mapping[str, float | None]) -> None:
    """Fail where a figure is beyond its limit; a figure that there is no question for fails no limit."""
    failed = [*_beyond(pooled, least, "under", lambda value, limit: value < limit)]
    failed += _beyond(pooled, most, "over", lambda value, limit: value > limit)
    if failed:
        raise click.ClickException("; ".join(failed))


def _beyond(
    pooled: Mapping[str, Figure],
    limits: Mapping[str, float | None],
    word: str,
    beyond: Callable[[float, float], bool],
) -> Iterator[str]:
    for name, limit in limits.items():
        found = pooled.get(name)
        if limit is not None and found and beyond(found.value, limit):
            yield f"{name} is {found.value:.1f}, {word} {limit:g}"
